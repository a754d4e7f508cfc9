-- In whose name the town hall speaks: a Group as the clubs are, whose notices are
-- the town's. What stands at the head of every page may lead to one of them.

CREATE TABLE town_voice (
    id       TEXT PRIMARY KEY, -- 'town'
    actor_id TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    created  TIMESTAMPTZ NOT NULL
);

ALTER TABLE alerts ADD COLUMN object_id TEXT NOT NULL DEFAULT '';

CREATE TRIGGER changes_town_voice_any AFTER INSERT OR UPDATE OR DELETE ON town_voice FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
