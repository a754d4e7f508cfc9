-- Who of here wants to help in another town.

-- The actor in whose name somebody with an account speaks to other towns.
CREATE TABLE residents (
    account_id TEXT      PRIMARY KEY,
    actor_id   TEXT      NOT NULL UNIQUE,
    created    TIMESTAMPTZ NOT NULL
);

CREATE TABLE pledges (
    id             TEXT      PRIMARY KEY, -- the key of the form, and of the Offer
    account_id     TEXT      NOT NULL,
    actor_id       TEXT      NOT NULL,
    opportunity_id TEXT      NOT NULL, -- of another town
    club_id        TEXT      NOT NULL,
    title          TEXT      NOT NULL,
    club           TEXT      NOT NULL,               -- its name
    name           TEXT      NOT NULL,               -- what the person said, until message
    email          TEXT      NOT NULL DEFAULT '',    -- '' when the club shall not see it
    phone          TEXT      NOT NULL DEFAULT '',
    message        TEXT      NOT NULL DEFAULT '',
    state          TEXT      NOT NULL,               -- as of helpers
    standing       TEXT      NOT NULL DEFAULT '',    -- what the club says of it, JSON
    number         INTEGER   NOT NULL DEFAULT 0,     -- of that; 0 while nothing has come
    created        TIMESTAMPTZ NOT NULL,
    changed        TIMESTAMPTZ NOT NULL,
    ended          TIMESTAMPTZ
);
CREATE INDEX pledges_account ON pledges (account_id, created);
CREATE INDEX pledges_actor ON pledges (actor_id);
CREATE UNIQUE INDEX pledges_once ON pledges (opportunity_id, account_id) WHERE state IN ('asked', 'talking', 'accepted');

-- What the person did, with the signed answer.
CREATE TABLE pledge_acts (
    id        TEXT      PRIMARY KEY, -- that of the activity
    pledge_id TEXT      NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
    kind      TEXT      NOT NULL,
    shift_id  TEXT      NOT NULL DEFAULT '',
    content   TEXT      NOT NULL DEFAULT '',
    state     TEXT      NOT NULL, -- sent, accepted, refused
    created   TIMESTAMPTZ NOT NULL,
    answered  TIMESTAMPTZ,
    receipt   BYTEA
);
CREATE INDEX pledge_acts_pledge ON pledge_acts (pledge_id, created, id);
