-- Since when a club that was public is archived: its actor stays readable, with a
-- note; and since when the town hall says that it knows the club.

ALTER TABLE actors ADD COLUMN archived TIMESTAMP;
ALTER TABLE clubs ADD COLUMN verified TIMESTAMP;
