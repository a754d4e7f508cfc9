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
, ends TIMESTAMP);
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
, edited TIMESTAMP, untold TIMESTAMP);
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
, actor_id TEXT NOT NULL DEFAULT '', door TEXT NOT NULL DEFAULT '', origin_id TEXT NOT NULL DEFAULT '', contact TEXT NOT NULL DEFAULT '', told TEXT NOT NULL DEFAULT '', told_seq INTEGER NOT NULL DEFAULT 0);
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
CREATE TABLE helper_receipts (
    id        TEXT      PRIMARY KEY, -- the id of the answer
    helper_id TEXT      NOT NULL REFERENCES helpers (id) ON DELETE CASCADE,
    act_id    TEXT      NOT NULL, -- the id of what it answers
    kind      TEXT      NOT NULL, -- what was done
    accepted  BOOLEAN   NOT NULL,
    body      BLOB      NOT NULL, -- the answer with its proof
    created   TIMESTAMP NOT NULL
);
CREATE TABLE residents (
    account_id TEXT      PRIMARY KEY,
    actor_id   TEXT      NOT NULL UNIQUE,
    created    TIMESTAMP NOT NULL
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
    created        TIMESTAMP NOT NULL,
    changed        TIMESTAMP NOT NULL,
    ended          TIMESTAMP
);
CREATE TABLE pledge_acts (
    id        TEXT      PRIMARY KEY, -- that of the activity
    pledge_id TEXT      NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
    kind      TEXT      NOT NULL,
    shift_id  TEXT      NOT NULL DEFAULT '',
    content   TEXT      NOT NULL DEFAULT '',
    state     TEXT      NOT NULL, -- sent, accepted, refused
    created   TIMESTAMP NOT NULL,
    answered  TIMESTAMP,
    receipt   BLOB
);
CREATE TABLE direct_notes (
    id             TEXT    PRIMARY KEY, -- of the Note
    opportunity_id TEXT    NOT NULL,
    actor_id       TEXT    NOT NULL,    -- the person elsewhere, also of what the club wrote
    helper_id      TEXT    REFERENCES helpers (id) ON DELETE CASCADE, -- NULL for what answers a public reply
    message_id     TEXT    NOT NULL DEFAULT '', -- of helper_messages, '' for what began it and for what says no words
    by_club        BOOLEAN NOT NULL,
    created        TIMESTAMP NOT NULL
);
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
    latitude   REAL,
    longitude  REAL,
    radius     INTEGER   NOT NULL DEFAULT 0,          -- in kilometres; 0 is any
    home       BOOLEAN   NOT NULL DEFAULT FALSE,      -- from home too
    young      BOOLEAN   NOT NULL DEFAULT FALSE,      -- the person is under 18
    several    BOOLEAN   NOT NULL DEFAULT FALSE,      -- it is a group
    phone      TEXT      NOT NULL DEFAULT '',         -- for the agency alone
    public     BOOLEAN   NOT NULL DEFAULT FALSE,      -- everybody reads it, without the name
    state      TEXT      NOT NULL,                    -- open, paused, expired
    created    TIMESTAMP NOT NULL,
    changed    TIMESTAMP NOT NULL,
    until      TIMESTAMP NOT NULL,                    -- the end of its running time
    asked      TIMESTAMP,                             -- when the person was asked to renew it
    ended      TIMESTAMP                              -- since when it has run out
);
CREATE TABLE help_consents (
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    club_id    TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, club_id)
);
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
    created        TIMESTAMP NOT NULL,
    decided        TIMESTAMP
);
CREATE TABLE help_notes (
    id         TEXT      PRIMARY KEY,
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    by_account TEXT      NOT NULL DEFAULT '',
    content    TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL
);
CREATE TABLE help_agents (
    account_id TEXT      PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    by_account TEXT      NOT NULL DEFAULT '',
    created    TIMESTAMP NOT NULL
);
CREATE TABLE help_figures (
    month TEXT    NOT NULL, -- 2027-03
    what  TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (month, what)
);
CREATE TABLE town_words (
    id      TEXT      PRIMARY KEY,
    address TEXT      NOT NULL,
    clubs   TEXT      NOT NULL,
    sign    TEXT      NOT NULL,
    changed TIMESTAMP NOT NULL
);
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
    created       TIMESTAMP NOT NULL,
    since         TIMESTAMP,                  -- since when it is in force
    paused        TIMESTAMP,                  -- since when we pause
    their_paused  TIMESTAMP,                  -- and they
    due           TIMESTAMP,                  -- what was changed since then has to be sent, NULL for nothing
    due_after     TEXT NOT NULL DEFAULT '',    -- the last object that was
    clubs_told    TIMESTAMP,                  -- of which clubs they know
    heard         TIMESTAMP,
    probed        TIMESTAMP,
    software      TEXT NOT NULL DEFAULT '',
    clock         INTEGER NOT NULL DEFAULT 0,  -- how far their clock is ahead, in seconds
    fault         TEXT NOT NULL DEFAULT ''     -- why they could not be asked, '' when they could
);
CREATE TABLE peer_objects (
    object_id TEXT PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    host      TEXT NOT NULL,
    scope     TEXT NOT NULL,
    held      BOOLEAN NOT NULL                 -- hidden for as long as there is a pause
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
INSERT INTO "bun_migrations" VALUES (1, '20261124000001', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (2, '20261124000002', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (3, '20261127000010', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (4, '20261127000020', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (5, '20261127000021', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (6, '20261127000030', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (7, '20261127000040', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (8, '20261127000041', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (9, '20261127000050', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (10, '20261127000060', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (11, '20261127000080', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (12, '20261127000090', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (13, '20261127000100', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (14, '20261128000010', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (15, '20261128000020', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (16, '20261128000030', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (17, '20261128000040', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (18, '20261129000100', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (19, '20261129000101', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (20, '20261129000110', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (21, '20261129000120', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (22, '20261129000121', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (23, '20261129000130', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (24, '20261129000140', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (25, '20261129000150', 1, '2026-11-28 19:10:02');
INSERT INTO "bun_migrations" VALUES (26, '20261129000160', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (27, '20261129000161', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (28, '20261130000110', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (29, '20261130000120', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (30, '20261130000121', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (31, '20261130000130', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (32, '20261130000140', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (33, '20261130000141', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (34, '20261130000150', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (35, '20261130000151', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (36, '20261130000160', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (37, '20261130000161', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (38, '20261201000100', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (39, '20261201000101', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (40, '20261201000102', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (41, '20261201000110', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (42, '20261201000111', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (43, '20261201000120', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (44, '20261201000121', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (45, '20261201000122', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (46, '20261201000130', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (47, '20261201000131', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (48, '20261201000140', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (49, '20261201000150', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (50, '20261201000151', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (51, '20261201000152', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (52, '20261201000160', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (53, '20261202000200', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (54, '20261202000201', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (55, '20261202000210', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (56, '20261202000220', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (57, '20261202000230', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (58, '20261202000240', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (59, '20261202000250', 1, '2026-11-28 19:10:03');
INSERT INTO "bun_migrations" VALUES (60, '20261202000260', 1, '2026-11-28 19:10:03');
INSERT INTO "sqlite_sequence" VALUES ('bun_migrations', 60);
INSERT INTO "sqlite_sequence" VALUES ('changes', 19);
INSERT INTO "sqlite_sequence" VALUES ('inbox', 2);
INSERT INTO "sqlite_sequence" VALUES ('deliveries', 3);
INSERT INTO "actors" VALUES ('https://here.test/ap/instance', 'Application', 1, 'here.test', 'instance', 'instance@here.test', 'Musterdorf', '', 'https://here.test/', 'https://here.test/ap/instance/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/instance/outbox', 'https://here.test/ap/instance/followers', '', '', '', 'https://here.test/ap/instance#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzrNJrSVDXKlBaHWFL6iO
Re0wYEGOv4s9uHv7BSQ1+EsHp10lf3+4EA6S1u9evDjGL5KMg2ZfG+HVehs2WCFU
bKgwQW2+666cR+8c2SPujuM9NS3rjnykS664qVL/CtEYbb8I3IIvvsb1kYxKQSep
GjHmoWD2Eou8rLmUfwJMjXIR2ITxuaFxiccPzOynmWMBYI1VY6rNnS1BSMXNJKmX
7OIPIi7W8DndS5Mznc0hlC+IfQqy/WpR2fsn1QG30osodXIZgmZqMCJCdX6CTGwb
h67nv7n+PRSatc6DZGoODhlEt4DTRlJz5+yMAS+TJSdJSVqRiMpdq1iLQWyzO6L0
rQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 19:10:03+00:00', NULL, NULL, '[{"id":"https://here.test/ap/instance#ed25519-key","type":"Multikey","controller":"https://here.test/ap/instance","publicKeyMultibase":"z6MkwdgtoFC5rZFRQPYKP2KCzzB3Ds6JHQpe7GrFPVTRY6o3"}]', NULL, '[]', NULL, 0, 0, 0, NULL);
INSERT INTO "actors" VALUES ('https://here.test/relay', 'Application', 1, 'here.test', 'relay', 'relay@here.test', 'Musterdorf', '', 'https://here.test/region/verbund', 'https://here.test/relay/inbox', 'https://here.test/ap/inbox', 'https://here.test/relay/outbox', 'https://here.test/relay/followers', '', '', '', 'https://here.test/relay#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyt4LOqpu5Yng5ROcDGC+
DqCKJzhcqq/WrnJnsTfI1WVRiopUKcviWUgm6avWaYhwErG6nEVrsGgai6nAhHEV
hPpQY/G3Sx+p6vzjC1vIUMQ3gKwhC23PXOjC3izC1lhg5AD0aMroeWc74R/0xF6U
rFB3so15HX+vNk4Xc2eH6hlPvfE/ol18/yPH15Oha93HCSBOerjADoNfEvMJVwXG
ench/jolrg1wWhENCJBVji5nCKxxD/t8sJ9Xf/ryzh7Vz2L7STrKG0gIFO2GFhox
bLEHhBnYmvpVarnzJcAgLmvl5T1cr9T0O3jQfBs2Urojl49TepGGPTXBQZh3tvbM
YQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 19:10:03+00:00', NULL, NULL, '[{"id":"https://here.test/relay#ed25519-key","type":"Multikey","controller":"https://here.test/relay","publicKeyMultibase":"z6MkfwuACQePDWY2BzcaVnvh7vLzHQZCcphSGT5GqqxxeWAu"}]', NULL, '[]', NULL, 0, 0, 0, NULL);
INSERT INTO "actors" VALUES ('https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'Group', 1, 'here.test', 'tsv', 'tsv@here.test', 'TSV', '<p><strong>Sport</strong> und „mehr“</p>', 'https://here.test/vereine/tsv', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389/outbox', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389/followers', '', '', '', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAv8GtyEZzuKIOq+mmxXlc
3Wh/qxTDG5SSL9Gw1VXb4kpcjvWD+Fz2lL1YU72e14xiBRHM/P9XXFqSXlQF9NUX
n5VfCsUY9CnKm9/fs3UFYr2zGPo5Mv//ObwVZ3EfRmnB1Q88xA0/dvnk0FjHeJrA
Vvf3A5mGCebbpw7njkhUjRSij9B8ka0wqU0SZN0X0LwO24eGwoUB+YfcjAAwZkGX
W6z9xW0OTCXesjt/tXvDwtZfdYdkbXq+3Ras3cP4C3uHk2x+NI+uKkW1GI5nTEXX
4ShYa8i5Ue67HWpS9n3hWOsDwJSS1UWo8EF2BbsjRLaprG4SbYw3cRScz3pQlh4Q
XQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', 0, '2026-11-28 19:10:03+00:00', NULL, NULL, '[{"id":"https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389#ed25519-key","type":"Multikey","controller":"https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389","publicKeyMultibase":"z6MknKjaDoA91ZYgptjVsQJ2YeUHdHyP3Mi4xeRutSpPLJWH"}]', NULL, '[]', NULL, 0, 0, 0, NULL);
INSERT INTO "actors" VALUES ('https://far.test/users/anna', 'Person', 0, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', '', '', 'https://far.test/users/anna/inbox', '', '', 'https://far.test/users/anna/followers', '', '', '', '', '', '[]', '', 'active', 0, '2026-01-02 03:04:05+00:00', '2026-02-03 04:05:06.123456+00:00', NULL, '[]', NULL, '[]', NULL, 0, 0, 0, NULL);
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/instance', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDOs0mtJUNcqUFo
dYUvqI5F7TBgQY6/iz24e/sFJDX4SwenXSV/f7gQDpLW7168OMYvkoyDZl8b4dV6
GzZYIVRsqDBBbb7rrpxH7xzZI+6O4z01LeuOfKRLrripUv8K0Rhtvwjcgi++xvWR
jEpBJ6kaMeahYPYSi7ysuZR/AkyNchHYhPG5oXGJxw/M7KeZYwFgjVVjqs2dLUFI
xc0kqZfs4g8iLtbwOd1LkzOdzSGUL4h9CrL9alHZ+yfVAbfSiyh1chmCZmowIkJ1
foJMbBuHrue/uf49FJq1zoNkag4OGUS3gNNGUnPn7IwBL5MlJ0lJWpGIyl2rWItB
bLM7ovStAgMBAAECggEAJhvyIoUzRTtDfvHj62SFTqkreSO9IN2YNJJPNqR1euDC
eX338ujmU7eMJSqe6c8B4zV+yJ8wO+DITioEO/1xJlNgCkAkqilYUP7p77LrQdbt
qwdbXbrnQ7jj/Pv7X9ArU9ib1qP+D4t5LSuTaS3ZxKWcovZQiBzRXXsdwMj4uj8P
4G7PzTdcboeicjmP8olkKmABRG0zhOf7gxypFLzKTEP3UAMqixfFd6otwZpboVQ+
h1pGmBNHnXKIUFEtW8z9sT2ZEY1Qy65LCeLqs11DVjOTaUVPmZqCeTux7t79chwd
qMXtsdBgMK2o4VunRzV5/LjkQu4HDKVwMdPISYgzoQKBgQDd6QV2J2mqtAp6oxp9
FHxSo4JTxPmbkWIC6Oy7E2GEOO6pvJsszSAKi3uyNe1r779xruVXto/QFBor4tLy
DtwLbf7/bm4/XL8A+8K6fHUMZwxAVXLWG139g1ihuWpqkDw7BZfu41atXrXUod5Y
mehpTxONFSGx9sa1qJt5p9yj9QKBgQDudBzabIB/ShfVrhxxfigSQfyLF4KxDwDx
fExSmBMb9vAUJVl5UTfE/asKmEiEAiDlV7dFZ5GRPr8RtUKhpDFsQ0ZkJNNxdmsO
9mBY2ecG6xkjgmpkpJpe1CIgaUde0rnPIxO+PBVDXg82WCqBxt7UvpNajwatTSAb
Ztv8QYnS2QKBgQChwQhNHt+EIaZ9zEQzpmoU5sDKBQuZHTkfO9/LYY40jjdRnHxU
BNV1OkUZGvwMMH8RA9aCwD1GBFErajQvYyt8XVqBoGJWZ2mG8vz3aF79gmPIxUBm
1x4E++fwQrJSKP7uWt5rsGTvDNlnu/HSDaX+lTiAH0YnbeVcZyGlZPmMvQKBgFnx
UjDRXGam+/aNhg0JGPRKD4gnhhRjJGfyCpfc5NhXfJccv3MTP4X+aNXGOxQP+XiI
bYiwWCgBEvEK/ecal8nOVm7PtTHHCPrL0+uvxYTGiOTr/FWaAOBkA7tV+qW5tnx7
LqdC4oJWqEZHW0E4UjTM7afq6wnTXZj4Y2HzFpmBAoGAW+WDZLAkr5CZQW6noQcK
uQJDdAFIZsm7tRTy4tyFnICST9yMBAyxqJKvna+dFp1NBm5o+iuFXItKGJDxRkhI
JXgemCtefXey2WyWyGdWGnqzo8x/NjaO+nhO9ykWqlirqwNc8icVcjyBHPTgwIVl
47DtMUbHQTa1pB1Hgzx55Ds=
-----END PRIVATE KEY-----
', '2026-11-28 19:10:03+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIMRott53+zvTv4dQ4uVAqF678OLgoCLVrsXvhusdn5l4
-----END PRIVATE KEY-----
');
INSERT INTO "actor_keys" VALUES ('https://here.test/relay', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDK3gs6qm7lieDl
E5wMYL4OoIonOFyqr9aucmexN8jVZVGKilQpy+JZSCbpq9ZpiHASsbqcRWuwaBqL
qcCEcRWE+lBj8bdLH6nq/OMLW8hQxDeArCELbc9c6MLeLMLWWGDkAPRoyuh5Zzvh
H/TEXpSsUHeyjXkdf682ThdzZ4fqGU+98T+iXXz/I8fXk6Fr3ccJIE56uMAOg18S
8wlXBcZ6dyH+OiWuDXBaEQ0IkFWOLmcIrHEP+3ywn1d/+vLOHtXPYvtJOsobSAgU
7YYWGjFssQeEGdia+lVqufMlwCAua+XlPVyv1PQ7eNB8GzZSuiOXj1N6kYY9NcFB
mHe29sxhAgMBAAECggEAEV358x9FGCR6GtJXcR3VF3Z57UqfcENWax/DLcI7UL14
QhZ+hwd7zK3nGukJlYZHJeqOMbOluPfokd1J7Gyr7XLqb+vxB57h0oqsuzuzxepO
YBccSxivAGKy0Adf9K6jONG2GsSIK2CBmU+9ihQYwTmwTZpb7IESVGFSE6Cg25MB
Dj4yiO+RotrZg+tJVqCF4Y9p1hRte3+JrfpDp1GopeOEq3KqDZ/EfA85XVHbFnrJ
C7XR4ggp4S8D83zhwQawhOm7b+EXgNaKZsJMWKffBz/hKXfPU2YiPAq/oEyJ5f8u
7Ow/baT0WNYonD8pOQ5z4gSwDvd2P1HXHCfRPAg7qwKBgQDyxFRFAlCc1AgPwm6k
djMpfx2A9fqycXGsKse+YApVNiNCfGPB+x1iXEy0CyuxltEVmlOGdR14XvB0/T2V
Ull0A1YjyRnWEQlx3bXJ6UfG+KQFdhrS2QYNiY2bsdkqgFCWxpzy8PmMMAOsInie
hddGml/NhK3vhGM5hctFiDzrtwKBgQDV7PCO48Izcb4A6qZ+WAaIuoYO/v4XG5Lp
S7AcsYVhLjxZSrPk4jHHI0OnvjXItHStyKcY1WgjmsMpHvroRHi5Qz5mxQbb59ai
M88sCTi62Hvd+CQsds44Z0bd9s2x9yeQXScjgUlTkSZGcGoPc6a0W6JGqpnGRu3X
m1ziy584pwKBgHRzguzbcGnaN8e/f616WY5lQHTVCZ3BV0K7/raugSZg4scIvh2V
5IGDPvP6i8oTS1ZugfR0h19vQy8LLxhKuUgyNYbS94a9A2fQb1xcf6bNLHjGL5XG
ruWdfwUZac++X2oD+dN7jmkVux0+J9f64conUR9Xrsu/GI3GRTykXny/AoGAZ7ka
ai3EW20q0wby8w97G5BUr7CzQkD8WmF4YnEwWo4wdJrj3nZN7GAMzahMK6RTbm97
lW7jr1+6gJWk0jlgz3LrLqkZSkZ+quaz7IYMG4wbguRtpaF1G6P3mGeyFDfh1v1T
nMNy6jHWfRDEW/mXOpuzctAE/z4k1AVgZBaWfMECgYEA7I0rUGDLT/CEkrTAVphi
DYZ4+JGl+qX9t/HtwFzMG2FPLQtbSPl3Du0dM0fA7fYDFooKRmJvpxIVzG9i71Lk
jSRHTU1F5s2tUPeZK0vNBUtdyAhOxB8RmwCT+eyEosECcs7UF7CCkMNWcNEvRMJ+
fXJc3bmJQCQj0Q7Gw5125M8=
-----END PRIVATE KEY-----
', '2026-11-28 19:10:03+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIDWreOqPozZj0Y0qvkw0fyNI5fwXHwoGfFB/5lUbcT+X
-----END PRIVATE KEY-----
');
INSERT INTO "actor_keys" VALUES ('https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', '-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC/wa3IRnO4og6r
6abFeVzdaH+rFMMblJIv0bDVVdviSlyO9YP4XPaUvVhTvZ7XjGIFEcz8/1dcWpJe
VAX01ReflV8KxRj0Kcqb39+zdQVivbMY+jky//85vBVncR9GacHVDzzEDT92+eTQ
WMd4msBW9/cDmYYJ5tunDueOSFSNFKKP0HyRrTCpTRJk3RfQvA7bh4bChQH5h9yM
ADBmQZdbrP3FbQ5MJd6yO3+1e8PC1l91h2Rter7dFqzdw/gLe4eTbH40j64qRbUY
jmdMRdfhKFhryLlR7rsdalL2feFY6wPAlJLVRajwQXYFuyNEtqmsbhJtjDdxFJzP
elCWHhBdAgMBAAECggEAFKVlkOX3ATbfpgZc+K+ZvlQJRPISFMbhG4l0BPA+4cU4
ZIMOP8BAo2CkoTWOI+6fQiT5wXa7oPu2fTYGQydraPkD9+yjRGy4fiJzW0ba+tfq
b+LHJFTYVc7Iri/JmoL6BfbjR8eWYPjEeGNKrNNaqLJ/k9Fkk23aEgliiJkEk4Do
dsrvhDGBppsIHzqxAuVdsHxNO31KywASR8wJ0zyw/RzEEq14B2Ls71fA1ZfDIbU5
WPrLjTBZ49DxV1wQwuFX9Hcl63eAHQgWt5ZxXyuB/d2bWunfVWmicGxJJ4kvfad6
QuOf36H9EUVlDGYNKMLiP2StOO4WUtVIFbIOU35nMQKBgQDEgmyipJtTV0hc4mLl
xeGDX5cUGFgFYD3OqNcd3IniiXVU3h0vKUL2ygUgVeGZuiuwE8QdRx984sZMLOnD
+m5gLBvyLV+B97OOHKwj8ArzqbHoq7HVEzccnK/u9Tv4+T+33HUn1Y8HbhIgjHWW
OVfReMPTMbkHv7PLMvGcwL0wjQKBgQD5zubNKPCZ/WqHg/QT/92Gmc6XQrax5/Cf
iaodlZJLJ239w6gK29oa/Q60AHtdDbSv79Rmod2nZGS09ULwZcLZf9qv1Qi7xijE
r6wP+92uvFDn8eS5xN9VNyKetlYRvRT5SV/+5xWYZuUMW+08CcgcPmgYclVUyr47
whjClFjzEQKBgDlg29ehuLjdA4QblkUBQpfZkYOMmCb5sxJkums9ugUrndbqBBuB
MMxesKCAcx8v/RGss9bYrZkJnl0fwCI5PYFXX9GW7gxFB2i3dowHyyraodgOSh6t
PapdFgHwGVLZdIF7HbpD4T+KJEDcwnjaxYmkeYlxO1XH4/exKFtc6+EBAoGBAIk6
seuOS+4sGnNrd4/tBSLGJ4lMqtQ8mCDsHTm3SvBiLrgy3YNplv0wev1DLoHF37au
xz3COeOU8QW/nhA1tr6Iz/e7zdppV0gFQT5enD87UC664W1zy0Qiz6/kdo+0EWuI
dWWwSFq6W6VYcpCCxx1M4x5a4Kl93tcxHyz1FZAhAoGBAIRFm9mIAK4amm2XN749
VqiOGUbFxanNawPWs3BzyvlN+KNU03AnXb2DI/w0Jl4du3Z+9V+RQETzojAQNkwS
3LSpIam6Iy1OkPFfuaISQw9L9SPtF9/8fRcCGSgRxW6i33apqCcaB60npFRmsjHx
8nGy7Rhz7f7vmrGwaCckUoSR
-----END PRIVATE KEY-----
', '2026-11-28 19:10:03+00:00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGWRo6mJyt8DO6NB/pCXh1ohMH6ZF0lpDyXob7b4MQav
-----END PRIVATE KEY-----
');
INSERT INTO "accounts" VALUES ('01a22390-876f-7ae0-b10c-c7d0db68d62f', 'anna@here.test', 'Anna', 'townhall', '', '2026-11-28 19:10:04+00:00', 'FIAK5FYKLZRCUIEPSY3HZTKA2R', NULL);
INSERT INTO "sign_in_links" VALUES ('214493f383695aadfaa38fbc5d6e6f86c0623356025b3a3bf35b3b9ad75bed4e', '01a22390-876f-7ae0-b10c-c7d0db68d62f', '2026-12-05 19:10:04+00:00');
INSERT INTO "editors" VALUES ('01a22390-876f-7ae0-b10c-c7d0db68d62f', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'owner', '2026-11-28 19:10:04+00:00');
INSERT INTO "clubs" VALUES ('https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', '**Sport** und „mehr“', '', '', NULL, '');
INSERT INTO "follows" VALUES ('https://far.test/follows/1', 'https://far.test/users/anna', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'accepted', '2026-01-02 03:04:05+00:00');
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef', 'Event', 1, 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'Sommerfest', '', '<p>Musik.</p>', 'Musik.', 'de', 'https://here.test/veranstaltungen/01a22390-88f8-7c80-8f06-eaf0623a3aef', '', 'public', 0, 0, '2026-11-28 19:10:04+00:00', NULL, NULL, '2026-11-28 19:10:04+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a22390-8989-73a9-9d06-d1024c8d5a1b', 'Event', 1, 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'Ausflug', '', '', '', 'de', 'https://here.test/veranstaltungen/01a22390-8989-73a9-9d06-d1024c8d5a1b', '', 'public', 0, 0, '2026-11-28 19:10:04+00:00', NULL, NULL, '2026-11-28 19:10:04+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://here.test/ap/objects/01a22390-8a2a-792c-a327-7f31f2108e3a', 'Note', 1, 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', '', '', '<p>Schlüssel <em>gefunden</em> 😀</p>', 'Schlüssel *gefunden* 😀', 'de', 'https://here.test/pinnwand/01a22390-8a2a-792c-a327-7f31f2108e3a', '', 'public', 0, 0, '2026-11-28 19:10:04+00:00', NULL, NULL, '2026-11-28 19:10:04+00:00', '', 0);
INSERT INTO "objects" VALUES ('https://far.test/notes/1', 'Note', 0, 'https://far.test/users/anna', '', '', '<p>Schön! 😀</p>', '', '', '', 'https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef', 'public', 0, 0, '2026-01-02 03:04:05+00:00', NULL, NULL, NULL, '', 0);
INSERT INTO "audience" VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef', '2027-07-10 17:00:00+00:00', '2027-07-10 21:00:00+00:00', 'Europe/Berlin', 0, 'Marktplatz', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "events" VALUES ('https://here.test/ap/objects/01a22390-8989-73a9-9d06-d1024c8d5a1b', '2027-07-31 22:00:00+00:00', '2027-08-01 21:59:59+00:00', 'Europe/Berlin', 1, '', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO "reactions" VALUES ('Like', 'https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef', 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00:00', NULL);
INSERT INTO "reports" VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00:00', '', NULL, '', '', '', '', '', '', '');
INSERT INTO "blocks" VALUES ('bad.test', '2026-01-02 03:04:05+00:00', 'block', 0, 0, '', '', 0, '', '', 0);
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a22390-88fa-772c-8640-7903194dfb91', 'Create', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323339302D383866612D373732632D383634302D373930333139346466623931222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383866382D376338302D386630362D656166303632336133616566222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C226E616D65223A22536F6D6D657266657374222C2273756D6D617279223A225C7530303363705C753030336553612E2C2031302E204A756C6920323032372C20313920626973203233205568722C204D61726B74706C61747A5C75303033632F705C7530303365222C22636F6E74656E74223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033654D7573696B2E5C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323339302D383866382D376338302D386630362D656166303632336133616566222C227075626C6973686564223A22323032362D31312D32385431393A31303A30345A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383866382D376338302D386630362D6561663036323361336165662F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383866382D376338302D386630362D6561663036323361336165662F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383866382D376338302D386630362D6561663036323361336165662F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30372D31305431393A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30372D31305432333A30303A30302B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C226C6F636174696F6E223A7B226964223A2268747470733A2F2F686572652E746573742F61702F706C616365732F5457467961335277624746306567222C2274797065223A22506C616365222C226E616D65223A224D61726B74706C61747A227D2C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323339302D383866382D376338302D386630362D656166303632336133616566222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383866382D376338302D386630362D6561663036323361336165662F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D6138623434326134383338392F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D6138623434326134383338392F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431393A31303A30345A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D61386234343261343833383923656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431393A31303A30345A222C2270726F6F6656616C7565223A227A32364C7A51474E6A54676D644B35436D4E767879684B4139334445776A5847313435684E34387164796D426F6D377156454154537155345661586157346B416B613438356D4B3739486D4A765847784D3437466F63657053227D7D', '2026-11-28 19:10:04+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a22390-898a-7f38-a90e-5b6f76d947a8', 'Create', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'https://here.test/ap/objects/01a22390-8989-73a9-9d06-d1024c8d5a1b', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323339302D383938612D376633382D613930652D356236663736643934376138222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383938392D373361392D396430362D643130323463386435613162222C2274797065223A224576656E74222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C226E616D65223A22417573666C7567222C2273756D6D617279223A225C7530303363705C7530303365536F2E2C20312E2041756775737420323032375C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A22227D2C2275726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323339302D383938392D373361392D396430362D643130323463386435613162222C227075626C6973686564223A22323032362D31312D32385431393A31303A30345A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383938392D373361392D396430362D6431303234633864356131622F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383938392D373361392D396430362D6431303234633864356131622F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383938392D373361392D396430362D6431303234633864356131622F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22737461727454696D65223A22323032372D30382D30315430303A30303A30302B30323A3030222C22656E6454696D65223A22323032372D30382D30315432333A35393A35392B30323A3030222C2274696D657A6F6E65223A224575726F70652F4265726C696E222C2263617465676F7279223A224D454554494E47222C22696E4C616E6775616765223A226465222C22737461747573223A22434F4E4649524D4544222C226576656E74537461747573223A224576656E745363686564756C6564222C226A6F696E4D6F6465223A2265787465726E616C222C2265787465726E616C50617274696369706174696F6E55726C223A2268747470733A2F2F686572652E746573742F766572616E7374616C74756E67656E2F30316132323339302D383938392D373361392D396430362D643130323463386435613162222C227061727469636970616E74436F756E74223A302C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A66616C73652C2269734F6E6C696E65223A66616C73652C22636F6D6D656E7473456E61626C6564223A747275652C226472616674223A66616C73652C226F7267616E697A657273223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D383938392D373361392D396430362D6431303234633864356131622F6F7267616E697A657273222C2274797065223A22436F6C6C656374696F6E222C22746F74616C4974656D73223A312C226974656D73223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839225D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D6138623434326134383338392F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D6138623434326134383338392F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431393A31303A30345A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C22506F7374616C41646472657373223A2273633A506F7374616C41646472657373222C2261646472657373223A2273633A61646472657373222C2261646472657373436F756E747279223A2273633A61646472657373436F756E747279222C22616464726573734C6F63616C697479223A2273633A616464726573734C6F63616C697479222C2261646472657373526567696F6E223A2273633A61646472657373526567696F6E222C22616E6F6E796D6F757350617274696369706174696F6E456E61626C6564223A226D7A3A616E6F6E796D6F757350617274696369706174696F6E456E61626C6564222C22617474656E64656573223A7B22406964223A2265763A617474656E64656573222C224074797065223A22406964227D2C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C2263617465676F7279223A2273633A63617465676F7279222C22636F6D6D656E7473456E61626C6564223A2270743A636F6D6D656E7473456E61626C6564222C22646973706C6179456E6454696D65223A2265763A646973706C6179456E6454696D65222C226472616674223A226D7A3A6472616674222C226576223A2268747470733A2F2F773369642E6F72672F6665702F386138652F222C226576656E74537461747573223A7B22406964223A2265763A6576656E74537461747573222C224074797065223A2240766F636162227D2C2265787465726E616C50617274696369706174696F6E55726C223A226D7A3A65787465726E616C50617274696369706174696F6E55726C222C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C226963616C223A22687474703A2F2F7777772E77332E6F72672F323030322F31322F63616C2F6963616C23222C22696E4C616E6775616765223A2273633A696E4C616E6775616765222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2269734F6E6C696E65223A226D7A3A69734F6E6C696E65222C226A6F696E4D6F6465223A226D7A3A6A6F696E4D6F6465222C226D6178696D756D417474656E6465654361706163697479223A2273633A6D6178696D756D417474656E6465654361706163697479222C226D7A223A2268747470733A2F2F6A6F696E6D6F62696C697A6F6E2E6F72672F6E7323222C226F7267616E697A657273223A7B22406964223A2265763A6F7267616E697A657273222C224074797065223A22406964227D2C227061727469636970616E74436F756E74223A226D7A3A7061727469636970616E74436F756E74222C22706F7374616C436F6465223A2273633A706F7374616C436F6465222C227074223A2268747470733A2F2F6A6F696E70656572747562652E6F72672F6E7323222C227363223A22687474703A2F2F736368656D612E6F726723222C2273656E736974697665223A2261733A73656E736974697665222C22737461747573223A226963616C3A737461747573222C2273747265657441646472657373223A2273633A73747265657441646472657373222C2274696D657A6F6E65223A226D7A3A74696D657A6F6E65222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D61386234343261343833383923656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431393A31303A30345A222C2270726F6F6656616C7565223A227A32427239686E41615867427533754456434C334354426A4D686D6A6234346374504A45646D4831754E7237765A524D58484451473547536B655533723367373151676751727A4A474E583272636A37486B6E684457696864227D7D', '2026-11-28 19:10:04+00:00');
INSERT INTO "activities" VALUES ('https://here.test/ap/activities/01a22390-8a2e-7e35-8bad-6cc4d16ddb8b', 'Create', 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389', 'https://here.test/ap/objects/01a22390-8a2a-792c-a327-7f31f2108e3a', 1, X'7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C226964223A2268747470733A2F2F686572652E746573742F61702F616374697669746965732F30316132323339302D386132652D376533352D386261642D366363346431366464623862222C2274797065223A22437265617465222C226163746F72223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C226F626A656374223A7B226964223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D386132612D373932632D613332372D376633316632313038653361222C2274797065223A224E6F7465222C2261747472696275746564546F223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D613862343432613438333839222C22636F6E74656E74223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365222C22636F6E74656E744D6170223A7B226465223A225C7530303363705C75303033655363686CC3BC7373656C205C7530303363656D5C7530303365676566756E64656E5C75303033632F656D5C753030336520F09F98805C75303033632F705C7530303365227D2C2275726C223A2268747470733A2F2F686572652E746573742F70696E6E77616E642F30316132323339302D386132612D373932632D613332372D376633316632313038653361222C227075626C6973686564223A22323032362D31312D32385431393A31303A30345A222C227265706C696573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D386132612D373932632D613332372D3766333166323130386533612F7265706C696573222C226C696B6573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D386132612D373932632D613332372D3766333166323130386533612F6C696B6573222C22736861726573223A2268747470733A2F2F686572652E746573742F61702F6F626A656374732F30316132323339302D386132612D373932632D613332372D3766333166323130386533612F736861726573222C22696E746572616374696F6E506F6C696379223A7B2263616E51756F7465223A7B226175746F6D61746963417070726F76616C223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D7D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D6138623434326134383338392F666F6C6C6F77657273225D2C22746167223A5B5D2C226174746163686D656E74223A5B5D7D2C22746F223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73235075626C6963225D2C226363223A5B2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D6138623434326134383338392F666F6C6C6F77657273225D2C227075626C6973686564223A22323032362D31312D32385431393A31303A30345A222C2270726F6F66223A7B2240636F6E74657874223A5B2268747470733A2F2F7777772E77332E6F72672F6E732F616374697669747973747265616D73222C7B2248617368746167223A2261733A48617368746167222C226175746F6D61746963417070726F76616C223A7B22406964223A226774733A6175746F6D61746963417070726F76616C222C224074797065223A22406964227D2C22626C757268617368223A22746F6F743A626C757268617368222C2263616E51756F7465223A7B22406964223A226774733A63616E51756F7465222C224074797065223A22406964227D2C22666F63616C506F696E74223A7B2240636F6E7461696E6572223A22406C697374222C22406964223A22746F6F743A666F63616C506F696E74227D2C22677473223A2268747470733A2F2F676F746F736F6369616C2E6F72672F6E7323222C22696E746572616374696F6E506F6C696379223A7B22406964223A226774733A696E746572616374696F6E506F6C696379222C224074797065223A22406964227D2C2273656E736974697665223A2261733A73656E736974697665222C22746F6F74223A22687474703A2F2F6A6F696E6D6173746F646F6E2E6F72672F6E7323227D2C2268747470733A2F2F773369642E6F72672F73656375726974792F646174612D696E746567726974792F7631225D2C2274797065223A2244617461496E7465677269747950726F6F66222C2263727970746F7375697465223A2265646473612D6A63732D32303232222C22766572696669636174696F6E4D6574686F64223A2268747470733A2F2F686572652E746573742F61702F6163746F72732F30316132323339302D383631352D373939352D626235622D61386234343261343833383923656432353531392D6B6579222C2270726F6F66507572706F7365223A22617373657274696F6E4D6574686F64222C2263726561746564223A22323032362D31312D32385431393A31303A30345A222C2270726F6F6656616C7565223A227A33715A477A664B4869716A446F69344B61686F534563696D5646474E32594431384474736F3537355739716A544D33644E513954657A73455647376267504332375A6735377A47766535327432674D446277344B616D5071227D7D', '2026-11-28 19:10:04+00:00');
INSERT INTO "inbox" VALUES (1, 'https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '{"type":"Like"}', 'pending', 1, '2026-01-02 03:04:05+00:00', NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "inbox" VALUES (2, 'https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, NULL, '', '', '2026-01-02 03:04:05+00:00', '');
INSERT INTO "hosts" VALUES ('slow.test', '2026-01-02 03:04:05+00:00', NULL, '', 3, 2, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "hosts" VALUES ('far.test', '2026-11-28 19:10:04+00:00', NULL, '', 3, 0, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO "deliveries" VALUES (1, 'https://here.test/ap/activities/01a22390-88fa-772c-8640-7903194dfb91', 'https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 19:10:04+00:00', NULL, 0, '', '2026-11-28 19:10:04+00:00');
INSERT INTO "deliveries" VALUES (2, 'https://here.test/ap/activities/01a22390-898a-7f38-a90e-5b6f76d947a8', 'https://here.test/ap/objects/01a22390-8989-73a9-9d06-d1024c8d5a1b', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 19:10:04+00:00', NULL, 0, '', '2026-11-28 19:10:04+00:00');
INSERT INTO "deliveries" VALUES (3, 'https://here.test/ap/activities/01a22390-8a2e-7e35-8bad-6cc4d16ddb8b', 'https://here.test/ap/objects/01a22390-8a2a-792c-a327-7f31f2108e3a', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 19:10:04+00:00', NULL, 0, '', '2026-11-28 19:10:04+00:00');
INSERT INTO "settings" VALUES ('a setting', 'its value');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef', 'operator', 'Create', '2026-11-28 19:10:04+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a22390-8989-73a9-9d06-d1024c8d5a1b', 'operator', 'Create', '2026-11-28 19:10:04+00:00');
INSERT INTO "edits" VALUES ('https://here.test/ap/objects/01a22390-8a2a-792c-a327-7f31f2108e3a', 'operator', 'Create', '2026-11-28 19:10:04+00:00');
INSERT INTO "changes" VALUES (1, '');
INSERT INTO "changes" VALUES (2, '');
INSERT INTO "changes" VALUES (3, '');
INSERT INTO "changes" VALUES (4, '');
INSERT INTO "changes" VALUES (5, 'https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389');
INSERT INTO "changes" VALUES (6, '');
INSERT INTO "changes" VALUES (7, '/transparenz');
INSERT INTO "changes" VALUES (8, '');
INSERT INTO "changes" VALUES (9, '');
INSERT INTO "changes" VALUES (10, '');
INSERT INTO "changes" VALUES (11, '');
INSERT INTO "changes" VALUES (12, '');
INSERT INTO "changes" VALUES (13, '');
INSERT INTO "changes" VALUES (14, '');
INSERT INTO "changes" VALUES (15, '');
INSERT INTO "changes" VALUES (16, '');
INSERT INTO "changes" VALUES (17, 'https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef');
INSERT INTO "changes" VALUES (18, 'https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef');
INSERT INTO "changes" VALUES (19, '');
INSERT INTO "town_look" VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', 1, 'Rathaus', '', '2026-01-02 03:04:05+00:00');
INSERT INTO "town_pictures" VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0.0, 0.5, 'x');
INSERT INTO "town_texts" VALUES ('impressum', 'de', '2026-11-28 19:10:05+00:00', '## Rathaus', 'operator');
INSERT INTO "posts" VALUES ('https://here.test/ap/objects/01a22390-8a2a-792c-a327-7f31f2108e3a', 'announcement', '2026-11-28 19:10:04+00:00');
INSERT INTO "ledger" VALUES (1, '2026-11-28 19:10:03+00:00', 'operator', 'club.add', 'tsv', '', '', '0a561aa562a6b0f0fdd0d6ad114bc471', '', '086cd866cc1402d2c4c7ae19797a2672fb7076cec004b8868d0b0a59190b5d16');
INSERT INTO "ledger" VALUES (2, '2026-11-28 19:10:04+00:00', 'operator', 'person.add', '', '01a22390-876f-7ae0-b10c-c7d0db68d62f', 'townhall', 'f9b559ca596ad620dba6827307c725d7', 'f9e1b220b007fd61fbdf8b9726c49fc2', '1d89a934d2da6fb67e5ccf64fb1a50b8318f4b09bb3dbdbb438cb2caa5c8eeb9');
INSERT INTO "ledger" VALUES (3, '2026-11-28 19:10:04+00:00', 'operator', 'club.editor', 'tsv', '01a22390-876f-7ae0-b10c-c7d0db68d62f', 'owner', 'c45ed059c9a265a375ac687e1642b458', 'a3d2fe620ece93bf87e709e44c569706', '831324cd1fc2ce8301982556d2165d24e3dff8b54c9a677e569d48c140eb11be');
INSERT INTO "ledger" VALUES (4, '2026-11-28 19:10:05+00:00', 'operator', 'town.text', 'impressum', '', 'de', 'e4c6daf190025f1980ecf49e25b14fce', '', 'bf38be1093b46bcf4a0ae6586a4bd0a30cd5e25b6f481adb62b97a1a650751e5');
INSERT INTO "river_migration" VALUES ('main', 1, '2026-11-28 19:10:03');
INSERT INTO "river_migration" VALUES ('main', 2, '2026-11-28 19:10:03');
INSERT INTO "river_migration" VALUES ('main', 3, '2026-11-28 19:10:03');
INSERT INTO "river_migration" VALUES ('main', 4, '2026-11-28 19:10:03');
INSERT INTO "river_migration" VALUES ('main', 5, '2026-11-28 19:10:03');
INSERT INTO "river_migration" VALUES ('main', 6, '2026-11-28 19:10:03');
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
CREATE INDEX helpers_actor ON helpers (actor_id) WHERE actor_id <> '';
CREATE UNIQUE INDEX helpers_origin ON helpers (origin_id) WHERE origin_id <> '';
CREATE UNIQUE INDEX helpers_once_actor ON helpers (opportunity_id, actor_id) WHERE actor_id <> '' AND state IN ('asked', 'talking', 'accepted');
CREATE INDEX helper_receipts_helper ON helper_receipts (helper_id, created);
CREATE UNIQUE INDEX helper_receipts_act ON helper_receipts (helper_id, act_id);
CREATE INDEX pledges_account ON pledges (account_id, created);
CREATE INDEX pledges_actor ON pledges (actor_id);
CREATE UNIQUE INDEX pledges_once ON pledges (opportunity_id, account_id) WHERE state IN ('asked', 'talking', 'accepted');
CREATE INDEX pledge_acts_pledge ON pledge_acts (pledge_id, created, id);
CREATE INDEX direct_notes_helper ON direct_notes (helper_id, created);
CREATE INDEX direct_notes_actor ON direct_notes (actor_id);
CREATE UNIQUE INDEX direct_notes_once ON direct_notes (opportunity_id, actor_id) WHERE helper_id IS NULL;
CREATE INDEX help_offers_state ON help_offers (state, until);
CREATE INDEX help_consents_club ON help_consents (club_id);
CREATE INDEX help_proposals_account ON help_proposals (account_id, created);
CREATE INDEX help_proposals_state ON help_proposals (state, created);
CREATE UNIQUE INDEX help_proposals_once ON help_proposals (account_id, opportunity_id, club_id, by_club) WHERE state IN ('open', 'declined');
CREATE INDEX help_notes_account ON help_notes (account_id, created);
CREATE INDEX opportunities_untold ON opportunities (untold) WHERE untold IS NOT NULL;
CREATE INDEX peers_actor ON peers (actor_id);
CREATE INDEX peer_objects_host ON peer_objects (host, scope);
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
CREATE TRIGGER changes_town_words_insert AFTER INSERT ON town_words
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_words_update AFTER UPDATE ON town_words
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_words_delete AFTER DELETE ON town_words
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
INSERT INTO search_due (id) VALUES ('https://here.test/ap/actors/01a22390-8615-7995-bb5b-a8b442a48389');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a22390-8a2a-792c-a327-7f31f2108e3a');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a22390-88f8-7c80-8f06-eaf0623a3aef');
INSERT INTO search_due (id) VALUES ('https://here.test/ap/objects/01a22390-8989-73a9-9d06-d1024c8d5a1b');
PRAGMA foreign_keys = ON;
