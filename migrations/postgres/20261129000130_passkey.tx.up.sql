-- Passkeys, identities at the town's sign-in service, and what was asked of a
-- browser and waits for its answer.

CREATE TABLE passkeys (
    id              TEXT    PRIMARY KEY,
    account_id      TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name            TEXT    NOT NULL,
    credential_id   TEXT    NOT NULL UNIQUE, -- base64url
    public_key      BYTEA    NOT NULL,        -- COSE
    sign_count      BIGINT NOT NULL,
    aaguid          TEXT    NOT NULL,        -- of the model, in hexadecimal
    transports      TEXT    NOT NULL,        -- separated by commas
    backup_eligible BOOLEAN NOT NULL,
    backup_state    BOOLEAN NOT NULL,
    created         TIMESTAMPTZ NOT NULL,
    used            TIMESTAMPTZ,                     -- NULL before its first use
    ended           TIMESTAMPTZ                      -- NULL unless it seems to have been copied
);
CREATE INDEX passkeys_account ON passkeys (account_id);

-- Single use, for a few minutes.
CREATE TABLE ceremonies (
    token_hash TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE, -- NULL when it is not known who asks
    data       BYTEA NOT NULL, -- JSON
    expires    TIMESTAMPTZ NOT NULL
);
CREATE INDEX ceremonies_expires ON ceremonies (expires);

CREATE TABLE identities (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email      TEXT NOT NULL, -- as the service said last
    role       TEXT NOT NULL, -- what the service gave last, '' for none
    created    TIMESTAMPTZ NOT NULL,
    used       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_account ON identities (account_id);
