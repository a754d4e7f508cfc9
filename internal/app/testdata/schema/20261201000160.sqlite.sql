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
, assertion_method TEXT NOT NULL DEFAULT '[]', moved TIMESTAMP, attachment TEXT NOT NULL DEFAULT '[]', archived TIMESTAMP, limited BOOLEAN NOT NULL DEFAULT FALSE, host_limited BOOLEAN NOT NULL DEFAULT FALSE, stale INTEGER NOT NULL DEFAULT 0, merged TIMESTAMP);
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
, severity TEXT NOT NULL DEFAULT 'block', reject_media BOOLEAN NOT NULL DEFAULT FALSE, reject_reports BOOLEAN NOT NULL DEFAULT FALSE, public_comment TEXT NOT NULL DEFAULT '', private_comment TEXT NOT NULL DEFAULT '', obfuscate BOOLEAN NOT NULL DEFAULT FALSE, by_account TEXT NOT NULL DEFAULT '', list_id TEXT NOT NULL DEFAULT '', unlisted BOOLEAN NOT NULL DEFAULT FALSE);
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
, object_id TEXT NOT NULL DEFAULT '');
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
, reason TEXT NOT NULL DEFAULT '');
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
CREATE TABLE mandates (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    actor_id   TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    created    TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, actor_id)
);
CREATE TABLE modules_off (
    kind    TEXT      PRIMARY KEY,
    module  TEXT      NOT NULL,
    changed TIMESTAMP NOT NULL
);
CREATE TABLE terms (
    list        TEXT    NOT NULL, -- 'event' or 'club'
    key         TEXT    NOT NULL, -- as it stands on things
    slug        TEXT    NOT NULL, -- as addresses have it
    word_de     TEXT    NOT NULL,
    word_en     TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    retired     BOOLEAN NOT NULL DEFAULT FALSE,
    merged_into TEXT    NOT NULL DEFAULT '', -- the key of another one
    changed     TIMESTAMP NOT NULL,
    PRIMARY KEY (list, key)
);
CREATE TABLE host_software (
    host     TEXT      PRIMARY KEY,
    software TEXT      NOT NULL, -- '' for one that does not say it
    asked    TIMESTAMP NOT NULL
);
CREATE TABLE retention (
    name TEXT    PRIMARY KEY,
    days INTEGER NOT NULL
);
CREATE TABLE town_voice (
    id       TEXT PRIMARY KEY, -- 'town'
    actor_id TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    created  TIMESTAMP NOT NULL
);
CREATE TABLE data_requests (
    id         TEXT      PRIMARY KEY,
    wanted     TEXT      NOT NULL, -- access, correction, erasure or restriction
    channel    TEXT      NOT NULL, -- how it came: counter, mail, letter or phone
    contact    TEXT      NOT NULL, -- the mail address that is answered, '' for none
    account_id TEXT      NOT NULL, -- '' for who has no account
    actor_id   TEXT      NOT NULL, -- of another server, '' for none
    words      TEXT      NOT NULL, -- what is looked for in what others wrote, '' for nothing
    checked    TEXT      NOT NULL, -- how the town hall made sure who it is, '' while it has not
    by_account TEXT      NOT NULL, -- who worked on it last
    outcome    TEXT      NOT NULL, -- '' while it waits
    reason     TEXT      NOT NULL, -- why it was refused, or takes longer
    token_hash TEXT      NOT NULL, -- of the link to the answer, '' for none
    received   TIMESTAMP NOT NULL,
    due        TIMESTAMP NOT NULL,
    answered   TIMESTAMP,
    expires    TIMESTAMP           -- of the link
);
CREATE TABLE restrictions (
    id         TEXT      PRIMARY KEY,
    contact    TEXT      NOT NULL,
    account_id TEXT      NOT NULL,
    actor_id   TEXT      NOT NULL,
    by_account TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL
);
CREATE TABLE erasures (
    id   TEXT      PRIMARY KEY,
    kind TEXT      NOT NULL, -- person, thing, actor or mail
    mark TEXT      NOT NULL, -- the hash of its id
    at   TIMESTAMP NOT NULL
);
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
CREATE TABLE shifts (
    id             TEXT      PRIMARY KEY,
    opportunity_id TEXT      NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    starts_at      TIMESTAMP NOT NULL,
    ends_at        TIMESTAMP NOT NULL,
    places         INTEGER   NOT NULL DEFAULT 0, -- 0 is any number
    taken          INTEGER   NOT NULL DEFAULT 0,
    note           TEXT      NOT NULL DEFAULT ''
);
CREATE TABLE place_sources (
    name    TEXT      PRIMARY KEY, -- shipped, geonames, postal, or the name of a file
    notice  TEXT      NOT NULL DEFAULT '', -- who must be named, and the licence
    version TEXT      NOT NULL DEFAULT '',
    loaded  TIMESTAMP NOT NULL,
    rows    INTEGER   NOT NULL DEFAULT 0
);
CREATE TABLE places (
    id         TEXT    PRIMARY KEY,
    source     TEXT    NOT NULL REFERENCES place_sources (name) ON DELETE CASCADE,
    version    TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL, -- town, part
    land       TEXT    NOT NULL DEFAULT '', -- of Germany, two letters: BB
    district   TEXT    NOT NULL DEFAULT '', -- the name of the Kreis
    ags        TEXT    NOT NULL DEFAULT '', -- the official key of the municipality
    latitude   DOUBLE PRECISION NOT NULL,
    longitude  DOUBLE PRECISION NOT NULL,
    population INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE place_names (
    fold     TEXT    NOT NULL,
    place_id TEXT    NOT NULL REFERENCES places (id) ON DELETE CASCADE,
    main     INTEGER NOT NULL,
    PRIMARY KEY (fold, place_id)
);
CREATE TABLE place_codes (
    code     TEXT NOT NULL,
    place_id TEXT NOT NULL REFERENCES places (id) ON DELETE CASCADE,
    PRIMARY KEY (code, place_id)
);
CREATE TABLE place_home (
    id        TEXT PRIMARY KEY, -- always 'home'
    name      TEXT NOT NULL,
    latitude  DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL
);
CREATE TABLE search_points (
    object_id TEXT    PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    latitude  DOUBLE PRECISION, -- NULL when nobody knows where it is
    longitude DOUBLE PRECISION,
    remote    BOOLEAN NOT NULL, -- it can be done from anywhere
    how       TEXT    NOT NULL  -- said, place (by its name), home (the place of the town), none
);
CREATE TABLE search_points_due (
    object_id TEXT PRIMARY KEY
);
CREATE TABLE saved_searches (
    id         TEXT      PRIMARY KEY,
    account_id TEXT      REFERENCES accounts (id) ON DELETE CASCADE,
    email      TEXT      NOT NULL DEFAULT '', -- of who has no account
    language   TEXT      NOT NULL,
    query      TEXT      NOT NULL,            -- as the address of the list says it
    pace       TEXT      NOT NULL,            -- daily, weekly
    created    TIMESTAMP NOT NULL,
    confirmed  TIMESTAMP,
    told       TIMESTAMP NOT NULL             -- the last round in which it was looked for
);
CREATE TABLE saved_search_hits (
    search_id TEXT      NOT NULL REFERENCES saved_searches (id) ON DELETE CASCADE,
    object_id TEXT      NOT NULL,
    sent      TIMESTAMP NOT NULL,
    PRIMARY KEY (search_id, object_id)
);
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
    agreed         TIMESTAMP,                         -- when the other side said the same
    version        INTEGER   NOT NULL DEFAULT 1,
    created        TIMESTAMP NOT NULL,
    changed        TIMESTAMP NOT NULL,
    ended          TIMESTAMP
);
CREATE TABLE commitments (
    helper_id      TEXT      NOT NULL REFERENCES helpers (id) ON DELETE CASCADE,
    shift_id       TEXT      NOT NULL,
    opportunity_id TEXT      NOT NULL,
    state          TEXT      NOT NULL, -- wanted (not confirmed yet), waiting, taken
    seq            INTEGER   NOT NULL, -- the order of those who wait
    offered        TIMESTAMP,          -- since when somebody else may take it over
    starts_at      TIMESTAMP,          -- as the person was told
    ends_at        TIMESTAMP,
    taken_at       TIMESTAMP,
    reminded       TIMESTAMP,
    PRIMARY KEY (helper_id, shift_id)
);
CREATE TABLE helper_messages (
    id        TEXT      PRIMARY KEY,
    helper_id TEXT      NOT NULL REFERENCES helpers (id) ON DELETE CASCADE,
    kind      TEXT      NOT NULL, -- message, or what was done
    by_club   BOOLEAN   NOT NULL,
    content   TEXT      NOT NULL DEFAULT '',
    created   TIMESTAMP NOT NULL
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
INSERT INTO "bun_migrations" VALUES (1, '20261124000001', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (2, '20261124000002', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (3, '20261127000010', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (4, '20261127000020', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (5, '20261127000021', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (6, '20261127000030', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (7, '20261127000040', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (8, '20261127000041', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (9, '20261127000050', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (10, '20261127000060', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (11, '20261127000080', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (12, '20261127000090', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (13, '20261127000100', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (14, '20261128000010', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (15, '20261128000020', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (16, '20261128000030', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (17, '20261128000040', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (18, '20261129000100', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (19, '20261129000101', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (20, '20261129000110', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (21, '20261129000120', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (22, '20261129000121', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (23, '20261129000130', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (24, '20261129000140', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (25, '20261129000150', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (26, '20261129000160', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (27, '20261129000161', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (28, '20261130000110', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (29, '20261130000120', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (30, '20261130000121', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (31, '20261130000130', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (32, '20261130000140', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (33, '20261130000141', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (34, '20261130000150', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (35, '20261130000151', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (36, '20261130000160', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (37, '20261130000161', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (38, '20261201000100', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (39, '20261201000101', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (40, '20261201000102', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (41, '20261201000110', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (42, '20261201000111', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (43, '20261201000120', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (44, '20261201000121', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (45, '20261201000122', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (46, '20261201000130', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (47, '20261201000131', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (48, '20261201000140', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (49, '20261201000150', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (50, '20261201000151', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (51, '20261201000152', 1, '2026-11-28 15:13:53');
INSERT INTO "bun_migrations" VALUES (52, '20261201000160', 1, '2026-11-28 15:13:53');
INSERT INTO "sqlite_sequence" VALUES ('bun_migrations', 52);
INSERT INTO "sqlite_sequence" VALUES ('changes', 18);
INSERT INTO "sqlite_sequence" VALUES ('inbox', 2);
INSERT INTO "sqlite_sequence" VALUES ('deliveries', 3);
INSERT INTO "actors" VALUES ('https://here.test/ap/instance', 'Application', 1, 'here.test', 'instance', 'instance@here.test', 'Musterdorf', '', 'https://here.test/', 'https://here.test/ap/instance/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/instance/outbox', 'https://here.test/ap/instance/followers', '', '', '', 'https://here.test/ap/instance#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2pFAHeLTPQxUDuZSL0mu
P8suDLTeCbRfWo/MCF+MgPRS82yQsT9ZYbOfhYMYUubhVvRuVNLVvpZ+k+MpBp7U
VyPTiNNh6KKruS3P3cGPLyfTCc2/eVr3e1zw9xxkuakQ4ODiMY7Ku9MLd1u/cA4r
9xAESJnDRmZ2IDLtgn+s6RRDxlj58c7rD5HCYb/GvHiz53udyAgEYcIgGkEACJEX
pbW3G0c4YorawCJEgJpq3k11pTSM8G7DZD7RrDp13Lp86D0XEJzG826QVpB/0c3A
sraHbUrAbOBdSAVNL1FzE8w2E3U6Gnc60tmWb6kZcm2YYszBEWmPhcoTHAQAnvAZ
MQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 15:13:53+00:00', NULL, NULL, '[{"id":"https://here.test/ap/instance#ed25519-key","type":"Multikey","controller":"https://here.test/ap/instance","publicKeyMultibase":"z6Mkw9RexHuwDNpKJgLo1nYyUZbbBxHnJCr43kNMBz5baWv2"}]', NULL, '[]', NULL, 0, 0, 0, NULL);
INSERT INTO "actors" VALUES ('https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'Group', 1, 'here.test', 'tsv', 'tsv@here.test', 'TSV', '<p><strong>Sport</strong> und „mehr“</p>', 'https://here.test/vereine/tsv', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310/outbox', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310/followers', '', '', '', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvAHoKgQ/NVM+yRSvaEzc
yroZmeeYiMp07165vSleBI2uvDBqcqjbYvqU9ng5h2Zx8MAy2FQ45J5md1Pbc2K4
KOXsy99KHn4EWFvOmLVyIzIfyk5qERLc9jTmPleb/7Q7a222QkJ1Q+pZgcq67uXc
BtT/2KkV+myx8hg80aszLWJQdAulY8cNMs+dif13vJN0X3imr8S1HDidt5JiOCm6
jPi7lwXODhQjeVTImn6N+HcgKw4n4p0NAc18XJlVBLiRVpTPqXmX542P+1fT2Bwy
R+twPXrcqHff+m93H3aLi8h29arNKr6EaFfm+eT9ZyPnIRx1W1O2RFOP979+DiPb
3QIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 15:13:53+00:00', NULL, NULL, '[{"id":"https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310#ed25519-key","type":"Multikey","controller":"https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310","publicKeyMultibase":"z6MkwNZRTeC6w8nASNRf1fDmVvtQ7sKBaW1BJHV62tU96LvF"}]', NULL, '[]', NULL, 0, 0, 0, NULL);
INSERT INTO "actors" VALUES ('https://far.test/users/anna', 'Person', 0, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', '', '', 'https://far.test/users/anna/inbox', '', '', 'https://far.test/users/anna/followers', '', '', '', '', '', '[]', '', 'active', 0, '2026-01-02 03:04:05+00:00', '2026-02-03 04:05:06.123456+00:00', NULL, '[]', NULL, '[]', NULL, 0, 0, 0, NULL);
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/instance', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDakUAd4tM9DFQO
5lIvSa4/yy4MtN4JtF9aj8wIX4yA9FLzbJCxP1lhs5+FgxhS5uFW9G5U0tW+ln6T
4ykGntRXI9OI02Hooqu5Lc/dwY8vJ9MJzb95Wvd7XPD3HGS5qRDg4OIxjsq70wt3
W79wDiv3EARImcNGZnYgMu2Cf6zpFEPGWPnxzusPkcJhv8a8eLPne53ICARhwiAa
QQAIkReltbcbRzhiitrAIkSAmmreTXWlNIzwbsNkPtGsOnXcunzoPRcQnMbzbpBW
kH/RzcCytodtSsBs4F1IBU0vUXMTzDYTdToadzrS2ZZvqRlybZhizMERaY+FyhMc
BACe8BkxAgMBAAECggEAImjxOPNLseYFutXIdRDqybjVbmMwPMNkqreOVfgjAO9W
OuQp8HnKet8CW4zs0KpwKhYv45NQ2uFLGsHN5PCu+ewWQsmStcMceXosqlstjW09
5KJ7hWHMqiOS/Th/ZBppoZnOCqLSKJlcigVMAZp9kfc30W1ByMzbRoz2BxBOOuBv
Gh1X5XFSu+L4MqExrhHu2hNtq3DGrR8OJYClzT+Du1XWmu+Li8u5AltcSnHxa5Um
u5NOb3rk7LD8g4Iy9jRwyWo8+LUAeslVquEA6jX3DQwY6B77h5WxHQUUCTu6ba/M
aMcfpnrWWNuiVtDUW7L6eQ1x5N/HbV+2L1glYgs1ZQKBgQDz1pYB68mc0hEL6CWF
OwmQzRacIrdhz7HYF4mwEOB3RnFBQvUbkAi3kMfx2NifQet35TUz/Zm7rLJ8YS9M
GEDRWCVXWh5sU0eOfWOtLB+NRiWscE9o0D4i9HxkeNCXrfaPirPPpZlYNrYPxoBw
YoQmNm/O/0nBJzuHrui7aNCpRQKBgQDld/9Pdwals8GOS91zUIcTeLiqQzR7vjEG
pjFFwpkABk28Mp5u/WnSGUFPIXPA908x3gsYcZSNp3XGOsF2BBUPLcneOFiGKa55
OvWoynd3VuB28T+oQqSHyGx60IYwAFSyLNcQ1ZuGTk4ilAPhCuqaBrN6N3Ly1Rpu
WHlB3pqQ/QKBgD/AuEHSU0lURy60yLKX5/1bEfFKxmWldxtHtDE7iGTHHy9wAUPu
mcjc6toZ1zF0e8tCO3HXeY1vLs+EXWho4vGZOVIodtHdyFTCBgCuC6XVVF5MkwaV
g9mB0NA4Ilm2G0QWgMLmyjwdOebQAJ7hsymGjB8z8iW1S0RDgAgX9I59AoGAQm5r
9nhx7zTMG0LxWHn+sO9pHrmYDx7vmIoyh4yfuLcaeBp7bYxlv1Jaaus3VK0EO16Z
/bicFipd2UaXTXA/HIbYA0JytlyIy0X7aqM61MzM7QJIuJCai0jFxwRpZKoj2vVK
SfBdNxOiYTZSrSr44iCAgyhcWdrB7SIl8KDeRI0CgYEAnj0xDge6YIsrpXhdgbc5
fTkVColYlu2MtLpFn7q5NvO63hsjQJugpDGus/iRBpAyEjfnvU+XL8tdgvkd2ei/
UCpASwzFn1dDXPH3YBweCjQ77Gmp4s0OFOkD1nAsAwQsCYrJ6bQlVoHzMLsqcW0D
v122lEPUgCcNKJEC8N6832o=
-----END PRIVATE KEY-----
', '2026-11-28 15:13:53+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEID60ybAiEiIfsV+rphT5FkZcJZulEQq3GogTCY6R0azF
-----END PRIVATE KEY-----
');
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', '-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC8AegqBD81Uz7J
FK9oTNzKuhmZ55iIynTvXrm9KV4Eja68MGpyqNti+pT2eDmHZnHwwDLYVDjknmZ3
U9tzYrgo5ezL30oefgRYW86YtXIjMh/KTmoREtz2NOY+V5v/tDtrbbZCQnVD6lmB
yrru5dwG1P/YqRX6bLHyGDzRqzMtYlB0C6Vjxw0yz52J/Xe8k3RfeKavxLUcOJ23
kmI4KbqM+LuXBc4OFCN5VMiafo34dyArDifinQ0BzXxcmVUEuJFWlM+peZfnjY/7
V9PYHDJH63A9etyod9/6b3cfdouLyHb1qs0qvoRoV+b55P1nI+chHHVbU7ZEU4/3
v34OI9vdAgMBAAECggEAKcLsrKSb2779g9H98pecNcXn2Ol6VuxN1DwA2xVcxnso
VLIWexip/s71ltf2w25MofM3eBkhOBs9XIU6imNjz+Xe1xxmzOYmFfBysDYhv9Kr
ABex9M/xWBlBCZkRVFfXGRJaOVak0Ky2LB/5rQZO/Q+EMz6/3IwXbNTYcaRrLkm1
tUKSjFvqzTn5nBledhr8thW0zk3hdgJ/UJDgPuylzhcyKksAYrculmxD0hfON9Hy
5r5j3dyA1Fr7jBcLriq2aWNm7/vzIPFwxCtPGqdkmglvl5kL0E0RjpJKGDedgSd8
ViF9lGSC4UbEEUf9GSENWrVew/gIz2KadtUK25T3ywKBgQD3Ywx+9hsbaW3JVn+N
gp+/IahytgGMUvGNRcW0pbRpG1Pmi/DuBX20LJuCxkxKZLPjTgnQXbr1WoqFIU4f
fuwQHrNd8RMvOqOngA6LxEd6W6nIfI0cruU/iM91eSKYI8mOQk3o/lv78Dd8555+
+nbJFvRhQwvdqaJn2/GJnkkqkwKBgQDCjZxnB5s8SOpouffTLl00y9EwkppWv2mz
q+PA4ClRklXOuvWYpoMw4xuxtZGvlbGxP8oLUSPrjTQJlKuOD8RsQTIGFPRExJLd
hiBYvYWLWFO9WRNSn17OERnsYUioNMdAUWo+ZcO7Vr80bRpoxld8P8MGNIbAy4T+
VeXb4G41zwKBgFBEQvmuwHzUaFq7RgeUKmDJeu49P6NYBifgS5WhbjfsNfzHyxRv
k6myD4MO9BHvOq6101lYECErj2ZCuCZf+BgC3g/M+HyKei8OzalrtgVtWFlEkESO
OrOyoB1tgFv8wJj3ym+emBnWhypvvG1WttPoLsKgDmmNcLRiGKyePv8hAoGAOTa9
/Qqem07yKJQwDlm/LUyXG0qxursV0bHGC62gWQ3I0D/pA9hMEm9ncI5t5o4GMJMK
zuMwxg/DcuHWxbNbV16g4Gr/Hs4URrMwBgjOIhl6nt94MD8P+VfMINjHLjg/NGn8
7ZatxgUPu9IuBwv1JGP37XY6/q2bUdRfAZdxsb8CgYBtRMbuKLXvAM9NQb4A/4TY
dpFNYYt9emU5IDawChsG0pcEuDAr60i8DL0SqELLnMhogb+NXGb5mIyHMG8El7em
szZ4DKBYf55XConNBr2PTApWFJjiBHIhjsM+JHeUFY8/Eu/tFGAo8Wo3KR/MgE6r
6ovKK6DVHfZ+NEV4m/6LjA==
-----END PRIVATE KEY-----
', '2026-11-28 15:13:53+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIFQVqbe2X+5R52iGsSdtjFDUJHTGBpU11+IeM6DdM7za
-----END PRIVATE KEY-----
');
INSERT INTO "accounts" VALUES ('01a222b8-4d1b-7793-b0d1-3e2385e296fd', 'anna@here.test', 'Anna', 'townhall', '', '2026-11-28 15:13:53+00:00', 'H5OKNO5ZZEVP3CLAJFHRPVDOT2', NULL);
INSERT INTO "sign_in_links" VALUES ('027efb16aa7648a83fe126805db1b947e540dca6d4dcdfefb294d867cd841171', '01a222b8-4d1b-7793-b0d1-3e2385e296fd', '2026-12-05 15:13:53+00:00');
INSERT INTO "editors" VALUES ('01a222b8-4d1b-7793-b0d1-3e2385e296fd', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'owner', '2026-11-28 15:13:53+00:00');
INSERT INTO "clubs" VALUES ('https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', '**Sport** und „mehr“', '', '', NULL, '');
INSERT INTO "follows" VALUES ('https://far.test/follows/1', 'https://far.test/users/anna', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'accepted', '2026-01-02 03:04:05+00:00');
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde', 'Event', 1, 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'Sommerfest', '', '<p>Musik.</p>', 'Musik.', 'de', 'https://here.test/veranstaltungen/01a222b8-4e14-784d-b0f0-b4891888cdde', '', 'public', 0, 0, '2026-11-28 15:13:53+00:00', NULL, NULL, '2026-11-28 15:13:53+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a222b8-4e4d-754a-99b0-699b06676744', 'Event', 1, 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'Ausflug', '', '', '', 'de', 'https://here.test/veranstaltungen/01a222b8-4e4d-754a-99b0-699b06676744', '', 'public', 0, 0, '2026-11-28 15:13:53+00:00', NULL, NULL, '2026-11-28 15:13:53+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a222b8-4e88-78e8-a230-937120c346ea', 'Note', 1, 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', '', '', '<p>Schlüssel <em>gefunden</em> 😀</p>', 'Schlüssel *gefunden* 😀', 'de', 'https://here.test/pinnwand/01a222b8-4e88-78e8-a230-937120c346ea', '', 'public', 0, 0, '2026-11-28 15:13:53+00:00', NULL, NULL, '2026-11-28 15:13:53+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://far.test/notes/1', 'Note', 0, 'https://far.test/users/anna', '', '', '<p>Schön! 😀</p>', '', '', '', 'https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde', 'public', 0, 0, '2026-01-02 03:04:05+00:00', NULL, NULL, NULL, '', 0);
INSERT INTO "audience" VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde', '2027-07-10 17:00:00+00:00', '2027-07-10 21:00:00+00:00', 'Europe/Berlin', 0, 'Marktplatz', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a222b8-4e4d-754a-99b0-699b06676744', '2027-07-31 22:00:00+00:00', '2027-08-01 21:59:59+00:00', 'Europe/Berlin', 1, '', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "reactions" VALUES ('Like', 'https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde', 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00:00', NULL);
INSERT INTO "reports" VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00:00', '', NULL, '', '', '', '', '', '', '');
INSERT INTO "blocks" VALUES ('bad.test', '2026-01-02 03:04:05+00:00', 'block', 0, 0, '', '', 0, '', '', 0);
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a222b8-4e16-7099-9864-c9c58df96dae', 'Create', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323262382D346531362D373039392D393836342D633963353864663936646165222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346531342D373834642D623066302D623438393138383863646465222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C226E616D65223A22536F6D6D657266657374222C2273756D6D617279223A225C7530303363705C753030336553612E2C2031302E204A756C6920323032372C20313920626973203233205568722C204D61726B74706C61747A5C75303033632F705C7530303365222C22636F6E74656E74223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323262382D346531342D373834642D623066302D623438393138383863646465222C227075626C6973686564223A22323032362D31312D32385431353A31333A35335A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346531342D373834642D623066302D6234383931383838636464652F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346531342D373834642D623066302D6234383931383838636464652F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346531342D373834642D623066302D6234383931383838636464652F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30372D31305431393A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30372D31305432333A30303A30302B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C226C6F636174696F6E223A7B226964223A2268747470733A2F2F686572652E746573742F61702F706C616365732F5457467961335277624746306567222C2274797065223A22506C616365222C226E616D65223A224D61726B74706C61747A227D2C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323262382D346531342D373834642D623066302D623438393138383863646465222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346531342D373834642D623066302D6234383931383838636464652F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D6537303765326236333331302F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D6537303765326236333331302F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431353A31333A35335A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D65373037653262363333313023656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431353A31333A35335A222C2270726F6F6656616C7565223A227A32744B79436D6A34577231416D76594C7177417641766436564A466E7467324676345A4B616A5071757A6774646D75655979776E4C7A7054316669377A4E63626F6745486F674242485939753168395A6963573946484435227D7D', '2026-11-28 15:13:53+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a222b8-4e4e-7c64-8f0b-3f82e1f76b37', 'Create', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'https://here.test/ap/objects/01a222b8-4e4d-754a-99b0-699b06676744', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323262382D346534652D376336342D386630622D336638326531663736623337222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346534642D373534612D393962302D363939623036363736373434222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C226E616D65223A22417573666C7567222C2273756D6D617279223A225C7530303363705C7530303365536F2E2C20312E2041756775737420323032375C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A22227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323262382D346534642D373534612D393962302D363939623036363736373434222C227075626C6973686564223A22323032362D31312D32385431353A31333A35335A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346534642D373534612D393962302D3639396230363637363734342F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346534642D373534612D393962302D3639396230363637363734342F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346534642D373534612D393962302D3639396230363637363734342F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30382D30315430303A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30382D30315432333A35393A35392B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323262382D346534642D373534612D393962302D363939623036363736373434222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346534642D373534612D393962302D3639396230363637363734342F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D6537303765326236333331302F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D6537303765326236333331302F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431353A31333A35335A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D65373037653262363333313023656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431353A31333A35335A222C2270726F6F6656616C7565223A227A52716B5673616B4155544C44614147424D583975564356654A465476446F764339554C4B576B54444267676B74416B5A4E75424471395169756441735932756E3452374B6345557442556959504846425263784A557264227D7D', '2026-11-28 15:13:53+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a222b8-4e89-7aae-a001-37b304fd005a', 'Create', 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310', 'https://here.test/ap/objects/01a222b8-4e88-78e8-a230-937120c346ea', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323262382D346538392D376161652D613030312D333762333034666430303561222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346538382D373865382D613233302D393337313230633334366561222C2274797065223A224E6F7465222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D653730376532623633333130222C22636F6E74656E74223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F70696E6E77616E642F30316132323262382D346538382D373865382D613233302D393337313230633334366561222C227075626C6973686564223A22323032362D31312D32385431353A31333A35335A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346538382D373865382D613233302D3933373132306333343665612F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346538382D373865382D613233302D3933373132306333343665612F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323262382D346538382D373865382D613233302D3933373132306333343665612F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D6537303765326236333331302F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D6537303765326236333331302F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431353A31333A35335A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323262382D346435302D373336312D613832382D65373037653262363333313023656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431353A31333A35335A222C2270726F6F6656616C7565223A227A346272676A6B6B48624B5341396558426F52616B333363394C456948446B6A79416A504A6963357433766D4136326456625A555775485145715462586A71686237487A36746379765267337050423645776F446B4B593636227D7D', '2026-11-28 15:13:53+00:00');
INSERT INTO "inbox" VALUES (1, 'https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '{"type":"Like"}', 'pending', 1, '2026-01-02 03:04:05+00:00', NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "inbox" VALUES (2, 'https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "hosts" VALUES ('slow.test', '2026-01-02 03:04:05+00:00', NULL, '', 3, 2, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "hosts" VALUES ('far.test', '2026-11-28 15:13:53+00:00', NULL, '', 3, 0, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "deliveries" VALUES (1, 'https://here.test/ap/activities/01a222b8-4e16-7099-9864-c9c58df96dae', 'https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 15:13:53+00:00', NULL, 0, '', '2026-11-28 15:13:53+00:00');
INSERT INTO "deliveries" VALUES (2, 'https://here.test/ap/activities/01a222b8-4e4e-7c64-8f0b-3f82e1f76b37', 'https://here.test/ap/objects/01a222b8-4e4d-754a-99b0-699b06676744', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 15:13:53+00:00', NULL, 0, '', '2026-11-28 15:13:53+00:00');
INSERT INTO "deliveries" VALUES (3, 'https://here.test/ap/activities/01a222b8-4e89-7aae-a001-37b304fd005a', 'https://here.test/ap/objects/01a222b8-4e88-78e8-a230-937120c346ea', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 15:13:53+00:00', NULL, 0, '', '2026-11-28 15:13:53+00:00');
INSERT INTO "settings" VALUES ('a setting', 'its value');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde', 'operator', 'Create', '2026-11-28 15:13:53+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a222b8-4e4d-754a-99b0-699b06676744', 'operator', 'Create', '2026-11-28 15:13:53+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a222b8-4e88-78e8-a230-937120c346ea', 'operator', 'Create', '2026-11-28 15:13:53+00:00');
INSERT INTO "changes" VALUES (1, '');
INSERT INTO "changes" VALUES (2, '');
INSERT INTO "changes" VALUES (3, '');
INSERT INTO "changes" VALUES (4, 'https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310');
INSERT INTO "changes" VALUES (5, '');
INSERT INTO "changes" VALUES (6, '/transparenz');
INSERT INTO "changes" VALUES (7, '');
INSERT INTO "changes" VALUES (8, '');
INSERT INTO "changes" VALUES (9, '');
INSERT INTO "changes" VALUES (10, '');
INSERT INTO "changes" VALUES (11, '');
INSERT INTO "changes" VALUES (12, '');
INSERT INTO "changes" VALUES (13, '');
INSERT INTO "changes" VALUES (14, '');
INSERT INTO "changes" VALUES (15, '');
INSERT INTO "changes" VALUES (16, 'https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde');
INSERT INTO "changes" VALUES (17, 'https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde');
INSERT INTO "changes" VALUES (18, '');
INSERT INTO "town_look" VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', 1, 'Rathaus', '', '2026-01-02 03:04:05+00:00');
INSERT INTO "town_pictures" VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0.0, 0.5, 'x');
INSERT INTO "town_texts" VALUES ('impressum', 'de', '2026-11-28 15:13:53+00:00', '## Rathaus', 'operator');
INSERT INTO "posts" VALUES ('https://here.test/ap/objects/01a222b8-4e88-78e8-a230-937120c346ea', 'announcement', '2026-11-28 15:13:53+00:00');
INSERT INTO "ledger" VALUES (1, '2026-11-28 15:13:53+00:00', 'operator', 'person.add', '', '01a222b8-4d1b-7793-b0d1-3e2385e296fd', 'townhall', '0a561aa562a6b0f0fdd0d6ad114bc471', 'b6cc08f00f8568e9bce11722d5f3dcc3', '39b1cb1141044d13c962fc88e3f9bcb14af3bee37f0cf279232a34137bd0019d');
INSERT INTO "ledger" VALUES (2, '2026-11-28 15:13:53+00:00', 'operator', 'club.add', 'tsv', '', '', 'f9b559ca596ad620dba6827307c725d7', '', 'f439a4272d0d7a87d8e0cfd5699c9f61546e9d850cca015eb585fa169912a592');
INSERT INTO "ledger" VALUES (3, '2026-11-28 15:13:53+00:00', 'operator', 'club.editor', 'tsv', '01a222b8-4d1b-7793-b0d1-3e2385e296fd', 'owner', 'c45ed059c9a265a375ac687e1642b458', '738c01c6965665a8b171dbda6ec79044', '70300ffce1b9df8d1a9b9b2a1ca877d0c0b8258f40668dad9c913aaee1af3f7a');
INSERT INTO "ledger" VALUES (4, '2026-11-28 15:13:53+00:00', 'operator', 'town.text', 'impressum', '', 'de', 'e4c6daf190025f1980ecf49e25b14fce', '', 'd47bad1dac72859356f59154a7412729e4415cc6c871a83b1de66b7ea71094a2');
INSERT INTO "river_migration" VALUES ('main', 1, '2026-11-28 15:13:53');
INSERT INTO "river_migration" VALUES ('main', 2, '2026-11-28 15:13:53');
INSERT INTO "river_migration" VALUES ('main', 3, '2026-11-28 15:13:53');
INSERT INTO "river_migration" VALUES ('main', 4, '2026-11-28 15:13:53');
INSERT INTO "river_migration" VALUES ('main', 5, '2026-11-28 15:13:53');
INSERT INTO "river_migration" VALUES ('main', 6, '2026-11-28 15:13:53');
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
CREATE INDEX actors_merged ON actors (moved_to) WHERE merged IS NOT NULL;
CREATE INDEX mandates_actor ON mandates (actor_id);
CREATE UNIQUE INDEX terms_slug ON terms (list, slug);
CREATE INDEX data_requests_open ON data_requests (due) WHERE outcome = '';
CREATE INDEX data_requests_token ON data_requests (token_hash);
CREATE INDEX erasures_at ON erasures (at);
CREATE INDEX opportunities_newest ON opportunities (status, published, object_id);
CREATE INDEX opportunities_until ON opportunities (until) WHERE status IN ('open', 'filled');
CREATE INDEX opportunities_context ON opportunities (context) WHERE context <> '';
CREATE INDEX shifts_opportunity ON shifts (opportunity_id, starts_at, id);
CREATE INDEX places_source ON places (source, version);
CREATE INDEX places_latitude ON places (latitude, longitude);
CREATE INDEX place_names_place ON place_names (place_id);
CREATE INDEX place_codes_place ON place_codes (place_id);
CREATE INDEX search_points_latitude ON search_points (latitude, longitude);
CREATE INDEX search_points_anywhere ON search_points (object_id) WHERE remote OR latitude IS NULL;
CREATE INDEX saved_searches_account ON saved_searches (account_id);
CREATE INDEX saved_searches_email ON saved_searches (email) WHERE email <> '';
CREATE INDEX saved_searches_told ON saved_searches (told) WHERE confirmed IS NOT NULL;
CREATE INDEX saved_search_hits_sent ON saved_search_hits (sent);
CREATE INDEX helpers_opportunity ON helpers (opportunity_id, created, id);
CREATE INDEX helpers_account ON helpers (account_id) WHERE account_id <> '';
CREATE INDEX helpers_email ON helpers (email) WHERE email <> '';
CREATE INDEX helpers_club ON helpers (club_id, state);
CREATE UNIQUE INDEX helpers_once_account ON helpers (opportunity_id, account_id) WHERE account_id <> '' AND state IN ('asked', 'talking', 'accepted');
CREATE UNIQUE INDEX helpers_once_email ON helpers (opportunity_id, email) WHERE email <> '' AND state IN ('asked', 'talking', 'accepted');
CREATE INDEX commitments_shift ON commitments (opportunity_id, shift_id, state, seq);
CREATE INDEX commitments_starts ON commitments (starts_at) WHERE reminded IS NULL;
CREATE INDEX helper_messages_helper ON helper_messages (helper_id, created, id);
CREATE INDEX helper_messages_created ON helper_messages (created);
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
CREATE TRIGGER changes_modules_off_insert AFTER INSERT ON modules_off
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_modules_off_update AFTER UPDATE ON modules_off
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_modules_off_delete AFTER DELETE ON modules_off
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_terms_insert AFTER INSERT ON terms
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_terms_update AFTER UPDATE ON terms
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_terms_delete AFTER DELETE ON terms
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_host_software_insert AFTER INSERT ON host_software
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_host_software_update AFTER UPDATE ON host_software WHEN OLD.software <> NEW.software
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_host_software_delete AFTER DELETE ON host_software
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_reports_insert AFTER INSERT ON reports
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_reports_update AFTER UPDATE ON reports
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_reports_delete AFTER DELETE ON reports
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_decisions_insert AFTER INSERT ON decisions
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_decisions_update AFTER UPDATE ON decisions
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_decisions_delete AFTER DELETE ON decisions
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_objections_insert AFTER INSERT ON objections
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_objections_update AFTER UPDATE ON objections
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_objections_delete AFTER DELETE ON objections
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_retention_insert AFTER INSERT ON retention
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_retention_update AFTER UPDATE ON retention
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_retention_delete AFTER DELETE ON retention
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_voice_insert AFTER INSERT ON town_voice
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_voice_update AFTER UPDATE ON town_voice
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_voice_delete AFTER DELETE ON town_voice
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
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
CREATE TRIGGER changes_opportunities_elsewhere AFTER UPDATE ON objects WHEN NEW.type = 'Opportunity' AND NOT NEW.local
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_home_insert AFTER INSERT ON place_home
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_home_update AFTER UPDATE ON place_home
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_home_delete AFTER DELETE ON place_home
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_sources_insert AFTER INSERT ON place_sources
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_sources_update AFTER UPDATE ON place_sources
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_sources_delete AFTER DELETE ON place_sources
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER search_points_insert AFTER INSERT ON opportunities
BEGIN INSERT INTO search_points_due (object_id) VALUES (NEW.object_id) ON CONFLICT (object_id) DO UPDATE SET object_id = EXCLUDED.object_id; END;
CREATE TRIGGER search_points_update AFTER UPDATE ON opportunities
WHEN NEW.place IS NOT OLD.place OR NEW.latitude IS NOT OLD.latitude OR NEW.longitude IS NOT OLD.longitude OR NEW.remote IS NOT OLD.remote
BEGIN INSERT INTO search_points_due (object_id) VALUES (NEW.object_id) ON CONFLICT (object_id) DO UPDATE SET object_id = EXCLUDED.object_id; END;
CREATE TRIGGER changes_points_insert AFTER INSERT ON search_points
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_points_update AFTER UPDATE ON search_points
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
INSERT INTO search_due (id) VALUES ('https://here.test/ap/actors/01a222b8-4d50-7361-a828-e707e2b63310');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a222b8-4e88-78e8-a230-937120c346ea');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a222b8-4e14-784d-b0f0-b4891888cdde');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a222b8-4e4d-754a-99b0-699b06676744');
PRAGMA foreign_keys = ON;
