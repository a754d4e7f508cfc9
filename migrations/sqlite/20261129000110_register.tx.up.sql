-- How people and clubs come in: who has asked by a form and not yet opened the
-- link of their letter, what waits for the town hall, who is invited to a club,
-- and clubs that have lost their last owner.

CREATE TABLE registrations (
    token_hash TEXT      PRIMARY KEY,
    email      TEXT      NOT NULL,
    name       TEXT      NOT NULL,
    club       TEXT      NOT NULL, -- JSON of what was typed of a club, '' for a person
    expires    TIMESTAMP NOT NULL
);
CREATE INDEX registrations_email ON registrations (email);

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
CREATE INDEX applications_account ON applications (account_id);

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
CREATE INDEX invitations_actor ON invitations (actor_id);

CREATE TABLE orphans (
    actor_id TEXT      PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
    since    TIMESTAMP NOT NULL
);
