DROP INDEX edits_account;
DROP TABLE templates;
DROP TABLE drafts;
