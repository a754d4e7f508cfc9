-- The free places of an opportunity travel in an Update every few minutes at
-- most: untold is since when places have changed of which nobody was told, edited
-- when the words were changed last, where only places have changed since.
ALTER TABLE opportunities ADD COLUMN edited TIMESTAMP;
ALTER TABLE opportunities ADD COLUMN untold TIMESTAMP;
CREATE INDEX opportunities_untold ON opportunities (untold) WHERE untold IS NOT NULL;
