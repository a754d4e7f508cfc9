DROP INDEX edits_account;
DROP TABLE told;
DROP TABLE deletions;
