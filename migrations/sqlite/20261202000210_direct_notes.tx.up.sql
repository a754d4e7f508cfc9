-- The Notes by which somebody elsewhere and a club speak about an opportunity:
-- who, about what, and which of them answers which. Their words stand in helpers
-- and helper_messages alone.

CREATE TABLE direct_notes (
    id             TEXT    PRIMARY KEY, -- of the Note
    opportunity_id TEXT    NOT NULL,
    actor_id       TEXT    NOT NULL,    -- the person elsewhere, also of what the club wrote
    helper_id      TEXT    REFERENCES helpers (id) ON DELETE CASCADE, -- NULL for what answers a public reply
    message_id     TEXT    NOT NULL DEFAULT '', -- of helper_messages, '' for what began it and for what says no words
    by_club        BOOLEAN NOT NULL,
    created        TIMESTAMP NOT NULL
);
CREATE INDEX direct_notes_helper ON direct_notes (helper_id, created);
CREATE INDEX direct_notes_actor ON direct_notes (actor_id);
-- Who replies in public is answered once.
CREATE UNIQUE INDEX direct_notes_once ON direct_notes (opportunity_id, actor_id) WHERE helper_id IS NULL;
