-- What clubs need hands for. The heading, the text and the picture are those of
-- the object; published is that of the object, for the order of the lists.

CREATE TABLE opportunities (
    object_id      TEXT      PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    published      TIMESTAMP NOT NULL,
    status         TEXT      NOT NULL DEFAULT 'open', -- open, filled, expired, cancelled
    reason         TEXT      NOT NULL DEFAULT '',     -- why it was cancelled
    why            TEXT      NOT NULL DEFAULT '',     -- what it is good for, plain text
    field          TEXT      NOT NULL DEFAULT '',     -- the cause: a key of the fields of clubs
    times          TEXT      NOT NULL,                -- once, recurring, flexible, oncall
    weekdays       INTEGER   NOT NULL DEFAULT 0,      -- a bit a day, 1 is Monday, 64 is Sunday
    time_note      TEXT      NOT NULL DEFAULT '',
    start_time     TIMESTAMP,
    end_time       TIMESTAMP,
    timezone       TEXT      NOT NULL,
    effort_minutes INTEGER   NOT NULL DEFAULT 0,      -- 0 is not said
    effort_per     TEXT      NOT NULL DEFAULT '',     -- once, week, month, year
    place          TEXT      NOT NULL DEFAULT '',
    latitude       DOUBLE PRECISION,
    longitude      DOUBLE PRECISION,
    emergency      BOOLEAN   NOT NULL DEFAULT FALSE,  -- help in a flood, a storm, a crisis
    remote         BOOLEAN   NOT NULL DEFAULT FALSE,
    places         INTEGER   NOT NULL DEFAULT 0,      -- 0 is any number
    taken          INTEGER   NOT NULL DEFAULT 0,
    minimum_age    INTEGER   NOT NULL DEFAULT 0,
    maximum_age    INTEGER   NOT NULL DEFAULT 0,
    for_young      BOOLEAN   NOT NULL DEFAULT FALSE,
    for_groups     BOOLEAN   NOT NULL DEFAULT FALSE,
    skills         TEXT      NOT NULL DEFAULT '',
    learn          TEXT      NOT NULL DEFAULT '',
    languages      TEXT      NOT NULL DEFAULT '',     -- BCP 47 tags between commas: ',de,en,'
    requirements   TEXT      NOT NULL DEFAULT '',     -- keys between commas: ',police,training,'
    requirement    TEXT      NOT NULL DEFAULT '',     -- more of them, plain text
    payer          TEXT      NOT NULL DEFAULT '',     -- who pays for them: club, town, self
    expenses       TEXT      NOT NULL DEFAULT '',
    rewards        TEXT      NOT NULL DEFAULT '',     -- keys between commas: ',expenses,training,'
    trial          TEXT      NOT NULL DEFAULT '',
    insurance      TEXT      NOT NULL DEFAULT '',
    accessibility  TEXT      NOT NULL DEFAULT '',
    contact        TEXT      NOT NULL,                -- club, public, applicants
    contact_name   TEXT      NOT NULL DEFAULT '',
    contact_email  TEXT      NOT NULL DEFAULT '',
    contact_phone  TEXT      NOT NULL DEFAULT '',
    apply_link     TEXT      NOT NULL DEFAULT '',
    context        TEXT      NOT NULL DEFAULT '',     -- the event that it helps
    until          TIMESTAMP,                         -- the end of its running time
    asked          TIMESTAMP                          -- when its club was asked to renew it
);
CREATE INDEX opportunities_newest ON opportunities (status, published, object_id);
CREATE INDEX opportunities_until ON opportunities (until) WHERE status IN ('open', 'filled');
CREATE INDEX opportunities_context ON opportunities (context) WHERE context <> '';

CREATE TABLE shifts (
    id             TEXT      PRIMARY KEY,
    opportunity_id TEXT      NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    starts_at      TIMESTAMP NOT NULL,
    ends_at        TIMESTAMP NOT NULL,
    places         INTEGER   NOT NULL DEFAULT 0, -- 0 is any number
    taken          INTEGER   NOT NULL DEFAULT 0,
    note           TEXT      NOT NULL DEFAULT ''
);
CREATE INDEX shifts_opportunity ON shifts (opportunity_id, starts_at, id);

CREATE TRIGGER changes_opportunities_insert AFTER INSERT ON opportunities
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_opportunities_update AFTER UPDATE ON opportunities
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_shifts_insert AFTER INSERT ON shifts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_shifts_update AFTER UPDATE ON shifts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_shifts_delete AFTER DELETE ON shifts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
-- Those of other towns stand in lists too, unlike all else from elsewhere.
CREATE TRIGGER changes_opportunities_elsewhere AFTER UPDATE ON objects WHEN NEW.type = 'Opportunity' AND NOT NEW.local
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
