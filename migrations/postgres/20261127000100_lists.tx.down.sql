DROP INDEX actors_clubs;
DROP INDEX events_ends;
