-- What editors have begun and not published yet, and the forms from which they
-- begin. Both are the club's.

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
CREATE INDEX drafts_club ON drafts (actor_id, changed);
CREATE INDEX drafts_due ON drafts (due_at);
CREATE INDEX drafts_account ON drafts (account_id);
CREATE INDEX drafts_held ON drafts (held);

CREATE TABLE templates (
    id       TEXT PRIMARY KEY,
    actor_id TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    form     TEXT NOT NULL,
    held     TEXT NOT NULL,
    changed  TIMESTAMP NOT NULL
);
CREATE INDEX templates_club ON templates (actor_id, name);
CREATE INDEX templates_held ON templates (held);

-- For which club somebody wrote last.
CREATE INDEX edits_account ON edits (account_id, at);
