-- What the law wants a club to say of itself, in its own words; '' for none.
ALTER TABLE clubs ADD COLUMN imprint TEXT NOT NULL DEFAULT '';
