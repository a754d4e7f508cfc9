-- Old numbers are forgotten by their day.

CREATE INDEX readers_day ON readers (day);
