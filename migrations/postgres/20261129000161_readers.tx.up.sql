-- How many read the calendar and the feeds of a club on a day: one number, and
-- nothing about who.

CREATE TABLE readers (
    actor_id TEXT    NOT NULL,
    feed     TEXT    NOT NULL, -- 'calendar' or 'feed'
    day      TEXT    NOT NULL, -- as 2027-07-10, in the zone of the town
    readers  INTEGER NOT NULL,
    PRIMARY KEY (actor_id, feed, day)
);
