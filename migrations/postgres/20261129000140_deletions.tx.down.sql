DROP INDEX edits_person;
DROP TABLE told;
DROP TABLE deletions;
