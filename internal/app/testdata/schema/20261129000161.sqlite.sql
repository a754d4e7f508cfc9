-- Made by the program of that schema. Never edited.
PRAGMA foreign_keys = OFF;
CREATE TABLE bun_migrations ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" VARCHAR, "group_id" INTEGER, "migrated_at" TIMESTAMP NOT NULL DEFAULT current_timestamp);
CREATE TABLE bun_migration_locks ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "table_name" VARCHAR, UNIQUE ("table_name"));
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
    published          TIMESTAMP NOT NULL,
    updated            TIMESTAMP,
    fetched            TIMESTAMP
, assertion_method TEXT NOT NULL DEFAULT '[]', moved TIMESTAMP, attachment TEXT NOT NULL DEFAULT '[]');
CREATE TABLE actor_keys (
    actor_id        TEXT      PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
    private_key_pem TEXT      NOT NULL,
    created         TIMESTAMP NOT NULL
, ed25519_key_pem TEXT NOT NULL DEFAULT '');
CREATE TABLE accounts (
    id            TEXT      PRIMARY KEY,
    email         TEXT      NOT NULL UNIQUE,
    name          TEXT      NOT NULL,
    role          TEXT      NOT NULL,
    password_hash TEXT      NOT NULL DEFAULT '',
    created       TIMESTAMP NOT NULL
, epoch TEXT NOT NULL DEFAULT '', news_read TIMESTAMP);
CREATE TABLE sign_in_links (
    token_hash TEXT      PRIMARY KEY,
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires    TIMESTAMP NOT NULL
);
CREATE TABLE editors (
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    actor_id   TEXT      NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    role       TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, actor_id)
);
CREATE TABLE clubs (
    actor_id  TEXT PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
    source    TEXT NOT NULL DEFAULT ''
, field TEXT NOT NULL DEFAULT '', website TEXT NOT NULL DEFAULT '');
CREATE TABLE follows (
    id        TEXT      NOT NULL,
    actor_id  TEXT      NOT NULL,
    object_id TEXT      NOT NULL,
    state     TEXT      NOT NULL,
    created   TIMESTAMP NOT NULL,
    PRIMARY KEY (actor_id, object_id)
);
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
    published     TIMESTAMP NOT NULL,
    updated       TIMESTAMP,
    deleted       TIMESTAMP
