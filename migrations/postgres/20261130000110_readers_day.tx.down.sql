DROP INDEX readers_day;
