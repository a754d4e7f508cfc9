-- The wire: actors, objects, what travels between servers, and who may speak.

CREATE TABLE actors (
    id                 TEXT      PRIMARY KEY,
    type               TEXT      NOT NULL,
    local              BOOLEAN   NOT NULL,
    host               TEXT      NOT NULL,
    preferred_username TEXT      NOT NULL,
    acct               TEXT      NOT NULL,
    name               TEXT      NOT NULL DEFAULT '',
    summary            TEXT      NOT NULL DEFAULT '',
    url                TEXT      NOT NULL DEFAULT '',
    inbox              TEXT      NOT NULL,
    shared_inbox       TEXT      NOT NULL DEFAULT '',
    outbox             TEXT      NOT NULL DEFAULT '',
    followers          TEXT      NOT NULL DEFAULT '',
    icon_url           TEXT      NOT NULL DEFAULT '',
    icon_media_type    TEXT      NOT NULL DEFAULT '',
    icon_name          TEXT      NOT NULL DEFAULT '',
    key_id             TEXT      NOT NULL DEFAULT '',
    public_key_pem     TEXT      NOT NULL DEFAULT '',
    also_known_as      TEXT      NOT NULL DEFAULT '[]',
    moved_to           TEXT      NOT NULL DEFAULT '',
    state              TEXT      NOT NULL DEFAULT 'active',
    blocked            BOOLEAN   NOT NULL DEFAULT FALSE,
    published          TIMESTAMPTZ NOT NULL,
    updated            TIMESTAMPTZ,
    fetched            TIMESTAMPTZ
);
CREATE UNIQUE INDEX actors_local_username ON actors (preferred_username) WHERE local;
CREATE INDEX actors_acct ON actors (acct);
CREATE INDEX actors_host ON actors (host);
CREATE INDEX actors_key_id ON actors (key_id);

CREATE TABLE actor_keys (
    actor_id        TEXT      PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
    private_key_pem TEXT      NOT NULL,
    created         TIMESTAMPTZ NOT NULL
);

CREATE TABLE accounts (
    id            TEXT      PRIMARY KEY,
    email         TEXT      NOT NULL UNIQUE,
    name          TEXT      NOT NULL,
    role          TEXT      NOT NULL,
    password_hash TEXT      NOT NULL DEFAULT '',
    created       TIMESTAMPTZ NOT NULL
);

CREATE TABLE sign_in_links (
    token_hash TEXT      PRIMARY KEY,
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires    TIMESTAMPTZ NOT NULL
);

CREATE TABLE editors (
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    actor_id   TEXT      NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    role       TEXT      NOT NULL,
    created    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, actor_id)
);

CREATE TABLE clubs (
    actor_id  TEXT PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
    source    TEXT NOT NULL DEFAULT ''
);

CREATE TABLE follows (
    id        TEXT      NOT NULL,
    actor_id  TEXT      NOT NULL,
    object_id TEXT      NOT NULL,
    state     TEXT      NOT NULL,
    created   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (actor_id, object_id)
);
CREATE INDEX follows_object ON follows (object_id, state);
CREATE INDEX follows_id ON follows (id);

CREATE TABLE objects (
    id            TEXT      PRIMARY KEY,
    type          TEXT      NOT NULL,
    local         BOOLEAN   NOT NULL,
    attributed_to TEXT      NOT NULL,
    name          TEXT      NOT NULL DEFAULT '',
    summary       TEXT      NOT NULL DEFAULT '',
    content       TEXT      NOT NULL DEFAULT '',
    source        TEXT      NOT NULL DEFAULT '',
    language      TEXT      NOT NULL DEFAULT '',
    url           TEXT      NOT NULL DEFAULT '',
    in_reply_to   TEXT      NOT NULL DEFAULT '',
    visibility    TEXT      NOT NULL,
    sensitive     BOOLEAN   NOT NULL DEFAULT FALSE,
    hidden        BOOLEAN   NOT NULL DEFAULT FALSE,
    published     TIMESTAMPTZ NOT NULL,
    updated       TIMESTAMPTZ,
    deleted       TIMESTAMPTZ
);
CREATE INDEX objects_in_reply_to ON objects (in_reply_to, published) WHERE in_reply_to <> '';
CREATE INDEX objects_attributed_to ON objects (attributed_to, published);
CREATE INDEX objects_type ON objects (type, local, published);

CREATE TABLE audience (
    object_id TEXT NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    PRIMARY KEY (object_id, recipient)
);
CREATE INDEX audience_recipient ON audience (recipient);

