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
    confirmed TIMESTAMPTZ,
    step      INTEGER   NOT NULL DEFAULT 0,
    told      TIMESTAMPTZ
);

CREATE TABLE care_rules (
    name TEXT    PRIMARY KEY, -- of a kind or of a step
    days INTEGER NOT NULL     -- 0 switches a kind off
);

CREATE TABLE care_rounds (
    id TEXT      PRIMARY KEY, -- always 'letters'
    at TIMESTAMPTZ NOT NULL
);

CREATE TABLE hints (
    id       TEXT      PRIMARY KEY,
    thing_id TEXT      NOT NULL,
    club_id  TEXT      NOT NULL,
    content  TEXT      NOT NULL,
    contact  TEXT      NOT NULL DEFAULT '',
    received TIMESTAMPTZ NOT NULL,
    closed   TIMESTAMPTZ
);
CREATE INDEX hints_received ON hints (received);
CREATE INDEX hints_club ON hints (club_id);

CREATE TRIGGER changes_care_insert AFTER INSERT ON care FOR EACH ROW WHEN (NEW.confirmed IS NOT NULL) EXECUTE FUNCTION changes_all();
CREATE TRIGGER changes_care_update AFTER UPDATE ON care FOR EACH ROW WHEN (NEW.confirmed IS DISTINCT FROM OLD.confirmed) EXECUTE FUNCTION changes_all();

-- A new version is looked after.
CREATE FUNCTION care_fresh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stale := 0;
    RETURN NEW;
END $$;
CREATE TRIGGER care_objects_update BEFORE UPDATE OF updated ON objects FOR EACH ROW
WHEN (NEW.stale <> 0 AND NEW.updated IS DISTINCT FROM OLD.updated) EXECUTE FUNCTION care_fresh();
CREATE TRIGGER care_actors_update BEFORE UPDATE OF updated ON actors FOR EACH ROW
WHEN (NEW.stale <> 0 AND NEW.updated IS DISTINCT FROM OLD.updated) EXECUTE FUNCTION care_fresh();
