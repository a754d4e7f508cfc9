-- Other towns with which this one shares what clubs publish, under terms on both
-- sides, and what came from them.

CREATE TABLE peers (
    host          TEXT PRIMARY KEY,
    actor_id      TEXT NOT NULL,               -- their relay actor
    state         TEXT NOT NULL,               -- asked, asking, live, declined, ended
    terms         BOOLEAN NOT NULL,            -- whether they say their terms
    follow_id     TEXT NOT NULL DEFAULT '',    -- the Follow by which they ask us, '' for none
    purpose       TEXT NOT NULL DEFAULT '',    -- what it is for, as we say
    their_purpose TEXT NOT NULL DEFAULT '',    -- and as they do
    asks          TEXT NOT NULL DEFAULT '',    -- what we would like to have: words with a space between them
    gives         TEXT NOT NULL DEFAULT '',    -- what they may have of us
    their_asks    TEXT NOT NULL DEFAULT '',
    their_gives   TEXT NOT NULL DEFAULT '',
    trusted       BOOLEAN NOT NULL,            -- FALSE: the town hall looks at what comes first
    created       TIMESTAMPTZ NOT NULL,
    since         TIMESTAMPTZ,                  -- since when it is in force
    paused        TIMESTAMPTZ,                  -- since when we pause
    their_paused  TIMESTAMPTZ,                  -- and they
    due           TIMESTAMPTZ,                  -- what was changed since then has to be sent, NULL for nothing
    due_after     TEXT NOT NULL DEFAULT '',    -- the last object that was
    clubs_told    TIMESTAMPTZ,                  -- of which clubs they know
    heard         TIMESTAMPTZ,
    probed        TIMESTAMPTZ,
    software      TEXT NOT NULL DEFAULT '',
    clock         INTEGER NOT NULL DEFAULT 0,  -- how far their clock is ahead, in seconds
    fault         TEXT NOT NULL DEFAULT ''     -- why they could not be asked, '' when they could
);
CREATE INDEX peers_actor ON peers (actor_id);

CREATE TABLE peer_objects (
    object_id TEXT PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    host      TEXT NOT NULL,
    scope     TEXT NOT NULL,
    held      BOOLEAN NOT NULL                 -- hidden for as long as there is a pause
);
CREATE INDEX peer_objects_host ON peer_objects (host, scope);
