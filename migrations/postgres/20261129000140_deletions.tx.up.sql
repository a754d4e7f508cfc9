-- Who was told that something of ours was deleted, and who took it. A delivery
-- that arrived is no row any more; these rows stay for a while.

CREATE TABLE deletions (
    activity_id TEXT      PRIMARY KEY REFERENCES activities (id) ON DELETE CASCADE,
    actor_id    TEXT      NOT NULL, -- in whose name
    object_id   TEXT      NOT NULL,
    created     TIMESTAMPTZ NOT NULL
);
CREATE INDEX deletions_created ON deletions (created, activity_id);
CREATE INDEX deletions_actor ON deletions (actor_id, created, activity_id);

CREATE TABLE told (
    activity_id TEXT      NOT NULL REFERENCES deletions (activity_id) ON DELETE CASCADE,
    inbox       TEXT      NOT NULL,
    host        TEXT      NOT NULL,
    confirmed   TIMESTAMPTZ,
    PRIMARY KEY (activity_id, inbox)
);
CREATE INDEX told_open ON told (activity_id) WHERE confirmed IS NULL;

-- What somebody did is found when he or she asks for it, or leaves.
CREATE INDEX edits_person ON edits (account_id, object_id);
