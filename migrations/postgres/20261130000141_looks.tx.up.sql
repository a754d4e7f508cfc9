-- Words that need a look of the town hall, in the form in which they are
-- compared, and what waits for one. The setting looked_at_first says how many
-- answers of a new author wait.

CREATE TABLE watch_words (
    folded     TEXT PRIMARY KEY,
    word       TEXT NOT NULL,
    created    TIMESTAMPTZ NOT NULL,
    by_account TEXT NOT NULL
);

CREATE TABLE looks (
    object_id  TEXT PRIMARY KEY,
    words      TEXT NOT NULL,
    created    TIMESTAMPTZ NOT NULL,
    decided    TIMESTAMPTZ,
    shown      BOOLEAN NOT NULL DEFAULT FALSE,
    by_account TEXT NOT NULL
);
CREATE INDEX looks_open ON looks (created) WHERE decided IS NULL;
