-- Second factors, changes of the mail address, and what happened to how a
-- person signs in.

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
CREATE INDEX recovery_codes_account ON recovery_codes (account_id);

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
CREATE INDEX address_changes_stop ON address_changes (stop_hash);
CREATE INDEX address_changes_old ON address_changes (old_email);

CREATE TABLE account_events (
    id         TEXT      PRIMARY KEY,
    account_id TEXT      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    by_account TEXT      NOT NULL, -- the person, somebody of the town hall, or 'operator'
    kind       TEXT      NOT NULL,
    created    TIMESTAMP NOT NULL
);
CREATE INDEX account_events_account ON account_events (account_id);
