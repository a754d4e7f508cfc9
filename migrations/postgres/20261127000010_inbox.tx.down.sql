DROP INDEX club_blocks_target;
DROP INDEX inbox_author;
