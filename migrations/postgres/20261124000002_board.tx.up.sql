-- The board: people sign in, publish by forms and see what comes back.

ALTER TABLE accounts ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN news_read TIMESTAMPTZ;

CREATE TABLE sessions (
    token   TEXT PRIMARY KEY,
    data    BYTEA NOT NULL,
    expires TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE throttles (
    key     TEXT    PRIMARY KEY,
    tries   INTEGER NOT NULL,
    expires TIMESTAMPTZ NOT NULL
);
CREATE INDEX throttles_expires ON throttles (expires);

CREATE TABLE uploads (
    id         TEXT    PRIMARY KEY,
    media_type TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    blurhash   TEXT    NOT NULL,
    created    TIMESTAMPTZ NOT NULL
);

ALTER TABLE objects ADD COLUMN received TIMESTAMPTZ;
ALTER TABLE reactions ADD COLUMN received TIMESTAMPTZ;

CREATE TABLE edits (
    object_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    act        TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX edits_object ON edits (object_id, at);

CREATE TABLE club_blocks (
    actor_id TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    target   TEXT NOT NULL,
    created  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (actor_id, target)
);

ALTER TABLE reports ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN closed TIMESTAMPTZ;

ALTER TABLE events ADD COLUMN online_url TEXT NOT NULL DEFAULT '';
