DROP TABLE identities;
DROP TABLE ceremonies;
DROP TABLE passkeys;
