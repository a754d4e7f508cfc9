-- Whether what stands here is still true: when somebody said so last, what its
-- editors were told since, and what readers say is wrong.
--
-- stale is 0 for what is looked after, 1 for what lists show greyed, 2 for what
-- they leave out.

ALTER TABLE objects ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
ALTER TABLE actors ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;

-- step and told count only when told is later than the last time that the
-- thing was made, changed or confirmed: nothing needs to put them back.
CREATE TABLE care (
    thing_id  TEXT      PRIMARY KEY, -- the id of an object or of a club
    confirmed TIMESTAMP,
    step      INTEGER   NOT NULL DEFAULT 0,
    told      TIMESTAMP
);

CREATE TABLE care_rules (
    name TEXT    PRIMARY KEY, -- of a kind or of a step
    days INTEGER NOT NULL     -- 0 switches a kind off
);

CREATE TABLE care_rounds (
    id TEXT      PRIMARY KEY, -- always 'letters'
    at TIMESTAMP NOT NULL
);

CREATE TABLE hints (
    id       TEXT      PRIMARY KEY,
    thing_id TEXT      NOT NULL,
    club_id  TEXT      NOT NULL,
    content  TEXT      NOT NULL,
    contact  TEXT      NOT NULL DEFAULT '',
    received TIMESTAMP NOT NULL,
    closed   TIMESTAMP
);
CREATE INDEX hints_received ON hints (received);
CREATE INDEX hints_club ON hints (club_id);

CREATE TRIGGER changes_care_insert AFTER INSERT ON care WHEN NEW.confirmed IS NOT NULL
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_care_update AFTER UPDATE ON care WHEN NEW.confirmed IS NOT OLD.confirmed
BEGIN INSERT INTO changes (object_id) VALUES (''); END;

-- A new version is looked after.
CREATE TRIGGER care_objects_update AFTER UPDATE OF updated ON objects WHEN NEW.stale <> 0 AND NEW.updated IS NOT OLD.updated
BEGIN UPDATE objects SET stale = 0 WHERE id = NEW.id; END;
CREATE TRIGGER care_actors_update AFTER UPDATE OF updated ON actors WHEN NEW.stale <> 0 AND NEW.updated IS NOT OLD.updated
BEGIN UPDATE actors SET stale = 0 WHERE id = NEW.id; END;
