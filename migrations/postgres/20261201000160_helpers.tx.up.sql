-- Who wants to help where. A person is an account here or a mail address; the
-- words of both stay here.

CREATE TABLE helpers (
    id             TEXT      PRIMARY KEY, -- the key of the form that made it
    opportunity_id TEXT      NOT NULL, -- an object of ours, which stays when it is deleted
    club_id        TEXT      NOT NULL,
    title          TEXT      NOT NULL,                -- that of the opportunity, for when it is gone
    account_id     TEXT      NOT NULL DEFAULT '',     -- '' for who has no account
    email          TEXT      NOT NULL DEFAULT '',     -- '' for who has one
    name           TEXT      NOT NULL,
    phone          TEXT      NOT NULL DEFAULT '',
    message        TEXT      NOT NULL DEFAULT '',
    shows          BOOLEAN   NOT NULL DEFAULT FALSE,  -- whether the club sees the mail address
    language       TEXT      NOT NULL,
    state          TEXT      NOT NULL, -- unconfirmed, asked, talking, accepted, declined, withdrawn, done
    cause          TEXT      NOT NULL DEFAULT '',     -- why it ended: club, helper, cancelled, deleted, expired, over, left
    reason         TEXT      NOT NULL DEFAULT '',     -- the club's words for that
    minutes        INTEGER   NOT NULL DEFAULT 0,      -- how long the person helped
    minutes_by     TEXT      NOT NULL DEFAULT '',     -- who said so: helper or club
    agreed         TIMESTAMPTZ,                       -- when the other side said the same
    version        INTEGER   NOT NULL DEFAULT 1,
    created        TIMESTAMPTZ NOT NULL,
    changed        TIMESTAMPTZ NOT NULL,
    ended          TIMESTAMPTZ
);
CREATE INDEX helpers_opportunity ON helpers (opportunity_id, created, id);
CREATE INDEX helpers_account ON helpers (account_id) WHERE account_id <> '';
CREATE INDEX helpers_email ON helpers (email) WHERE email <> '';
CREATE INDEX helpers_club ON helpers (club_id, state);
-- Nobody asks twice for the same.
CREATE UNIQUE INDEX helpers_once_account ON helpers (opportunity_id, account_id) WHERE account_id <> '' AND state IN ('asked', 'talking', 'accepted');
CREATE UNIQUE INDEX helpers_once_email ON helpers (opportunity_id, email) WHERE email <> '' AND state IN ('asked', 'talking', 'accepted');

-- The places that they take or wait for. shift_id is '' for an opportunity
-- without shifts; it stays when its shift is gone, so that they can be told.
CREATE TABLE commitments (
    helper_id      TEXT      NOT NULL REFERENCES helpers (id) ON DELETE CASCADE,
    shift_id       TEXT      NOT NULL,
    opportunity_id TEXT      NOT NULL,
    state          TEXT      NOT NULL, -- wanted (not confirmed yet), waiting, taken
    seq            INTEGER   NOT NULL, -- the order of those who wait
    offered        TIMESTAMPTZ,          -- since when somebody else may take it over
    starts_at      TIMESTAMPTZ,          -- as the person was told
    ends_at        TIMESTAMPTZ,
    taken_at       TIMESTAMPTZ,
    reminded       TIMESTAMPTZ,
    PRIMARY KEY (helper_id, shift_id)
);
CREATE INDEX commitments_shift ON commitments (opportunity_id, shift_id, state, seq);
CREATE INDEX commitments_starts ON commitments (starts_at) WHERE reminded IS NULL;

-- What was said and done, in its order.
CREATE TABLE helper_messages (
    id        TEXT      PRIMARY KEY,
    helper_id TEXT      NOT NULL REFERENCES helpers (id) ON DELETE CASCADE,
    kind      TEXT      NOT NULL, -- message, or what was done
    by_club   BOOLEAN   NOT NULL,
    content   TEXT      NOT NULL DEFAULT '',
    created   TIMESTAMPTZ NOT NULL
);
CREATE INDEX helper_messages_helper ON helper_messages (helper_id, created, id);
CREATE INDEX helper_messages_created ON helper_messages (created);