CREATE TABLE attachments (
    object_id  TEXT    NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    position   BIGINT NOT NULL,
    type       TEXT    NOT NULL,
    media_type TEXT    NOT NULL DEFAULT '',
    url        TEXT    NOT NULL,
    name       TEXT    NOT NULL DEFAULT '',
    width      BIGINT NOT NULL DEFAULT 0,
    height     BIGINT NOT NULL DEFAULT 0,
    blurhash   TEXT    NOT NULL DEFAULT '',
    focal_x    DOUBLE PRECISION    NOT NULL DEFAULT 0,
    focal_y    DOUBLE PRECISION    NOT NULL DEFAULT 0,
    PRIMARY KEY (object_id, position)
);

CREATE TABLE variants (
    media  TEXT    NOT NULL,
    width  BIGINT NOT NULL,
    file   TEXT    NOT NULL,
    PRIMARY KEY (media, width)
);

CREATE TABLE events (
    object_id  TEXT      PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    start_time TIMESTAMPTZ NOT NULL,
    end_time   TIMESTAMPTZ,
    timezone   TEXT      NOT NULL,
    all_day    BOOLEAN   NOT NULL DEFAULT FALSE,
    place      TEXT      NOT NULL DEFAULT '',
    status     TEXT      NOT NULL DEFAULT 'CONFIRMED',
    reason     TEXT      NOT NULL DEFAULT ''
);
CREATE INDEX events_start_time ON events (start_time);

CREATE TABLE reactions (
    type      TEXT      NOT NULL,
    object_id TEXT      NOT NULL,
    actor_id  TEXT      NOT NULL,
    id        TEXT      NOT NULL,
    published TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (type, object_id, actor_id)
);
CREATE INDEX reactions_object ON reactions (object_id);
CREATE INDEX reactions_actor ON reactions (actor_id);
CREATE INDEX reactions_id ON reactions (id);

CREATE TABLE quotes (
    id         TEXT      PRIMARY KEY,
    object_id  TEXT      NOT NULL,
    instrument TEXT      NOT NULL,
    actor_id   TEXT      NOT NULL,
    created    TIMESTAMPTZ NOT NULL,
    UNIQUE (object_id, instrument)
);

CREATE TABLE reports (
    id       TEXT      PRIMARY KEY,
    actor_id TEXT      NOT NULL,
    objects  TEXT      NOT NULL,
    content  TEXT      NOT NULL DEFAULT '',
    received TIMESTAMPTZ NOT NULL
);

CREATE TABLE blocks (
    domain  TEXT      PRIMARY KEY,
    created TIMESTAMPTZ NOT NULL
);

CREATE TABLE activities (
    id        TEXT      PRIMARY KEY,
    type      TEXT      NOT NULL,
    actor_id  TEXT      NOT NULL,
    object_id TEXT      NOT NULL,
    public    BOOLEAN   NOT NULL,
    body      BYTEA      NOT NULL,
    published TIMESTAMPTZ NOT NULL
);
CREATE INDEX activities_actor ON activities (actor_id, public, published);
CREATE INDEX activities_object ON activities (object_id);

CREATE TABLE inbox (
    seq         BIGINT      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    activity_id TEXT      NOT NULL,
    actor_id    TEXT      NOT NULL,
    type        TEXT      NOT NULL,
    body        BYTEA,
    state       TEXT      NOT NULL,
    attempts    BIGINT   NOT NULL DEFAULT 0,
    due_at      TIMESTAMPTZ,
    lease_until TIMESTAMPTZ,
    owner       TEXT      NOT NULL DEFAULT '',
    error       TEXT      NOT NULL DEFAULT '',
    received    TIMESTAMPTZ NOT NULL,
    UNIQUE (activity_id, actor_id)
);
CREATE INDEX inbox_pending ON inbox (due_at) WHERE state = 'pending';
CREATE INDEX inbox_received ON inbox (received);

CREATE TABLE hosts (
    host         TEXT      PRIMARY KEY,
    due_at       TIMESTAMPTZ,
    lease_until  TIMESTAMPTZ,
    owner        TEXT      NOT NULL DEFAULT '',
    wakes        BIGINT   NOT NULL DEFAULT 0,
    failures     BIGINT   NOT NULL DEFAULT 0,
    last_success TIMESTAMPTZ
);
CREATE INDEX hosts_due ON hosts (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE deliveries (
    id           BIGINT      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    activity_id  TEXT      NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    object_id    TEXT      NOT NULL,
    host         TEXT      NOT NULL,
    inbox        TEXT      NOT NULL,
    state        TEXT      NOT NULL DEFAULT 'waiting',
    attempts     BIGINT   NOT NULL DEFAULT 0,
    due_at       TIMESTAMPTZ NOT NULL,
    last_attempt TIMESTAMPTZ,
    status       BIGINT   NOT NULL DEFAULT 0,
    error        TEXT      NOT NULL DEFAULT '',
    created      TIMESTAMPTZ NOT NULL,
    UNIQUE (activity_id, inbox)
);
CREATE INDEX deliveries_host ON deliveries (host, state, due_at);
CREATE INDEX deliveries_order ON deliveries (host, object_id, id) WHERE state = 'waiting';

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
