ALTER TABLE reports DROP COLUMN contact;
ALTER TABLE reports DROP COLUMN place;
ALTER TABLE reports DROP COLUMN kind;
DROP TABLE town_texts;
DROP TABLE town_pictures;
DROP TABLE town_look;
