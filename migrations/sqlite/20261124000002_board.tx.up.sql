-- The board: people sign in, publish by forms and see what comes back.

ALTER TABLE accounts ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN news_read TIMESTAMP;

CREATE TABLE sessions (
    token   TEXT PRIMARY KEY,
    data    BLOB NOT NULL,
    expires TIMESTAMP NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE throttles (
    key     TEXT    PRIMARY KEY,
    tries   INTEGER NOT NULL,
    expires TIMESTAMP NOT NULL
);
CREATE INDEX throttles_expires ON throttles (expires);

CREATE TABLE uploads (
    id         TEXT    PRIMARY KEY,
    media_type TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    blurhash   TEXT    NOT NULL,
    created    TIMESTAMP NOT NULL
);

ALTER TABLE objects ADD COLUMN received TIMESTAMP;
ALTER TABLE reactions ADD COLUMN received TIMESTAMP;

CREATE TABLE edits (
    object_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    act        TEXT NOT NULL,
    at         TIMESTAMP NOT NULL
);
CREATE INDEX edits_object ON edits (object_id, at);

CREATE TABLE club_blocks (
    actor_id TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    target   TEXT NOT NULL,
    created  TIMESTAMP NOT NULL,
    PRIMARY KEY (actor_id, target)
);

ALTER TABLE reports ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN closed TIMESTAMP;

ALTER TABLE events ADD COLUMN online_url TEXT NOT NULL DEFAULT '';
