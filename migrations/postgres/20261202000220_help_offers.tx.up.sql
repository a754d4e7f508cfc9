-- "Ich möchte helfen": what people offer, to whom they show it, and what the
-- volunteer agency does with it. Everything goes by the person, who has one offer.

CREATE TABLE help_offers (
    account_id TEXT      PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    id         TEXT      NOT NULL UNIQUE,             -- in addresses of pages
    about      TEXT      NOT NULL,                    -- in the person's own words
    skills     TEXT      NOT NULL DEFAULT '',         -- words between commas
    fields     TEXT      NOT NULL DEFAULT '',         -- keys between commas: ,sport,music,
    languages  TEXT      NOT NULL DEFAULT '',         -- tags between commas
    times      TEXT      NOT NULL DEFAULT '',         -- keys between commas; '' is any
    weekdays   INTEGER   NOT NULL DEFAULT 0,          -- a bit for each day, 1 is Monday; 0 is any
    dayparts   INTEGER   NOT NULL DEFAULT 0,          -- 1 morning, 2 afternoon, 4 evening; 0 is any
    place      TEXT      NOT NULL DEFAULT '',
    latitude   DOUBLE PRECISION,
    longitude  DOUBLE PRECISION,
    radius     INTEGER   NOT NULL DEFAULT 0,          -- in kilometres; 0 is any
    home       BOOLEAN   NOT NULL DEFAULT FALSE,      -- from home too
    young      BOOLEAN   NOT NULL DEFAULT FALSE,      -- the person is under 18
    several    BOOLEAN   NOT NULL DEFAULT FALSE,      -- it is a group
    phone      TEXT      NOT NULL DEFAULT '',         -- for the agency alone
    public     BOOLEAN   NOT NULL DEFAULT FALSE,      -- everybody reads it, without the name
    state      TEXT      NOT NULL,                    -- open, paused, expired
    created    TIMESTAMPTZ NOT NULL,
    changed    TIMESTAMPTZ NOT NULL,
    until      TIMESTAMPTZ NOT NULL,                    -- the end of its running time
    asked      TIMESTAMPTZ,                             -- when the person was asked to renew it
    ended      TIMESTAMPTZ                              -- since when it has run out
);
CREATE INDEX help_offers_state ON help_offers (state, until);

-- The clubs that may see an offer with the name: each is a yes of the person.
CREATE TABLE help_consents (
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    club_id    TEXT      NOT NULL,
    created    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, club_id)
);
CREATE INDEX help_consents_club ON help_consents (club_id);

-- What was proposed to a person: an opportunity, or to be shown to a club.
CREATE TABLE help_proposals (
    id             TEXT      PRIMARY KEY,             -- the key of the form that made it
    account_id     TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    opportunity_id TEXT      NOT NULL DEFAULT '',     -- '' asks for the club alone
    club_id        TEXT      NOT NULL,
    title          TEXT      NOT NULL,                -- of the opportunity or the club, for when it is gone
    message        TEXT      NOT NULL DEFAULT '',
    by_club        BOOLEAN   NOT NULL DEFAULT FALSE,  -- else by the agency
    by_account     TEXT      NOT NULL DEFAULT '',
    state          TEXT      NOT NULL,                -- open, applied, shown, declined, withdrawn
    created        TIMESTAMPTZ NOT NULL,
    decided        TIMESTAMPTZ
);
CREATE INDEX help_proposals_account ON help_proposals (account_id, created);
CREATE INDEX help_proposals_state ON help_proposals (state, created);
-- Nobody is asked twice for the same by the same side; a club does not learn what
-- the agency asked.
CREATE UNIQUE INDEX help_proposals_once ON help_proposals (account_id, opportunity_id, club_id, by_club) WHERE state IN ('open', 'declined');

-- What the agency notes about an offer, for itself.
CREATE TABLE help_notes (
    id         TEXT      PRIMARY KEY,
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    by_account TEXT      NOT NULL DEFAULT '',
    content    TEXT      NOT NULL,
    created    TIMESTAMPTZ NOT NULL
);
CREATE INDEX help_notes_account ON help_notes (account_id, created);

-- Who works for the volunteer agency.
CREATE TABLE help_agents (
    account_id TEXT      PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    by_account TEXT      NOT NULL DEFAULT '',
    created    TIMESTAMPTZ NOT NULL
);

-- How much of what was done in a month; nobody stands in it.
CREATE TABLE help_figures (
    month TEXT    NOT NULL, -- 2027-03
    what  TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (month, what)
);