, received TIMESTAMP);
CREATE TABLE audience (
    object_id TEXT NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    PRIMARY KEY (object_id, recipient)
);
CREATE TABLE attachments (
    object_id  TEXT    NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    type       TEXT    NOT NULL,
    media_type TEXT    NOT NULL DEFAULT '',
    url        TEXT    NOT NULL,
    name       TEXT    NOT NULL DEFAULT '',
    width      INTEGER NOT NULL DEFAULT 0,
    height     INTEGER NOT NULL DEFAULT 0,
    blurhash   TEXT    NOT NULL DEFAULT '',
    focal_x    REAL    NOT NULL DEFAULT 0,
    focal_y    REAL    NOT NULL DEFAULT 0,
    PRIMARY KEY (object_id, position)
);
CREATE TABLE variants (
    media  TEXT    NOT NULL,
    width  INTEGER NOT NULL,
    file   TEXT    NOT NULL,
    PRIMARY KEY (media, width)
);
CREATE TABLE events (
    object_id  TEXT      PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    start_time TIMESTAMP NOT NULL,
    end_time   TIMESTAMP,
    timezone   TEXT      NOT NULL,
    all_day    BOOLEAN   NOT NULL DEFAULT FALSE,
    place      TEXT      NOT NULL DEFAULT '',
    status     TEXT      NOT NULL DEFAULT 'CONFIRMED',
    reason     TEXT      NOT NULL DEFAULT ''
, online_url TEXT NOT NULL DEFAULT '', category TEXT NOT NULL DEFAULT '', previous_start TIMESTAMP, previous_end TIMESTAMP);
CREATE TABLE reactions (
    type      TEXT      NOT NULL,
    object_id TEXT      NOT NULL,
    actor_id  TEXT      NOT NULL,
    id        TEXT      NOT NULL,
    published TIMESTAMP NOT NULL, received TIMESTAMP,
    PRIMARY KEY (type, object_id, actor_id)
);
CREATE TABLE quotes (
    id         TEXT      PRIMARY KEY,
    object_id  TEXT      NOT NULL,
    instrument TEXT      NOT NULL,
    actor_id   TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL,
    UNIQUE (object_id, instrument)
);
CREATE TABLE reports (
    id       TEXT      PRIMARY KEY,
    actor_id TEXT      NOT NULL,
    objects  TEXT      NOT NULL,
    content  TEXT      NOT NULL DEFAULT '',
    received TIMESTAMP NOT NULL
, account_id TEXT NOT NULL DEFAULT '', closed TIMESTAMP, kind TEXT NOT NULL DEFAULT '', place TEXT NOT NULL DEFAULT '', contact TEXT NOT NULL DEFAULT '');
CREATE TABLE blocks (
    domain  TEXT      PRIMARY KEY,
    created TIMESTAMP NOT NULL
);
CREATE TABLE activities (
    id        TEXT      PRIMARY KEY,
    type      TEXT      NOT NULL,
    actor_id  TEXT      NOT NULL,
    object_id TEXT      NOT NULL,
    public    BOOLEAN   NOT NULL,
    body      BLOB      NOT NULL,
    published TIMESTAMP NOT NULL
);
CREATE TABLE inbox (
    seq         INTEGER   PRIMARY KEY AUTOINCREMENT,
    activity_id TEXT      NOT NULL,
    actor_id    TEXT      NOT NULL,
    type        TEXT      NOT NULL,
    body        BLOB,
    state       TEXT      NOT NULL,
    attempts    INTEGER   NOT NULL DEFAULT 0,
    due_at      TIMESTAMP,
    lease_until TIMESTAMP,
    owner       TEXT      NOT NULL DEFAULT '',
    error       TEXT      NOT NULL DEFAULT '',
    received    TIMESTAMP NOT NULL, asks TEXT NOT NULL DEFAULT '',
    UNIQUE (activity_id, actor_id)
);
CREATE TABLE hosts (
    host         TEXT      PRIMARY KEY,
    due_at       TIMESTAMP,
    lease_until  TIMESTAMP,
    owner        TEXT      NOT NULL DEFAULT '',
    wakes        INTEGER   NOT NULL DEFAULT 0,
    failures     INTEGER   NOT NULL DEFAULT 0,
    last_success TIMESTAMP
, strikes INTEGER NOT NULL DEFAULT 0, first_strike TIMESTAMP, last_failure TIMESTAMP, probes INTEGER NOT NULL DEFAULT 0, not_before TIMESTAMP, knock TEXT NOT NULL DEFAULT '', standing INTEGER NOT NULL DEFAULT 1, ed25519 INTEGER NOT NULL DEFAULT 0, asked_until TIMESTAMP);
CREATE TABLE deliveries (
    id           INTEGER   PRIMARY KEY AUTOINCREMENT,
    activity_id  TEXT      NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    object_id    TEXT      NOT NULL,
    host         TEXT      NOT NULL,
    inbox        TEXT      NOT NULL,
    state        TEXT      NOT NULL DEFAULT 'waiting',
    attempts     INTEGER   NOT NULL DEFAULT 0,
    due_at       TIMESTAMP NOT NULL,
    last_attempt TIMESTAMP,
    status       INTEGER   NOT NULL DEFAULT 0,
    error        TEXT      NOT NULL DEFAULT '',
    created      TIMESTAMP NOT NULL,
    UNIQUE (activity_id, inbox)
);
CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE sessions (
    token   TEXT PRIMARY KEY,
    data    BLOB NOT NULL,
    expires TIMESTAMP NOT NULL
, ref TEXT NOT NULL DEFAULT '', account_id TEXT NOT NULL DEFAULT '', device TEXT NOT NULL DEFAULT '', begun TIMESTAMP, seen TIMESTAMP);
CREATE TABLE throttles (
    key     TEXT    PRIMARY KEY,
    tries   INTEGER NOT NULL,
    expires TIMESTAMP NOT NULL
);
CREATE TABLE uploads (
    id         TEXT    PRIMARY KEY,
    media_type TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    blurhash   TEXT    NOT NULL,
    created    TIMESTAMP NOT NULL
);
CREATE TABLE edits (
    object_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    act        TEXT NOT NULL,
    at         TIMESTAMP NOT NULL
);
CREATE TABLE club_blocks (
    actor_id TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    target   TEXT NOT NULL,
    created  TIMESTAMP NOT NULL,
    PRIMARY KEY (actor_id, target)
);
CREATE TABLE changes (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id TEXT    NOT NULL
);
CREATE TABLE key_changes (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    actor_id TEXT NOT NULL,
    changed  TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE search_due (
    seq INTEGER PRIMARY KEY,
    id  TEXT    NOT NULL
);
CREATE TABLE search_things (
    key INTEGER PRIMARY KEY,
    id  TEXT    NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii', prefix='5 6 7 8 9 10');
CREATE TABLE town_look (
    id          TEXT    PRIMARY KEY, -- always 'town'
    name        TEXT    NOT NULL,
    colour      TEXT    NOT NULL,    -- '#rrggbb', or '' for that of the program
    accent      TEXT    NOT NULL,
    official    BOOLEAN NOT NULL,
    contact     TEXT    NOT NULL,    -- lines
    enforcement TEXT    NOT NULL,    -- lines
    changed     TIMESTAMP NOT NULL
);
CREATE TABLE town_pictures (
    role       TEXT    PRIMARY KEY, -- 'arms' or 'picture'
    media_type TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    focal_x    REAL    NOT NULL,
    focal_y    REAL    NOT NULL,
    blurhash   TEXT    NOT NULL
);
CREATE TABLE town_texts (
    name       TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    changed    TIMESTAMP NOT NULL,
    source     TEXT    NOT NULL, -- Markdown, '' for the starting text
    account_id TEXT    NOT NULL,
    PRIMARY KEY (name, language, changed)
);
CREATE TABLE posts (
    object_id TEXT      PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    kind      TEXT      NOT NULL,
    published TIMESTAMP NOT NULL
);
CREATE TABLE mails (
    id        TEXT    PRIMARY KEY,
    cause     TEXT    NOT NULL UNIQUE,
    recipient TEXT    NOT NULL,
    letter    TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    attempts  INTEGER NOT NULL,
    created   TIMESTAMP NOT NULL,
    leased    TIMESTAMP,
    ended     TIMESTAMP,
    error     TEXT    NOT NULL
);
CREATE TABLE preferences (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    language   TEXT NOT NULL -- 'de', 'en', or '' for that of the browser
);
CREATE TABLE notices (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    pace       TEXT NOT NULL, -- 'at_once', 'daily' or 'never'
    PRIMARY KEY (account_id, kind)
);
CREATE TABLE notice_marks (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    told       TIMESTAMP NOT NULL,
    digested   TIMESTAMP NOT NULL
);
CREATE TABLE registrations (
    token_hash TEXT      PRIMARY KEY,
    email      TEXT      NOT NULL,
    name       TEXT      NOT NULL,
    club       TEXT      NOT NULL, -- JSON of what was typed of a club, '' for a person
    expires    TIMESTAMP NOT NULL
);
CREATE TABLE applications (
    id              TEXT      PRIMARY KEY,
    account_id      TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    actor_id        TEXT      UNIQUE REFERENCES actors (id) ON DELETE CASCADE, -- NULL for a person alone
    state           TEXT      NOT NULL, -- draft, asked, refused or approved
    contact         TEXT      NOT NULL,
    register_number TEXT      NOT NULL,
    reason          TEXT      NOT NULL, -- why it was refused
    by_account      TEXT      NOT NULL, -- who decided, '' for nobody yet
    created         TIMESTAMP NOT NULL,
    changed         TIMESTAMP NOT NULL
);
CREATE TABLE invitations (
    id         TEXT      PRIMARY KEY,
    token_hash TEXT      NOT NULL UNIQUE,
    actor_id   TEXT      NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    email      TEXT      NOT NULL,
    role       TEXT      NOT NULL,
    by_account TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL,
    expires    TIMESTAMP NOT NULL
);
CREATE TABLE orphans (
    actor_id TEXT      PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
    since    TIMESTAMP NOT NULL
);
CREATE TABLE factors (
    account_id TEXT      PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    secret     BLOB      NOT NULL, -- sealed
    last_step  INTEGER   NOT NULL, -- of the last code that was used (RFC 6238)
    created    TIMESTAMP NOT NULL,
    confirmed  TIMESTAMP           -- NULL until a first code was right
);
CREATE TABLE recovery_codes (
    code_hash  TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE TABLE address_changes (
    account_id TEXT      PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    old_email  TEXT      NOT NULL,
    new_email  TEXT      NOT NULL,
    token_hash TEXT      NOT NULL, -- of the link that the new address gets
    stop_hash  TEXT      NOT NULL, -- of the one that the old address gets
    state      TEXT      NOT NULL, -- open, done or stopped
    created    TIMESTAMP NOT NULL,
    expires    TIMESTAMP NOT NULL
);
CREATE TABLE account_events (
    id         TEXT      PRIMARY KEY,
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    by_account TEXT      NOT NULL, -- the person, somebody of the town hall, or 'operator'
    kind       TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL
);
CREATE TABLE passkeys (
    id              TEXT    PRIMARY KEY,
    account_id      TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name            TEXT    NOT NULL,
    credential_id   TEXT    NOT NULL UNIQUE, -- base64url
    public_key      BLOB    NOT NULL,        -- COSE
    sign_count      INTEGER NOT NULL,
    aaguid          TEXT    NOT NULL,        -- of the model, in hexadecimal
    transports      TEXT    NOT NULL,        -- separated by commas
    backup_eligible BOOLEAN NOT NULL,
    backup_state    BOOLEAN NOT NULL,
    created         TIMESTAMP NOT NULL,
    used            TIMESTAMP,                     -- NULL before its first use
    ended           TIMESTAMP                      -- NULL unless it seems to have been copied
);
CREATE TABLE ceremonies (
    token_hash TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE, -- NULL when it is not known who asks
    data       BLOB NOT NULL, -- JSON
    expires    TIMESTAMP NOT NULL
);
CREATE TABLE identities (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email      TEXT NOT NULL, -- as the service said last
    role       TEXT NOT NULL, -- what the service gave last, '' for none
    created    TIMESTAMP NOT NULL,
    used       TIMESTAMP NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE TABLE deletions (
    activity_id TEXT      PRIMARY KEY REFERENCES activities (id) ON DELETE CASCADE,
    actor_id    TEXT      NOT NULL, -- in whose name
    object_id   TEXT      NOT NULL,
    created     TIMESTAMP NOT NULL
);
CREATE TABLE told (
    activity_id TEXT      NOT NULL REFERENCES deletions (activity_id) ON DELETE CASCADE,
    inbox       TEXT      NOT NULL,
    host        TEXT      NOT NULL,
    confirmed   TIMESTAMP,
    PRIMARY KEY (activity_id, inbox)
);
CREATE TABLE drafts (
    id         TEXT    PRIMARY KEY, -- the key of what it will make
    actor_id   TEXT    NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    account_id TEXT    NOT NULL,    -- who saved it last, and publishes it when it is due
    kind       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    form       TEXT    NOT NULL,    -- JSON: what stands in which field
    held       TEXT    NOT NULL,    -- the picture in uploads, or ''
    version    INTEGER NOT NULL,
    due_at     TIMESTAMP,                  -- NULL: nobody has planned when
    failed     TEXT    NOT NULL,    -- why it was not published when it was due, or ''
    changed    TIMESTAMP NOT NULL
);
CREATE TABLE templates (
    id       TEXT PRIMARY KEY,
    actor_id TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    form     TEXT NOT NULL,
    held     TEXT NOT NULL,
    changed  TIMESTAMP NOT NULL
);
CREATE TABLE pins (
    object_id TEXT      PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    actor_id  TEXT      NOT NULL,
    position  INTEGER   NOT NULL,
    created   TIMESTAMP NOT NULL
);
CREATE TABLE readers (
    actor_id TEXT    NOT NULL,
    feed     TEXT    NOT NULL, -- 'calendar' or 'feed'
    day      TEXT    NOT NULL, -- as 2027-07-10, in the zone of the town
    readers  INTEGER NOT NULL,
    PRIMARY KEY (actor_id, feed, day)
);
CREATE TABLE river_queue (
    name text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata blob NOT NULL DEFAULT (json('{}')),
    paused_at timestamp,
    updated_at timestamp NOT NULL
);
CREATE TABLE river_leader (
    elected_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    leader_id text NOT NULL,
    name text PRIMARY KEY NOT NULL DEFAULT 'default' CHECK (name = 'default'),
    CONSTRAINT name_length CHECK (length(name) > 0 AND length(name) < 128),
    CONSTRAINT leader_id_length CHECK (length(leader_id) > 0 AND length(leader_id) < 128)
);
CREATE TABLE river_migration (
    line text NOT NULL,
    version integer NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT line_length CHECK (length(line) > 0 AND length(line) < 128),
    CONSTRAINT version_gte_1 CHECK (version >= 1),
    PRIMARY KEY (line, version)
);
CREATE TABLE river_client (
    id text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata blob NOT NULL DEFAULT (json('{}')),
    paused_at timestamp,
    updated_at timestamp NOT NULL,
    CONSTRAINT name_length CHECK (length(id) > 0 AND length(id) < 128)
);
CREATE TABLE river_client_queue (
    river_client_id text NOT NULL REFERENCES river_client (id) ON DELETE CASCADE,
    name text NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    max_workers integer NOT NULL DEFAULT 0,
    metadata blob NOT NULL DEFAULT (json('{}')),
    num_jobs_completed integer NOT NULL DEFAULT 0,
    num_jobs_running integer NOT NULL DEFAULT 0,
    updated_at timestamp NOT NULL,
    PRIMARY KEY (river_client_id, name),
    CONSTRAINT name_length CHECK (length(name) > 0 AND length(name) < 128),
    CONSTRAINT num_jobs_completed_zero_or_positive CHECK (num_jobs_completed >= 0),
    CONSTRAINT num_jobs_running_zero_or_positive CHECK (num_jobs_running >= 0)
);
CREATE TABLE river_job (
    id integer PRIMARY KEY, -- SQLite makes this autoincrementing automatically
    args blob NOT NULL DEFAULT '{}',
    attempt integer NOT NULL DEFAULT 0,
    attempted_at timestamp,
    attempted_by blob, -- json
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    errors blob, -- json
    finalized_at timestamp,
    kind text NOT NULL,
    max_attempts integer NOT NULL,
    metadata blob NOT NULL DEFAULT (json('{}')),
    priority integer NOT NULL DEFAULT 1,
    queue text NOT NULL DEFAULT 'default',
    state text NOT NULL DEFAULT 'available',
    scheduled_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tags blob NOT NULL DEFAULT (json('[]')),
    unique_key blob,
    unique_states integer,
    CONSTRAINT finalized_or_finalized_at_null CHECK (
        (finalized_at IS NULL AND state NOT IN ('cancelled', 'completed', 'discarded')) OR
        (finalized_at IS NOT NULL AND state IN ('cancelled', 'completed', 'discarded'))
    ),
    CONSTRAINT priority_in_range CHECK (priority >= 1 AND priority <= 4),
    CONSTRAINT queue_length CHECK (length(queue) > 0 AND length(queue) < 128),
    CONSTRAINT kind_length CHECK (length(kind) > 0 AND length(kind) < 128),
    CONSTRAINT state_valid CHECK (state IN ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled'))
);
INSERT INTO "bun_migrations" VALUES (1, '20261124000001', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (2, '20261124000002', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (3, '20261127000010', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (4, '20261127000020', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (5, '20261127000021', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (6, '20261127000030', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (7, '20261127000040', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (8, '20261127000041', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (9, '20261127000050', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (10, '20261127000060', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (11, '20261127000080', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (12, '20261127000090', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (13, '20261127000100', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (14, '20261128000010', 1, '2026-11-28 06:14:56');
INSERT INTO "bun_migrations" VALUES (15, '20261128000020', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (16, '20261128000030', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (17, '20261128000040', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (18, '20261129000100', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (19, '20261129000101', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (20, '20261129000110', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (21, '20261129000120', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (22, '20261129000121', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (23, '20261129000130', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (24, '20261129000140', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (25, '20261129000150', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (26, '20261129000160', 1, '2026-11-28 06:14:57');
INSERT INTO "bun_migrations" VALUES (27, '20261129000161', 1, '2026-11-28 06:14:57');
INSERT INTO "sqlite_sequence" VALUES ('bun_migrations', 27);
INSERT INTO "sqlite_sequence" VALUES ('changes', 17);
INSERT INTO "sqlite_sequence" VALUES ('inbox', 2);
INSERT INTO "sqlite_sequence" VALUES ('deliveries', 3);
INSERT INTO "actors" VALUES ('https://here.test/ap/instance', 'Application', 1, 'here.test', 'instance', 'instance@here.test', 'Musterdorf', '', 'https://here.test/', 'https://here.test/ap/instance/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/instance/outbox', 'https://here.test/ap/instance/followers', '', '', '', 'https://here.test/ap/instance#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtFoVDwx0WtjahnHSvWvd
zIDfa0NP1Ons4MXf6OzyRdSJT+LgQpFDYa2vNKmN266LI4uFVxzNwu1VPRhKIJlq
Uun+Cz3O9uRohsSSP452iTmj0gqti6ULktvr9naTbGq8N0icHFFW3p6+Fmbz3HHC
LMdtgBxhdJGkw8wWAwSRMUNNUaPuAdeKFfiatgf4EOilZcjCHdJLI36eVkTs+di8
gkkMX8JvYqREcz3Ummv6u3TlmjG+8TlQAa532vbxkXyJJcbnqwTaJDOZ7rwOEKDz
o/bvPJZ0obQMgn5PrGTuQzi+EJFm5tHINbUBMog2bzdvR/Mbg5b9Hk2bgbcfu6fJ
SwIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 06:14:57+00:00', NULL, NULL, '[{"id":"https://here.test/ap/instance#ed25519-key","type":"Multikey","controller":"https://here.test/ap/instance","publicKeyMultibase":"z6Mkmzm82VX4rdZ4MJeZf8ZegJS3amsAtkKyJzyyDLtpbAoq"}]', NULL, '[]');
INSERT INTO "actors" VALUES ('https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'Group', 1, 'here.test', 'tsv', 'tsv@here.test', 'TSV', '<p><strong>Sport</strong> und „mehr“</p>', 'https://here.test/vereine/tsv', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c/outbox', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c/followers', '', '', '', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzztSWTYrHTS65aiEDgGk
oNudshoM5rhUbq20W/DuWeDB9HpiFzvXY3ux20Bvk8mpCLIEiWQzWsJfXsCYk8Ld
lnApSOxxjTfr8K/ftHAf+jmf7gvUpMErOLLXvM5iUmJc2ElUzFRwhDernTgNuyEE
HehWAvf4lK1lVFcMvbAdSu8kqAD549fz7h2ykFTjBqB/KTYtmDX8vVUlzmhttO2o
MnO0Bz+Hngocdq8IxxdFbXHghDAmZ1juwjzDzT7GKSSMer8yK+ilO7hsxGHBZdnq
JS+IBGMSFqPQOx1TGcpfhLk90jceFoIdY2lauaVTgCXEqcOLOZF0NXTjqldbzbXG
0wIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 06:14:57+00:00', NULL, NULL, '[{"id":"https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c#ed25519-key","type":"Multikey","controller":"https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c","publicKeyMultibase":"z6MknEQvf6gYwf11vYPjbggEYFPJtZnhB4a14DpPwfKhpoiF"}]', NULL, '[]');
INSERT INTO "actors" VALUES ('https://far.test/users/anna', 'Person', 0, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', '', '', 'https://far.test/users/anna/inbox', '', '', 'https://far.test/users/anna/followers', '', '', '', '', '', '[]', '', 'active', 0, '2026-01-02 03:04:05+00:00', '2026-02-03 04:05:06.123456+00:00', NULL, '[]', NULL, '[]');
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/instance', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC0WhUPDHRa2NqG
cdK9a93MgN9rQ0/U6ezgxd/o7PJF1IlP4uBCkUNhra80qY3brosji4VXHM3C7VU9
GEogmWpS6f4LPc725GiGxJI/jnaJOaPSCq2LpQuS2+v2dpNsarw3SJwcUVbenr4W
ZvPcccIsx22AHGF0kaTDzBYDBJExQ01Ro+4B14oV+Jq2B/gQ6KVlyMId0ksjfp5W
ROz52LyCSQxfwm9ipERzPdSaa/q7dOWaMb7xOVABrnfa9vGRfIklxuerBNokM5nu
vA4QoPOj9u88lnShtAyCfk+sZO5DOL4QkWbm0cg1tQEyiDZvN29H8xuDlv0eTZuB
tx+7p8lLAgMBAAECggEAIa3i2d0TC3YMlOfDmYD/ufVlA4Rd755BkJYTIs3Azn6K
p+Lvyy6SXTbQja6OIbSeIiSnYWWtHRYyAUc8bIsJunMc8F95+0wbIvOpdfn2M9kS
OSKqVvYay7GLBosNK8Vg4ZgLIxSjes49JDTUnFmYD8GsNqzWHC0ojjHZ+HVNYdvl
fN96yxaxMDO4IezErkpbpxql7fuoCpg8Q/VDbXmAi6JiXtqx5RuE34kZUyiQYPqP
5d/nYqH/5Gqv0TJUsOivkJ2qd00lhkdTRPl27vxmphqmlxYsujxdi75I6gEjCIzn
0ZIzGQn3dcqkEqQcgrIommnhHnqvQP6kDDBNRDisPQKBgQDs9luR4zvvEIL1RZ6E
XWH6Gcq+qKQlIum3ZerCKis5sf7xy0uMFueT+zESwIqQziSRSimS549M/2nzRr5x
fH51Nq2iNgceGWJx61Z8KTLtH6ccpWjJN1pX86YyWspHWPjpQL6MZiIv4Kwx0KzJ
7VJ+vmM+D70oI6stjIWLUBLT1QKBgQDC12iJv/dq5GQJftODLddEDGLQj/6s6l8w
Svd1oOWkl7rRdR42hUh+E8rZS1mwbcp4QsY5TyefE6iypFhW2TEQp3DPS0978RzI
aeCsAp2cM/tiekvOJqYPIP+9V8C4o4c5zW2eiZMVmizn/xHmi3CMPxXSFjenJ8GF
zAVBnhFYnwKBgQCgag6HbntOVbEx9ZVgKg9/ziIQe/3THhV2EEqicwWcI0Fh0qws
A/11kmEgPrQPX14l9Ty7tIKwL2A8TrHyBcNd+kwFOeoLmEeqsxRzLTjKidkJbXjI
bu58B/eEsy2oqzSmQyw7w5B1NPWdK5UthbmJD74Db4gwOiVRyoVFUEnOmQKBgHF9
w5ipRtbung6h31ZDt2YdyNkvZusVwciBgk70H4+WCe3DyIt9a1J0+O1FZMLN0Ofo
DUqIfs28R8F21TYRYPEQdzdn6K6LLXbXpVTMWT4JUV51Wf6EqKmbURvbJ5jlN/lF
XZrBC/nDSnEANE8T3cTzYiRzaItnLuReiJlGF1iFAoGARXB0x7A9Mm9x6WXKzsen
8FMJUnz5Zn2ZFxMZWJsyZujztHAojxsWB9i3kqI3u/6q6T1FPUnybQ+MYr5wqVFw
yMc3K/MEmrYLsSeKTJxd2OYtTu6ogyIDaTLzKnFUjO3uE9Y+J/LIrtSfeDq8d1gd
BqIOqKoDh3DXpGNTeVBN2qw=
-----END PRIVATE KEY-----
', '2026-11-28 06:14:57+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIFw5UXZTFFF2dXEWpnDJBZLYHa2n2d05bXoc0qhF8daK
-----END PRIVATE KEY-----
');
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDPO1JZNisdNLrl
qIQOAaSg252yGgzmuFRurbRb8O5Z4MH0emIXO9dje7HbQG+TyakIsgSJZDNawl9e
wJiTwt2WcClI7HGNN+vwr9+0cB/6OZ/uC9SkwSs4ste8zmJSYlzYSVTMVHCEN6ud
OA27IQQd6FYC9/iUrWVUVwy9sB1K7ySoAPnj1/PuHbKQVOMGoH8pNi2YNfy9VSXO
aG207agyc7QHP4eeChx2rwjHF0VtceCEMCZnWO7CPMPNPsYpJIx6vzIr6KU7uGzE
YcFl2eolL4gEYxIWo9A7HVMZyl+EuT3SNx4Wgh1jaVq5pVOAJcSpw4s5kXQ1dOOq
V1vNtcbTAgMBAAECggEAK0CP5vPR2tYrHgzmhv/bywEbcFVUlQErCjCyILBwJw0s
nii++WdxhJ+IFyFjSF7CK4DwRnbF6y7/dcjP76Mv2ZrOWxySdK2Tzpf+omv2mKTX
VvlcKAjzSvG06oDO76/8/d2MV9tV4pq19GoDH6f78nwQG62C0hFAwXIrxBmSe5V+
2v9ZV+1A4RVsh34YDLCbbX2QUHGhr2eApFImfZXQRLPfxShobMNmRZUw643d59+2
f2I2OO51Y8SSR7TB52Rj2VzeF50/GPEA7+18rca4fnlahnbZQszoxzQzbSHVamcx
E87xC4jwxFRzbRxcH/va7oAPTn5c+hhxsK48Pp6D5QKBgQDXDyrAj+yU5bPam4I1
cWQIoXVDjYTwAKOVsBvx70PaORINW4STS9ipl7OO6Sl8c/8HoqhOJLk3ySkZ15o7
F4IQsLBwMpLK0E/7rX+osy6cVdACluMwwd4gs1Lv4IOuQkhz/ONutbdgIup/gcK1
4f8LHbnEc1ArNezojnLfzh0RDQKBgQD2rq7vCA3nqx7PnsHmGTSjQi3JNIzCCve5
/P0y47lcIwVRkiItnYkjuTcTVFYiU7rgTymB3ecsgu0z4NSVeM7JuasNPRtykFAk
VqEuBPHDQ9CBt1M/tevTjj9w9ss3S6fstatVH35r0NNOI8K9INUnpMe+D7XO9ITB
qM2Mx5N/XwKBgHTsQxMkbLzbUfhlmdpShs+GcMnEdGVEA6xLbjYQHrTTWHQ4sJCg
qPAzkST+sVZ/fkV5csXhg23ICXeKV8kO0+EdHyAw7swji4jK4GAo4wuOQCRYQrbs
gEcJF+thBlbEpL2i3UgAte0nrpSaSPE4KMCzbZ9YDlsf22jooZ36YqU1AoGBAKu7
tstwBwYmil+uPXzsRUn3E5sEu42HRykzKC6afPvY4aYFH0g0aTn2gpIxX3msYugw
FEx16K+DQpGgTz70CLpFSQEBbq9WKoTxzmoURR9Ugb8cmpc7Fj+Ew0PofFc1k2Vm
oC21rDRw//phSPyT8/ESdYAqvb6jWhzcYKVGd7fvAoGARk9tb+N0RW72RomSbh6j
Pg3NewQS/LMMJZb3QcVsAhyyU5Lr7GJ8+PrMU5aQGZIcgx7oDFZre4uodvI+SIeR
5osb4E9F4yP9AD8BrBBMPHyLfG6bixWvnjEJHpa7+A4HSLWiuueIbfFejJekTyEx
Ww3ClzFAJlwF81Ky+peG4Tw=
-----END PRIVATE KEY-----
', '2026-11-28 06:14:57+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIA8qkUhvs9+a1o1xKhCpbcgCFky9lsvdmhIuI6RfJiNq
-----END PRIVATE KEY-----
');
INSERT INTO "accounts" VALUES ('01a220ca-e32a-7767-826b-c7b8fa509cf3', 'anna@here.test', 'Anna', 'townhall', '', '2026-11-28 06:14:57+00:00', '56FJFVWPKICQXHECBHLM3KZC6C', NULL);
INSERT INTO "sign_in_links" VALUES ('d3bb7ad5e9bab7c0ce41036e622209d2462c6cae90a88ce20188d93ea8a80df7', '01a220ca-e32a-7767-826b-c7b8fa509cf3', '2026-12-05 06:14:57+00:00');
INSERT INTO "editors" VALUES ('01a220ca-e32a-7767-826b-c7b8fa509cf3', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'owner', '2026-11-28 06:14:57+00:00');
INSERT INTO "clubs" VALUES ('https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', '**Sport** und „mehr“', '', '');
INSERT INTO "follows" VALUES ('https://far.test/follows/1', 'https://far.test/users/anna', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'accepted', '2026-01-02 03:04:05+00:00');
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a', 'Event', 1, 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'Sommerfest', '', '<p>Musik.</p>', 'Musik.', 'de', 'https://here.test/veranstaltungen/01a220ca-e3fa-79d7-af55-85af1fdfb04a', '', 'public', 0, 0, '2026-11-28 06:14:57+00:00', NULL, NULL, '2026-11-28 06:14:57+00:00');
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a220ca-e420-7bab-bef5-5986c68846ba', 'Event', 1, 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'Ausflug', '', '', '', 'de', 'https://here.test/veranstaltungen/01a220ca-e420-7bab-bef5-5986c68846ba', '', 'public', 0, 0, '2026-11-28 06:14:57+00:00', NULL, NULL, '2026-11-28 06:14:57+00:00');
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a220ca-e447-7c97-b56a-713f69388fc3', 'Note', 1, 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', '', '', '<p>Schlüssel <em>gefunden</em> 😀</p>', 'Schlüssel *gefunden* 😀', 'de', 'https://here.test/pinnwand/01a220ca-e447-7c97-b56a-713f69388fc3', '', 'public', 0, 0, '2026-11-28 06:14:57+00:00', NULL, NULL, '2026-11-28 06:14:57+00:00');
INSERT INTO "objects" VALUES ('https://far.test/notes/1', 'Note', 0, 'https://far.test/users/anna', '', '', '<p>Schön! 😀</p>', '', '', '', 'https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a', 'public', 0, 0, '2026-01-02 03:04:05+00:00', NULL, NULL, NULL);
INSERT INTO "audience" VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a', '2027-07-10 17:00:00+00:00', '2027-07-10 21:00:00+00:00', 'Europe/Berlin', 0, 'Marktplatz', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a220ca-e420-7bab-bef5-5986c68846ba', '2027-07-31 22:00:00+00:00', '2027-08-01 21:59:59+00:00', 'Europe/Berlin', 1, '', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "reactions" VALUES ('Like', 'https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a', 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00:00', NULL);
INSERT INTO "reports" VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00:00', '', NULL, '', '', '');
INSERT INTO "blocks" VALUES ('bad.test', '2026-01-02 03:04:05+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a220ca-e3fb-7eb0-bda4-a1b51d291f6a', 'Create', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323063612D653366622D376562302D626461342D613162353164323931663661222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653366612D373964372D616635352D383561663166646662303461222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C226E616D65223A22536F6D6D657266657374222C2273756D6D617279223A225C7530303363705C753030336553612E2C2031302E204A756C6920323032372C20313920626973203233205568722C204D61726B74706C61747A5C75303033632F705C7530303365222C22636F6E74656E74223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323063612D653366612D373964372D616635352D383561663166646662303461222C227075626C6973686564223A22323032362D31312D32385430363A31343A35375A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653366612D373964372D616635352D3835616631666466623034612F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653366612D373964372D616635352D3835616631666466623034612F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653366612D373964372D616635352D3835616631666466623034612F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30372D31305431393A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30372D31305432333A30303A30302B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C226C6F636174696F6E223A7B226964223A2268747470733A2F2F686572652E746573742F61702F706C616365732F5457467961335277624746306567222C2274797065223A22506C616365222C226E616D65223A224D61726B74706C61747A227D2C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323063612D653366612D373964372D616635352D383561663166646662303461222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653366612D373964372D616635352D3835616631666466623034612F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D6462323837663662363133632F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D6462323837663662363133632F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385430363A31343A35375A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D64623238376636623631336323656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385430363A31343A35375A222C2270726F6F6656616C7565223A227A464A48416D383655394E7378667A375161387553487266615864574D427668424B4A5769734B475A394338414B487967697A6E4554344D6732567559563658565155526639435A6D474242336254716F65326F4C754544227D7D', '2026-11-28 06:14:57+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a220ca-e421-7f10-8b37-34e4ed890d72', 'Create', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'https://here.test/ap/objects/01a220ca-e420-7bab-bef5-5986c68846ba', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323063612D653432312D376631302D386233372D333465346564383930643732222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653432302D376261622D626566352D353938366336383834366261222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C226E616D65223A22417573666C7567222C2273756D6D617279223A225C7530303363705C7530303365536F2E2C20312E2041756775737420323032375C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A22227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323063612D653432302D376261622D626566352D353938366336383834366261222C227075626C6973686564223A22323032362D31312D32385430363A31343A35375A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653432302D376261622D626566352D3539383663363838343662612F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653432302D376261622D626566352D3539383663363838343662612F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653432302D376261622D626566352D3539383663363838343662612F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30382D30315430303A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30382D30315432333A35393A35392B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323063612D653432302D376261622D626566352D353938366336383834366261222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653432302D376261622D626566352D3539383663363838343662612F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D6462323837663662363133632F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D6462323837663662363133632F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385430363A31343A35375A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D64623238376636623631336323656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385430363A31343A35375A222C2270726F6F6656616C7565223A227A347A73687446586D4E6A435434356931564A65754A65375A3955436F464E65674565704A5865516D437A393364484C4D5438395A543271356261556B4872326F7348676E454C6D574C6B4E6E6E4D4E6259764A7A78795737227D7D', '2026-11-28 06:14:57+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a220ca-e448-7f23-862d-229832fb24e2', 'Create', 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c', 'https://here.test/ap/objects/01a220ca-e447-7c97-b56a-713f69388fc3', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323063612D653434382D376632332D383632642D323239383332666232346532222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653434372D376339372D623536612D373133663639333838666333222C2274797065223A224E6F7465222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D646232383766366236313363222C22636F6E74656E74223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F70696E6E77616E642F30316132323063612D653434372D376339372D623536612D373133663639333838666333222C227075626C6973686564223A22323032362D31312D32385430363A31343A35375A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653434372D376339372D623536612D3731336636393338386663332F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653434372D376339372D623536612D3731336636393338386663332F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323063612D653434372D376339372D623536612D3731336636393338386663332F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D6462323837663662363133632F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D6462323837663662363133632F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385430363A31343A35375A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323063612D653335352D373162302D393865342D64623238376636623631336323656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385430363A31343A35375A222C2270726F6F6656616C7565223A227A33483151674A63685131394A546D65584E4142345453664B4A59503334724B50635767783272367047634247736F7239516E414C3172687A5753586973426B736E31677A3342476D78513936734A6F56616A764558423970227D7D', '2026-11-28 06:14:57+00:00');
INSERT INTO "inbox" VALUES (1, 'https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '{"type":"Like"}', 'pending', 1, '2026-01-02 03:04:05+00:00', NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "inbox" VALUES (2, 'https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "hosts" VALUES ('slow.test', '2026-01-02 03:04:05+00:00', NULL, '', 3, 2, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "hosts" VALUES ('far.test', '2026-11-28 06:14:57+00:00', NULL, '', 3, 0, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "deliveries" VALUES (1, 'https://here.test/ap/activities/01a220ca-e3fb-7eb0-bda4-a1b51d291f6a', 'https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 06:14:57+00:00', NULL, 0, '', '2026-11-28 06:14:57+00:00');
INSERT INTO "deliveries" VALUES (2, 'https://here.test/ap/activities/01a220ca-e421-7f10-8b37-34e4ed890d72', 'https://here.test/ap/objects/01a220ca-e420-7bab-bef5-5986c68846ba', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 06:14:57+00:00', NULL, 0, '', '2026-11-28 06:14:57+00:00');
INSERT INTO "deliveries" VALUES (3, 'https://here.test/ap/activities/01a220ca-e448-7f23-862d-229832fb24e2', 'https://here.test/ap/objects/01a220ca-e447-7c97-b56a-713f69388fc3', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 06:14:57+00:00', NULL, 0, '', '2026-11-28 06:14:57+00:00');
INSERT INTO "settings" VALUES ('a setting', 'its value');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a', 'operator', 'Create', '2026-11-28 06:14:57+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a220ca-e420-7bab-bef5-5986c68846ba', 'operator', 'Create', '2026-11-28 06:14:57+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a220ca-e447-7c97-b56a-713f69388fc3', 'operator', 'Create', '2026-11-28 06:14:57+00:00');
INSERT INTO "changes" VALUES (1, '');
INSERT INTO "changes" VALUES (2, '');
INSERT INTO "changes" VALUES (3, '');
INSERT INTO "changes" VALUES (4, 'https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c');
INSERT INTO "changes" VALUES (5, '');
INSERT INTO "changes" VALUES (6, '');
INSERT INTO "changes" VALUES (7, '');
INSERT INTO "changes" VALUES (8, '');
INSERT INTO "changes" VALUES (9, '');
INSERT INTO "changes" VALUES (10, '');
INSERT INTO "changes" VALUES (11, '');
INSERT INTO "changes" VALUES (12, '');
INSERT INTO "changes" VALUES (13, '');
INSERT INTO "changes" VALUES (14, '');
INSERT INTO "changes" VALUES (15, 'https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a');
INSERT INTO "changes" VALUES (16, 'https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a');
INSERT INTO "changes" VALUES (17, '');
INSERT INTO "town_look" VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', 1, 'Rathaus', '', '2026-01-02 03:04:05+00:00');
INSERT INTO "town_pictures" VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0.0, 0.5, 'x');
INSERT INTO "town_texts" VALUES ('impressum', 'de', '2026-11-28 06:14:57+00:00', '## Rathaus', 'operator');
INSERT INTO "posts" VALUES ('https://here.test/ap/objects/01a220ca-e447-7c97-b56a-713f69388fc3', 'announcement', '2026-11-28 06:14:57+00:00');
INSERT INTO "river_migration" VALUES ('main', 1, '2026-11-28 06:14:57');
INSERT INTO "river_migration" VALUES ('main', 2, '2026-11-28 06:14:57');
INSERT INTO "river_migration" VALUES ('main', 3, '2026-11-28 06:14:57');
INSERT INTO "river_migration" VALUES ('main', 4, '2026-11-28 06:14:57');
INSERT INTO "river_migration" VALUES ('main', 5, '2026-11-28 06:14:57');
INSERT INTO "river_migration" VALUES ('main', 6, '2026-11-28 06:14:57');
CREATE UNIQUE INDEX actors_local_username ON actors (preferred_username) WHERE local;
CREATE INDEX actors_acct ON actors (acct);
CREATE INDEX actors_host ON actors (host);
CREATE INDEX actors_key_id ON actors (key_id);
CREATE INDEX follows_object ON follows (object_id, state);
CREATE INDEX follows_id ON follows (id);
CREATE INDEX objects_in_reply_to ON objects (in_reply_to, published) WHERE in_reply_to <> '';
CREATE INDEX objects_attributed_to ON objects (attributed_to, published);
CREATE INDEX objects_type ON objects (type, local, published);
CREATE INDEX audience_recipient ON audience (recipient);
CREATE INDEX events_start_time ON events (start_time);
CREATE INDEX reactions_object ON reactions (object_id);
CREATE INDEX reactions_actor ON reactions (actor_id);
CREATE INDEX reactions_id ON reactions (id);
CREATE INDEX activities_actor ON activities (actor_id, public, published);
CREATE INDEX activities_object ON activities (object_id);
CREATE INDEX inbox_received ON inbox (received);
CREATE INDEX deliveries_order ON deliveries (host, object_id, id) WHERE state = 'waiting';
CREATE INDEX sessions_expires ON sessions (expires);
CREATE INDEX throttles_expires ON throttles (expires);
CREATE INDEX edits_object ON edits (object_id, at);
CREATE INDEX inbox_author ON inbox (actor_id) WHERE state = 'pending';
CREATE INDEX club_blocks_target ON club_blocks (target);
CREATE INDEX hosts_failing ON hosts (host) WHERE failures > 0;
CREATE INDEX deliveries_missing ON deliveries (inbox) WHERE state = 'failed' AND status = 404;
CREATE INDEX hosts_due ON hosts (standing, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_failed ON deliveries (host) WHERE state = 'failed';
CREATE INDEX inbox_ready ON inbox (due_at) WHERE state = 'pending' AND asks = '';
CREATE INDEX inbox_asking ON inbox (due_at) WHERE state = 'pending' AND asks <> '';
CREATE INDEX events_ends ON events (COALESCE(end_time, start_time), start_time);
CREATE INDEX actors_clubs ON actors (LOWER(name), id) WHERE local AND type = 'Group';
CREATE INDEX events_category ON events (category, start_time);
CREATE INDEX events_place ON events (place, start_time);
CREATE INDEX actors_directory ON actors (state, name, preferred_username, id, local, type) WHERE local AND type = 'Group';
CREATE INDEX clubs_field ON clubs (field, actor_id);
CREATE INDEX posts_kind ON posts (kind, published, object_id);
CREATE INDEX mails_state ON mails (state, created);
CREATE INDEX mails_recipient ON mails (recipient);
CREATE INDEX registrations_email ON registrations (email);
CREATE INDEX applications_account ON applications (account_id);
CREATE INDEX invitations_actor ON invitations (actor_id);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX recovery_codes_account ON recovery_codes (account_id);
CREATE INDEX address_changes_stop ON address_changes (stop_hash);
CREATE INDEX address_changes_old ON address_changes (old_email);
CREATE INDEX account_events_account ON account_events (account_id);
CREATE INDEX passkeys_account ON passkeys (account_id);
CREATE INDEX ceremonies_expires ON ceremonies (expires);
CREATE INDEX identities_account ON identities (account_id);
CREATE INDEX deletions_created ON deletions (created, activity_id);
CREATE INDEX deletions_actor ON deletions (actor_id, created, activity_id);
CREATE INDEX told_open ON told (activity_id) WHERE confirmed IS NULL;
CREATE INDEX edits_person ON edits (account_id, object_id);
CREATE INDEX drafts_club ON drafts (actor_id, changed);
CREATE INDEX drafts_due ON drafts (due_at);
CREATE INDEX drafts_account ON drafts (account_id);
CREATE INDEX drafts_held ON drafts (held);
CREATE INDEX templates_club ON templates (actor_id, name);
CREATE INDEX templates_held ON templates (held);
CREATE INDEX edits_account ON edits (account_id, at);
CREATE INDEX pins_actor ON pins (actor_id, position);
CREATE INDEX river_job_kind ON river_job (kind);
CREATE INDEX river_job_state_and_finalized_at_index ON river_job (state, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX river_job_prioritized_fetching_index ON river_job (state, queue, priority, scheduled_at, id);
CREATE UNIQUE INDEX river_job_unique_idx ON river_job (unique_key)
    WHERE unique_key IS NOT NULL
        AND unique_states IS NOT NULL
        AND CASE state
            WHEN 'available' THEN unique_states & (1 << 0)
            WHEN 'cancelled' THEN unique_states & (1 << 1)
            WHEN 'completed' THEN unique_states & (1 << 2)
            WHEN 'discarded' THEN unique_states & (1 << 3)
            WHEN 'pending'   THEN unique_states & (1 << 4)
            WHEN 'retryable' THEN unique_states & (1 << 5)
            WHEN 'running'   THEN unique_states & (1 << 6)
            WHEN 'scheduled' THEN unique_states & (1 << 7)
            ELSE 0
        END >= 1;
CREATE TRIGGER changes_objects_insert AFTER INSERT ON objects WHEN NEW.local OR NEW.in_reply_to <> ''
BEGIN INSERT INTO changes (object_id) VALUES (CASE WHEN NEW.local THEN '' ELSE NEW.in_reply_to END); END;
CREATE TRIGGER changes_objects_update AFTER UPDATE ON objects WHEN NEW.local OR NEW.in_reply_to <> ''
BEGIN INSERT INTO changes (object_id) VALUES (CASE WHEN NEW.local THEN '' ELSE NEW.in_reply_to END); END;
CREATE TRIGGER changes_objects_delete AFTER DELETE ON objects WHEN OLD.local OR OLD.in_reply_to <> ''
BEGIN INSERT INTO changes (object_id) VALUES (CASE WHEN OLD.local THEN '' ELSE OLD.in_reply_to END); END;
CREATE TRIGGER changes_events_update AFTER UPDATE ON events WHEN EXISTS (SELECT 1 FROM objects WHERE id = NEW.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_attachments_insert AFTER INSERT ON attachments WHEN EXISTS (SELECT 1 FROM objects WHERE id = NEW.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_attachments_update AFTER UPDATE ON attachments WHEN EXISTS (SELECT 1 FROM objects WHERE id = NEW.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_attachments_delete AFTER DELETE ON attachments WHEN EXISTS (SELECT 1 FROM objects WHERE id = OLD.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_variants_insert AFTER INSERT ON variants
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_variants_delete AFTER DELETE ON variants
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_actors_insert AFTER INSERT ON actors WHEN NEW.local
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_actors_update AFTER UPDATE ON actors WHEN NEW.local OR OLD.blocked <> NEW.blocked OR OLD.state <> NEW.state
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_actors_rename AFTER UPDATE ON actors
WHEN NOT NEW.local AND (OLD.name <> NEW.name OR OLD.preferred_username <> NEW.preferred_username OR OLD.acct <> NEW.acct OR OLD.url <> NEW.url
    OR OLD.key_id <> NEW.key_id OR OLD.public_key_pem <> NEW.public_key_pem)
BEGIN INSERT INTO changes (object_id) VALUES (NEW.id); END;
CREATE TRIGGER changes_actors_delete AFTER DELETE ON actors
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_reactions_insert AFTER INSERT ON reactions
BEGIN INSERT INTO changes (object_id) VALUES (NEW.object_id); END;
CREATE TRIGGER changes_reactions_delete AFTER DELETE ON reactions
BEGIN INSERT INTO changes (object_id) VALUES (OLD.object_id); END;
CREATE TRIGGER changes_follows_insert AFTER INSERT ON follows
BEGIN INSERT INTO changes (object_id) SELECT id FROM actors WHERE id IN (NEW.object_id, NEW.actor_id) AND local; END;
CREATE TRIGGER changes_follows_update AFTER UPDATE ON follows WHEN OLD.state <> NEW.state
BEGIN INSERT INTO changes (object_id) SELECT id FROM actors WHERE id IN (NEW.object_id, NEW.actor_id) AND local; END;
CREATE TRIGGER changes_follows_delete AFTER DELETE ON follows
BEGIN INSERT INTO changes (object_id) SELECT id FROM actors WHERE id IN (OLD.object_id, OLD.actor_id) AND local; END;
CREATE TRIGGER changes_activities_insert AFTER INSERT ON activities WHEN NEW.public
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_activities_delete AFTER DELETE ON activities WHEN OLD.public
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_blocks_insert AFTER INSERT ON blocks
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_blocks_delete AFTER DELETE ON blocks
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER actors_key_change
AFTER UPDATE OF key_id, public_key_pem, assertion_method, state, blocked ON actors
WHEN NOT NEW.local AND (OLD.key_id <> NEW.key_id OR OLD.public_key_pem <> NEW.public_key_pem
    OR OLD.assertion_method <> NEW.assertion_method OR OLD.state <> NEW.state OR OLD.blocked <> NEW.blocked)
BEGIN
    INSERT INTO key_changes (actor_id) VALUES (NEW.id);
END;
CREATE TRIGGER search_objects_insert AFTER INSERT ON objects WHEN NEW.local AND NEW.in_reply_to = ''
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
CREATE TRIGGER search_objects_update AFTER UPDATE ON objects WHEN NEW.local AND NEW.in_reply_to = ''
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
CREATE TRIGGER search_objects_delete AFTER DELETE ON objects WHEN OLD.local AND OLD.in_reply_to = ''
BEGIN INSERT INTO search_due (id) VALUES (OLD.id); END;
CREATE TRIGGER search_actors_insert AFTER INSERT ON actors WHEN NEW.local
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
CREATE TRIGGER search_actors_update AFTER UPDATE ON actors
WHEN NEW.local AND (OLD.name <> NEW.name OR OLD.summary <> NEW.summary OR OLD.preferred_username <> NEW.preferred_username)
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
CREATE TRIGGER search_actors_rename AFTER UPDATE ON actors WHEN NEW.local AND OLD.name <> NEW.name
BEGIN INSERT INTO search_due (id) SELECT id FROM objects WHERE attributed_to = NEW.id AND in_reply_to = '' AND deleted IS NULL; END;
CREATE TRIGGER search_actors_delete AFTER DELETE ON actors WHEN OLD.local
BEGIN INSERT INTO search_due (id) VALUES (OLD.id); END;
CREATE TRIGGER changes_town_look_insert AFTER INSERT ON town_look
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_look_update AFTER UPDATE ON town_look
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_look_delete AFTER DELETE ON town_look
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_pictures_insert AFTER INSERT ON town_pictures
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_pictures_update AFTER UPDATE ON town_pictures
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_pictures_delete AFTER DELETE ON town_pictures
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_texts_insert AFTER INSERT ON town_texts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_texts_delete AFTER DELETE ON town_texts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_clubs_insert AFTER INSERT ON clubs
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_clubs_update AFTER UPDATE ON clubs
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_posts_insert AFTER INSERT ON posts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_posts_update AFTER UPDATE ON posts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_pins_insert AFTER INSERT ON pins
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_pins_update AFTER UPDATE ON pins
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_pins_delete AFTER DELETE ON pins
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
INSERT INTO search_due (id) VALUES ('https://here.test/ap/actors/01a220ca-e355-71b0-98e4-db287f6b613c');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a220ca-e447-7c97-b56a-713f69388fc3');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a220ca-e3fa-79d7-af55-85af1fdfb04a');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a220ca-e420-7bab-bef5-5986c68846ba');
PRAGMA foreign_keys = ON;
