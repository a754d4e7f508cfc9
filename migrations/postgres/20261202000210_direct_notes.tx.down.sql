DROP TABLE direct_notes;
