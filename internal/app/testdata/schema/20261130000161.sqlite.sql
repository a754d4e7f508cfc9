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
, assertion_method TEXT NOT NULL DEFAULT '[]', moved TIMESTAMP, attachment TEXT NOT NULL DEFAULT '[]', archived TIMESTAMP, limited BOOLEAN NOT NULL DEFAULT FALSE, host_limited BOOLEAN NOT NULL DEFAULT FALSE, stale INTEGER NOT NULL DEFAULT 0);
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
, field TEXT NOT NULL DEFAULT '', website TEXT NOT NULL DEFAULT '', verified TIMESTAMP, imprint TEXT NOT NULL DEFAULT '');
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
, received TIMESTAMP, warning TEXT NOT NULL DEFAULT '', stale INTEGER NOT NULL DEFAULT 0);
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
, account_id TEXT NOT NULL DEFAULT '', closed TIMESTAMP, kind TEXT NOT NULL DEFAULT '', place TEXT NOT NULL DEFAULT '', contact TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '');
CREATE TABLE blocks (
    domain  TEXT      PRIMARY KEY,
    created TIMESTAMP NOT NULL
, severity TEXT NOT NULL DEFAULT 'block', reject_media BOOLEAN NOT NULL DEFAULT FALSE, reject_reports BOOLEAN NOT NULL DEFAULT FALSE, public_comment TEXT NOT NULL DEFAULT '', private_comment TEXT NOT NULL DEFAULT '', obfuscate BOOLEAN NOT NULL DEFAULT FALSE, by_account TEXT NOT NULL DEFAULT '', list_id TEXT NOT NULL DEFAULT '');
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
CREATE TABLE alerts (
    id       TEXT      PRIMARY KEY,
    severity TEXT      NOT NULL,
    text_de  TEXT      NOT NULL,
    text_en  TEXT      NOT NULL,
    starts   TIMESTAMP NOT NULL,
    ends     TIMESTAMP,
    showing  BOOLEAN   NOT NULL DEFAULT FALSE
);
CREATE TABLE decisions (
    id            TEXT      PRIMARY KEY,
    report_id     TEXT      NOT NULL, -- '' for one of the town hall's own accord
    target        TEXT      NOT NULL, -- the id of an object or of an actor
    actor_id      TEXT      NOT NULL, -- whose it is, or who it is
    act           TEXT      NOT NULL, -- hide, warn, limit or suspend
    basis         TEXT      NOT NULL, -- law or house
    rule          TEXT      NOT NULL,
    reason        TEXT      NOT NULL,
    warning       TEXT      NOT NULL,
    recalled      BOOLEAN   NOT NULL,
    by_account    TEXT      NOT NULL,
    created       TIMESTAMP NOT NULL,
    ended         TIMESTAMP,
    ended_account TEXT      NOT NULL
);
CREATE TABLE objections (
    id          TEXT      PRIMARY KEY,
    decision_id TEXT      NOT NULL, -- '' when who reported objects
    report_id   TEXT      NOT NULL, -- '' when who wrote it objects
    content     TEXT      NOT NULL,
    contact     TEXT      NOT NULL, -- a mail address, '' once it is answered
    language    TEXT      NOT NULL,
    received    TIMESTAMP NOT NULL,
    outcome     TEXT      NOT NULL, -- '' while it waits, 'kept' or 'changed'
    answer      TEXT      NOT NULL,
    by_account  TEXT      NOT NULL,
    decided     TIMESTAMP,
    UNIQUE (decision_id, report_id)
);
CREATE TABLE ledger (
    seq        INTEGER   PRIMARY KEY,
    at         TIMESTAMP NOT NULL,
    by_account TEXT      NOT NULL,
    act        TEXT      NOT NULL,
    target     TEXT      NOT NULL,
    account_id TEXT      NOT NULL,
    detail     TEXT      NOT NULL,
    by_mark    TEXT      NOT NULL,
    about_mark TEXT      NOT NULL,
    hash       TEXT      NOT NULL
);
CREATE TABLE host_lists (
    id         TEXT PRIMARY KEY,
    url        TEXT NOT NULL,
    name       TEXT NOT NULL,
    allows     BOOLEAN NOT NULL,
    body       TEXT NOT NULL,
    auto       BOOLEAN NOT NULL,
    fault      TEXT NOT NULL,
    due        INTEGER NOT NULL,
    created    TIMESTAMP NOT NULL,
    fetched    TIMESTAMP,
    tried      TIMESTAMP,
    by_account TEXT NOT NULL
);
CREATE TABLE waves (
    host    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    hour    TIMESTAMP NOT NULL,
    n       INTEGER NOT NULL,
    held    INTEGER NOT NULL,
    settled BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (host, kind, hour)
);
CREATE TABLE watch_words (
    folded     TEXT PRIMARY KEY,
    word       TEXT NOT NULL,
    created    TIMESTAMP NOT NULL,
    by_account TEXT NOT NULL
);
CREATE TABLE looks (
    object_id  TEXT PRIMARY KEY,
    words      TEXT NOT NULL,
    created    TIMESTAMP NOT NULL,
    decided    TIMESTAMP,
    shown      BOOLEAN NOT NULL DEFAULT FALSE,
    by_account TEXT NOT NULL
);
CREATE TABLE care (
    thing_id  TEXT      PRIMARY KEY, -- the id of an object or of a club
    confirmed TIMESTAMP,
    step      INTEGER   NOT NULL DEFAULT 0,
    told      TIMESTAMP
);
CREATE TABLE care_rules (
    name TEXT    PRIMARY KEY, -- of a kind or of a step
    days INTEGER NOT NULL     -- 0 switches a kind off
);
CREATE TABLE care_rounds (
    id TEXT      PRIMARY KEY, -- always 'letters'
    at TIMESTAMP NOT NULL
);
CREATE TABLE hints (
    id       TEXT      PRIMARY KEY,
    thing_id TEXT      NOT NULL,
    club_id  TEXT      NOT NULL,
    content  TEXT      NOT NULL,
    contact  TEXT      NOT NULL DEFAULT '',
    received TIMESTAMP NOT NULL,
    closed   TIMESTAMP
);
CREATE TABLE agreements (
    club_id    TEXT      NOT NULL,
    version    TIMESTAMP NOT NULL, -- when the text was written
    account_id TEXT      NOT NULL,
    accepted   TIMESTAMP NOT NULL,
    PRIMARY KEY (club_id, version)
);
CREATE TABLE town_facts (
    name    TEXT      PRIMARY KEY, -- 'impressum.name'
    value   TEXT      NOT NULL,    -- lines, '' for one that was taken away
    changed TIMESTAMP NOT NULL
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
INSERT INTO "bun_migrations" VALUES (1, '20261124000001', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (2, '20261124000002', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (3, '20261127000010', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (4, '20261127000020', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (5, '20261127000021', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (6, '20261127000030', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (7, '20261127000040', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (8, '20261127000041', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (9, '20261127000050', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (10, '20261127000060', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (11, '20261127000080', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (12, '20261127000090', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (13, '20261127000100', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (14, '20261128000010', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (15, '20261128000020', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (16, '20261128000030', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (17, '20261128000040', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (18, '20261129000100', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (19, '20261129000101', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (20, '20261129000110', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (21, '20261129000120', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (22, '20261129000121', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (23, '20261129000130', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (24, '20261129000140', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (25, '20261129000150', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (26, '20261129000160', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (27, '20261129000161', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (28, '20261130000110', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (29, '20261130000120', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (30, '20261130000121', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (31, '20261130000130', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (32, '20261130000140', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (33, '20261130000141', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (34, '20261130000150', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (35, '20261130000151', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (36, '20261130000160', 1, '2026-11-28 10:32:01');
INSERT INTO "bun_migrations" VALUES (37, '20261130000161', 1, '2026-11-28 10:32:01');
INSERT INTO "sqlite_sequence" VALUES ('bun_migrations', 37);
INSERT INTO "sqlite_sequence" VALUES ('changes', 17);
INSERT INTO "sqlite_sequence" VALUES ('inbox', 2);
INSERT INTO "sqlite_sequence" VALUES ('deliveries', 3);
INSERT INTO "actors" VALUES ('https://here.test/ap/instance', 'Application', 1, 'here.test', 'instance', 'instance@here.test', 'Musterdorf', '', 'https://here.test/', 'https://here.test/ap/instance/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/instance/outbox', 'https://here.test/ap/instance/followers', '', '', '', 'https://here.test/ap/instance#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxRE1d9nZ22jnZSUz1SwO
k56sAg1hG4uKnxDLvRuhlOqqGa5M9oy0Uz7YRcoKAnRAN1yIba0ONUJO15z1m+IE
IyavChhEhYCng91h0vwQKLF3szFTmFOH54aanWpT/TRf6ckdBgPlWwrUo06i9M+X
05M42kqJSA+DZeIN8Qgm0tAKCk7mJ3ER3HnLphcic7alESGe8e5maUVu620DKAAE
k8uIm9rpxN5L2AqODsPP7Lo9boh8tuxUJNhqRVGvCjhQ3+kd9nZYElVASQ9K0mhQ
zDbscxH7T3iGugzsJSmeRKLg1dYxr4w6l6gAvPD7YkJQ0afAdEP6e3XBeTok9grZ
aQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 10:32:01+00:00', NULL, NULL, '[{"id":"https://here.test/ap/instance#ed25519-key","type":"Multikey","controller":"https://here.test/ap/instance","publicKeyMultibase":"z6MkgYgbSFV3mKeMA6g2EaG9tERHoPgXZ3MUri9HMG36oMSX"}]', NULL, '[]', NULL, 0, 0, 0);
INSERT INTO "actors" VALUES ('https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'Group', 1, 'here.test', 'tsv', 'tsv@here.test', 'TSV', '<p><strong>Sport</strong> und „mehr“</p>', 'https://here.test/vereine/tsv', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403/outbox', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403/followers', '', '', '', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtxC8jLwsq1YQ/bwEk/h+
o4aT4txof1WmR543urHuWt5uC1pjttbUGKJ4uH1FFeZ5oaTNgK+gu6Xi2hevI1wR
qA9SxfveeSz3PxCAX046h0ZpetVzO8fKNPgzv4PW+h3/44Zfrz33xMIz0nRjd/a3
jBIJZOEY+X281H6HZhPoZl9KF3usWjbY8/4ILwN/DEbtkd2K6OACtmuAcIHVZRfw
BTSfwuDntpDAthWRXiHJD+veUCktHv8Go1f+04UPc8sqNGPpSGXmcIXU/Al6088s
blC1yIoArQ/r2gZEs1geRzckLStkH5ag3LTh5n5QeYy2RiE1kl8rYWSBEeKP6jVH
EwIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 10:32:01+00:00', NULL, NULL, '[{"id":"https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403#ed25519-key","type":"Multikey","controller":"https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403","publicKeyMultibase":"z6Mkg5Rg1J5kaAFpL6BAD3RSDYSQQRiRGvcXVWTBr5QzYEyf"}]', NULL, '[]', NULL, 0, 0, 0);
INSERT INTO "actors" VALUES ('https://far.test/users/anna', 'Person', 0, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', '', '', 'https://far.test/users/anna/inbox', '', '', 'https://far.test/users/anna/followers', '', '', '', '', '', '[]', '', 'active', 0, '2026-01-02 03:04:05+00:00', '2026-02-03 04:05:06.123456+00:00', NULL, '[]', NULL, '[]', NULL, 0, 0, 0);
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/instance', '-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDFETV32dnbaOdl
JTPVLA6TnqwCDWEbi4qfEMu9G6GU6qoZrkz2jLRTPthFygoCdEA3XIhtrQ41Qk7X
nPWb4gQjJq8KGESFgKeD3WHS/BAosXezMVOYU4fnhpqdalP9NF/pyR0GA+VbCtSj
TqL0z5fTkzjaSolID4Nl4g3xCCbS0AoKTuYncRHcecumFyJztqURIZ7x7mZpRW7r
bQMoAASTy4ib2unE3kvYCo4Ow8/suj1uiHy27FQk2GpFUa8KOFDf6R32dlgSVUBJ
D0rSaFDMNuxzEftPeIa6DOwlKZ5EouDV1jGvjDqXqAC88PtiQlDRp8B0Q/p7dcF5
OiT2CtlpAgMBAAECggEAJdK0OvEenbyIMQMPbDo8//tD008DFNjW/cmo+P5NKHpT
tIMeNXHzCEk3FEn/WtI6IwYJD1fYMsOrwzlWcJlUJvT9Qog+2orDXA1JAcgsR8ss
CMIOY92gZ4EPuufV//Kl+AaIIgfsZOlyv3dP0oHnh42pq0gECkcj9pGJEHp6jRpX
CGFOHIDx7Pil8qTANNa46BHS+yoW+v82Gd91Lh4kEJELDo4Qyz6MMZkKAyrQzbYJ
xMsxpaIQuIudgP7BtjSYC9bx+Rn49AsIEAJMJQ+nYDOGu6pr3JpxhcHKgEcylnWl
OrOTpKihN1/hOxV3BzrZaAS4bfw7HD/awR0Evdy5aQKBgQD8ysQjU8UT5uTGTeJx
VTibqbPcqa7gqJTcoQLMGRSE8sg6VmxCa/yLC5jxQtlFWyCrU8mIb8H1nFnzC35i
NYUqh8vuYBCiC8B6aRXQz9bEYfOWtxvftxRWNQwrnqkiszmYY4LMtUmMnLMjiIkz
UyFk3BvdLQ1pcJxkW7t9UJzgXQKBgQDHkWl5p4l3SmNflIktRpuiTddiv9DYJZJW
FlKA8gNmAvIIzqTqa/R/rcdK/zUKgyH4tAoTSb70EZG/mJRyxz2kLEaLm+S89I9B
XwQGrVPXibglym26KznnwaLKeej2n9N3eTLVh9MhvlNLzJrx0Vy5TiWo6gHNNC9h
1mtakJG8fQKBgQDgduecetjHKEHB+Ax3F/YQ+qoz6RPYdrjgA7RpKGf4+V9jtbOh
cyOnD6A5smMc26Lxno+YL6wpfDC+yFjruZxKPJSPUQvT5918lG0DolmQvW0/Sc5d
YsKTHb11ygdjQYOF1e6h+OObENVcWvOA+HLxjSTMyyFam9yynGWqC3eRHQKBgQCq
X9waPgu/ycQYv2h1PMh1wdrVtUiIn1rVH+2DpBl+p5kWJ8TnVQ7BSgzQXBxeQyFn
f9zyJo1dNPqnBY4Gh056sEnxuj+HiYoblxCK2sKvSiXqLW2L+IdQ8iEWlwlqM3yH
jPL3FSQMtL3MAnttYv20PaEtGco79AdXkYTJJo8kyQKBgGl2TEvknCqhjivVT0m+
Og+UYk4j09va0VKpawdciATsUd9jF9JwGMzGue5lPj3ka8OprsGvUFNwdxi7uFHe
y9kwcMMJ4QU1sn886nJFYBN1BTwozK9CkfmQB/EdrF6sNvpEbyO37Eu5rQ69A5LO
Y0ISrY3ylV6c674Z6FunKr6O
-----END PRIVATE KEY-----
', '2026-11-28 10:32:01+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICQwIdb+XIJdX8HfXX8UGlcfs0S5mK8LB4nIS5swUqBJ
-----END PRIVATE KEY-----
');
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', '-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC3ELyMvCyrVhD9
vAST+H6jhpPi3Gh/VaZHnje6se5a3m4LWmO21tQYoni4fUUV5nmhpM2Ar6C7peLa
F68jXBGoD1LF+955LPc/EIBfTjqHRml61XM7x8o0+DO/g9b6Hf/jhl+vPffEwjPS
dGN39reMEglk4Rj5fbzUfodmE+hmX0oXe6xaNtjz/ggvA38MRu2R3Yro4AK2a4Bw
gdVlF/AFNJ/C4Oe2kMC2FZFeIckP695QKS0e/wajV/7ThQ9zyyo0Y+lIZeZwhdT8
CXrTzyxuULXIigCtD+vaBkSzWB5HNyQtK2QflqDctOHmflB5jLZGITWSXythZIER
4o/qNUcTAgMBAAECggEASFnbgy2948uEtJuSHZ85Ac0m9qLQw/6oVKbR9L3s68n8
KQ2E2lbmhYP0/Uk5PDIWQU3+kE0ZVAB4e2Sf6fQx4D+KIchtQWwFnc2aRtCGrj8k
YhEpVWedYbj0zsy+8qRXpWdOutZdbcypKZSpWVjPaxMX1mBme/h3YG5PegcFMyvq
2jaWsLuQsxcBdxGRvm1ZOHNEjtUdlmt3qQfFJLrojbIsGNBYhnVNfO48H0IkrOLJ
SIf5LF1QwQ+YYhfWqXbvanDmAJr/19BUG4YTzdR1pjYJjQWJIBmbz4vZAzK5tnGW
VySTHid09LJrGks8rmeFQ2/csVb72CpG8WJFqks3iQKBgQDxgdx1VACcP4/4+uc6
vOp0dwztwT2bRcdeHN3/hYunSRPc5EgwQ+E5JdFh6J011V7HTgWmeSDYOgFBvv7m
tpxxjhquy89R6NiZ4K9BPz6foaka82pL8zWJKPltjJjjj0Oi3mxuWYa3+qg2Spbf
/2MeQEUdQEDawg4zNXQeFFDuKwKBgQDCDRDXuTOHmeZ7CGopTFS7lXSkWV3vrNdy
7W80HQN4+cZRhkmEFv4GjjpmbT9j/WHF+XuvheyZrKhRgBM+tlFANZIFj1opirld
IK2JFHh6jDT1GpCt0OY41UHUrNDNpDm67oAT+cb/T/OO4BKkDGSr3+A3Fh+Mbniu
5EWdc4B+uQKBgQDH1jHq7/B1We8zEcJGC05hwqTzEyR8GDhJOs/DgOi3KrQB4u+M
6I4z8IQaZRW5Fu6PMpNgVfiEkzK5CWb414AKQpD3tHO/jlG0uoOqFMAn7Of2Ahch
84SIE1yZdm6IVeKcoTnN8cyU7hdEnWHMxhFpVbsa4jEIEu0XGJMV1K/G8wKBgC/k
p6aGiChMnKz6+7CrrTILBhnWELAp2Zb88PhMvOGry/2tBhH61sFpcxJ6ni2giPQi
yhsdE7MuAPD0ikttFgqh7iM/KUKdgXhxq0Ls8XtVhXCFGPY9W8TlJXVHHdXTVYhE
ewnzGOFEq1k1BoTEpkghXiZaaHjxfwmzP1dH/YvJAoGBAIHCaOxMdswLVmYuaDbJ
GRzopWOOZv8vqNHVBMIPR5doUzQodxDwkKPyQHs6H/o7kM9PC2xRj81xYGtL/Y6b
PBqkVkChi/Bh6ldFDN1iRW5+BmVyTJ2+KUnQuLEsDVZI8ygdNrmvYQpdpLN0hngN
dGRwnx/XpdxtHtESpLH+hUg9
-----END PRIVATE KEY-----
', '2026-11-28 10:32:01+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAP2+Olu9MWbyuwRJCct+bt2gV5oJkfIP/eQKKHunxUq
-----END PRIVATE KEY-----
');
INSERT INTO "accounts" VALUES ('01a221b6-3f8d-74c9-a414-02a00cb4a401', 'anna@here.test', 'Anna', 'townhall', '', '2026-11-28 10:32:01+00:00', '5CL67HZQYWESOK2UL3PAKJWW63', NULL);
INSERT INTO "sign_in_links" VALUES ('072690c9be415fdeadc3aae922e4190147bde50022a8bd9b6cb7e2f023739090', '01a221b6-3f8d-74c9-a414-02a00cb4a401', '2026-12-05 10:32:01+00:00');
INSERT INTO "editors" VALUES ('01a221b6-3f8d-74c9-a414-02a00cb4a401', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'owner', '2026-11-28 10:32:01+00:00');
INSERT INTO "clubs" VALUES ('https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', '**Sport** und „mehr“', '', '', NULL, '');
INSERT INTO "follows" VALUES ('https://far.test/follows/1', 'https://far.test/users/anna', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'accepted', '2026-01-02 03:04:05+00:00');
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4', 'Event', 1, 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'Sommerfest', '', '<p>Musik.</p>', 'Musik.', 'de', 'https://here.test/veranstaltungen/01a221b6-4061-7d81-9da9-8cdc0f738ac4', '', 'public', 0, 0, '2026-11-28 10:32:01+00:00', NULL, NULL, '2026-11-28 10:32:01+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a221b6-40a5-7782-84c6-74a2120c2f81', 'Event', 1, 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'Ausflug', '', '', '', 'de', 'https://here.test/veranstaltungen/01a221b6-40a5-7782-84c6-74a2120c2f81', '', 'public', 0, 0, '2026-11-28 10:32:01+00:00', NULL, NULL, '2026-11-28 10:32:01+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a221b6-40dd-7201-9233-23e6de36de2f', 'Note', 1, 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', '', '', '<p>Schlüssel <em>gefunden</em> 😀</p>', 'Schlüssel *gefunden* 😀', 'de', 'https://here.test/pinnwand/01a221b6-40dd-7201-9233-23e6de36de2f', '', 'public', 0, 0, '2026-11-28 10:32:02+00:00', NULL, NULL, '2026-11-28 10:32:02+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://far.test/notes/1', 'Note', 0, 'https://far.test/users/anna', '', '', '<p>Schön! 😀</p>', '', '', '', 'https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4', 'public', 0, 0, '2026-01-02 03:04:05+00:00', NULL, NULL, NULL, '', 0);
INSERT INTO "audience" VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4', '2027-07-10 17:00:00+00:00', '2027-07-10 21:00:00+00:00', 'Europe/Berlin', 0, 'Marktplatz', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a221b6-40a5-7782-84c6-74a2120c2f81', '2027-07-31 22:00:00+00:00', '2027-08-01 21:59:59+00:00', 'Europe/Berlin', 1, '', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "reactions" VALUES ('Like', 'https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4', 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00:00', NULL);
INSERT INTO "reports" VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00:00', '', NULL, '', '', '', '', '', '', '');
INSERT INTO "blocks" VALUES ('bad.test', '2026-01-02 03:04:05+00:00', 'block', 0, 0, '', '', 0, '', '');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a221b6-4063-78f1-8554-503f29bf7ffe', 'Create', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323162362D343036332D373866312D383535342D353033663239626637666665222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343036312D376438312D396461392D386364633066373338616334222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C226E616D65223A22536F6D6D657266657374222C2273756D6D617279223A225C7530303363705C753030336553612E2C2031302E204A756C6920323032372C20313920626973203233205568722C204D61726B74706C61747A5C75303033632F705C7530303365222C22636F6E74656E74223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323162362D343036312D376438312D396461392D386364633066373338616334222C227075626C6973686564223A22323032362D31312D32385431303A33323A30315A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343036312D376438312D396461392D3863646330663733386163342F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343036312D376438312D396461392D3863646330663733386163342F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343036312D376438312D396461392D3863646330663733386163342F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30372D31305431393A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30372D31305432333A30303A30302B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C226C6F636174696F6E223A7B226964223A2268747470733A2F2F686572652E746573742F61702F706C616365732F5457467961335277624746306567222C2274797065223A22506C616365222C226E616D65223A224D61726B74706C61747A227D2C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323162362D343036312D376438312D396461392D386364633066373338616334222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343036312D376438312D396461392D3863646330663733386163342F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D3765656162313238393430332F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D3765656162313238393430332F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431303A33323A30315A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D37656561623132383934303323656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431303A33323A30315A222C2270726F6F6656616C7565223A227A3255506F6571675873765A727756614D504E46566B6F79585463377A3437664B425A537A58365273486A444A774B7142786B4539586A564B6838513961396946684E43373335347958796945486631745533417952694264227D7D', '2026-11-28 10:32:01+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a221b6-40a7-7557-baf1-0e9690850128', 'Create', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'https://here.test/ap/objects/01a221b6-40a5-7782-84c6-74a2120c2f81', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323162362D343061372D373535372D626166312D306539363930383530313238222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343061352D373738322D383463362D373461323132306332663831222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C226E616D65223A22417573666C7567222C2273756D6D617279223A225C7530303363705C7530303365536F2E2C20312E2041756775737420323032375C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A22227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323162362D343061352D373738322D383463362D373461323132306332663831222C227075626C6973686564223A22323032362D31312D32385431303A33323A30315A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343061352D373738322D383463362D3734613231323063326638312F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343061352D373738322D383463362D3734613231323063326638312F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343061352D373738322D383463362D3734613231323063326638312F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30382D30315430303A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30382D30315432333A35393A35392B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323162362D343061352D373738322D383463362D373461323132306332663831222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343061352D373738322D383463362D3734613231323063326638312F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D3765656162313238393430332F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D3765656162313238393430332F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431303A33323A30315A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D37656561623132383934303323656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431303A33323A30315A222C2270726F6F6656616C7565223A227A3565725A4544547A6577366564344B6D365252566F33704344514D5747773562716D707A3857756F4A426559593375654269514247694D5557554B504A563452346E6D6637786343656677435737514A37616579384E6836227D7D', '2026-11-28 10:32:01+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a221b6-40de-72fc-9bbc-9d5487668fcc', 'Create', 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403', 'https://here.test/ap/objects/01a221b6-40dd-7201-9233-23e6de36de2f', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323162362D343064652D373266632D396262632D396435343837363638666363222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343064642D373230312D393233332D323365366465333664653266222C2274797065223A224E6F7465222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D376565616231323839343033222C22636F6E74656E74223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F70696E6E77616E642F30316132323162362D343064642D373230312D393233332D323365366465333664653266222C227075626C6973686564223A22323032362D31312D32385431303A33323A30325A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343064642D373230312D393233332D3233653664653336646532662F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343064642D373230312D393233332D3233653664653336646532662F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323162362D343064642D373230312D393233332D3233653664653336646532662F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D3765656162313238393430332F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D3765656162313238393430332F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431303A33323A30325A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323162362D336663332D376533652D393163322D37656561623132383934303323656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431303A33323A30325A222C2270726F6F6656616C7565223A227A3276646A634151597255375078426F6B434C344B7A4E64554D4E5956674237715741676B52653343685A4D737174656E52774B746D79376578635877644B655946796879707234396A715953507036483772547571567965227D7D', '2026-11-28 10:32:02+00:00');
INSERT INTO "inbox" VALUES (1, 'https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '{"type":"Like"}', 'pending', 1, '2026-01-02 03:04:05+00:00', NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "inbox" VALUES (2, 'https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "hosts" VALUES ('slow.test', '2026-01-02 03:04:05+00:00', NULL, '', 3, 2, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "hosts" VALUES ('far.test', '2026-11-28 10:32:01+00:00', NULL, '', 3, 0, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "deliveries" VALUES (1, 'https://here.test/ap/activities/01a221b6-4063-78f1-8554-503f29bf7ffe', 'https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 10:32:01+00:00', NULL, 0, '', '2026-11-28 10:32:01+00:00');
INSERT INTO "deliveries" VALUES (2, 'https://here.test/ap/activities/01a221b6-40a7-7557-baf1-0e9690850128', 'https://here.test/ap/objects/01a221b6-40a5-7782-84c6-74a2120c2f81', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 10:32:01+00:00', NULL, 0, '', '2026-11-28 10:32:01+00:00');
INSERT INTO "deliveries" VALUES (3, 'https://here.test/ap/activities/01a221b6-40de-72fc-9bbc-9d5487668fcc', 'https://here.test/ap/objects/01a221b6-40dd-7201-9233-23e6de36de2f', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 10:32:02+00:00', NULL, 0, '', '2026-11-28 10:32:02+00:00');
INSERT INTO "settings" VALUES ('a setting', 'its value');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4', 'operator', 'Create', '2026-11-28 10:32:01+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a221b6-40a5-7782-84c6-74a2120c2f81', 'operator', 'Create', '2026-11-28 10:32:01+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a221b6-40dd-7201-9233-23e6de36de2f', 'operator', 'Create', '2026-11-28 10:32:02+00:00');
INSERT INTO "changes" VALUES (1, '');
INSERT INTO "changes" VALUES (2, '');
INSERT INTO "changes" VALUES (3, '');
INSERT INTO "changes" VALUES (4, 'https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403');
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
INSERT INTO "changes" VALUES (15, 'https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4');
INSERT INTO "changes" VALUES (16, 'https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4');
INSERT INTO "changes" VALUES (17, '');
INSERT INTO "town_look" VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', 1, 'Rathaus', '', '2026-01-02 03:04:05+00:00');
INSERT INTO "town_pictures" VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0.0, 0.5, 'x');
INSERT INTO "town_texts" VALUES ('impressum', 'de', '2026-11-28 10:32:02+00:00', '## Rathaus', 'operator');
INSERT INTO "posts" VALUES ('https://here.test/ap/objects/01a221b6-40dd-7201-9233-23e6de36de2f', 'announcement', '2026-11-28 10:32:02+00:00');
INSERT INTO "ledger" VALUES (1, '2026-11-28 10:32:01+00:00', 'operator', 'person.add', '', '01a221b6-3f8d-74c9-a414-02a00cb4a401', 'townhall', '0a561aa562a6b0f0fdd0d6ad114bc471', 'e9f9b8af0403000d139ad3686755d0d3', 'b0be0c4dcbfab2a205d2dad0ed0076976f00b731ea04d4eaf2f02fa08f8140c9');
INSERT INTO "ledger" VALUES (2, '2026-11-28 10:32:01+00:00', 'operator', 'club.add', 'tsv', '', '', 'f9b559ca596ad620dba6827307c725d7', '', '543740b28eda2296f2841a74fa4b84d3e3efd812cd6c7bbff3489000a2a91324');
INSERT INTO "ledger" VALUES (3, '2026-11-28 10:32:01+00:00', 'operator', 'club.editor', 'tsv', '01a221b6-3f8d-74c9-a414-02a00cb4a401', 'owner', 'c45ed059c9a265a375ac687e1642b458', '3ac6923ae550acb9d1e3a44ab2fc49a4', '185d762788b3af0d824875a88f09d3e62eafc7ed0e868b9f9192d9baf9e63ac6');
INSERT INTO "ledger" VALUES (4, '2026-11-28 10:32:02+00:00', 'operator', 'town.text', 'impressum', '', 'de', 'e4c6daf190025f1980ecf49e25b14fce', '', 'b20832e5614ba52a8a401fcc3007d2c334e6386a55529720d6b47b2a95620be5');
INSERT INTO "river_migration" VALUES ('main', 1, '2026-11-28 10:32:01');
INSERT INTO "river_migration" VALUES ('main', 2, '2026-11-28 10:32:01');
INSERT INTO "river_migration" VALUES ('main', 3, '2026-11-28 10:32:01');
INSERT INTO "river_migration" VALUES ('main', 4, '2026-11-28 10:32:01');
INSERT INTO "river_migration" VALUES ('main', 5, '2026-11-28 10:32:01');
INSERT INTO "river_migration" VALUES ('main', 6, '2026-11-28 10:32:01');
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
CREATE INDEX readers_day ON readers (day);
CREATE INDEX decisions_target ON decisions (target, created);
CREATE INDEX decisions_actor ON decisions (actor_id, created);
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX looks_open ON looks (created) WHERE decided IS NULL;
CREATE INDEX hints_received ON hints (received);
CREATE INDEX hints_club ON hints (club_id);
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
CREATE TRIGGER changes_alerts_insert AFTER INSERT ON alerts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_alerts_update AFTER UPDATE ON alerts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_alerts_delete AFTER DELETE ON alerts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
WHEN NEW.seq <> OLD.seq OR NEW.at <> OLD.at OR NEW.act <> OLD.act OR NEW.target <> OLD.target OR NEW.detail <> OLD.detail
    OR NEW.by_mark <> OLD.by_mark OR NEW.about_mark <> OLD.about_mark OR NEW.hash <> OLD.hash
    OR NEW.by_account NOT IN (OLD.by_account, '') OR NEW.account_id NOT IN (OLD.account_id, '')
BEGIN SELECT RAISE(ABORT, 'the log is not changed'); END;
CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger WHEN OLD.at > datetime('now', '-3 years')
BEGIN SELECT RAISE(ABORT, 'the log is kept for three years'); END;
CREATE TRIGGER changes_actors_limited AFTER UPDATE ON actors WHEN NOT NEW.local AND OLD.limited <> NEW.limited
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_blocks_update AFTER UPDATE ON blocks
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_actors_host_limited AFTER UPDATE ON actors WHEN OLD.host_limited <> NEW.host_limited
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_care_insert AFTER INSERT ON care WHEN NEW.confirmed IS NOT NULL
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_care_update AFTER UPDATE ON care WHEN NEW.confirmed IS NOT OLD.confirmed
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER care_objects_update AFTER UPDATE OF updated ON objects WHEN NEW.stale <> 0 AND NEW.updated IS NOT OLD.updated
BEGIN UPDATE objects SET stale = 0 WHERE id = NEW.id; END;
CREATE TRIGGER care_actors_update AFTER UPDATE OF updated ON actors WHEN NEW.stale <> 0 AND NEW.updated IS NOT OLD.updated
BEGIN UPDATE actors SET stale = 0 WHERE id = NEW.id; END;
CREATE TRIGGER changes_town_facts_insert AFTER INSERT ON town_facts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_facts_update AFTER UPDATE ON town_facts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_facts_delete AFTER DELETE ON town_facts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
INSERT INTO search_due (id) VALUES ('https://here.test/ap/actors/01a221b6-3fc3-7e3e-91c2-7eeab1289403');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a221b6-40dd-7201-9233-23e6de36de2f');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a221b6-4061-7d81-9da9-8cdc0f738ac4');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a221b6-40a5-7782-84c6-74a2120c2f81');
PRAGMA foreign_keys = ON;
