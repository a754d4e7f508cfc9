ALTER TABLE alerts DROP COLUMN object_id;
DROP TABLE town_voice;
