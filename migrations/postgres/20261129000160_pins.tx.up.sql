-- What clubs have pinned to the top of their page, in the order of position.

CREATE TABLE pins (
    object_id TEXT      PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    actor_id  TEXT      NOT NULL,
    position  INTEGER   NOT NULL,
    created   TIMESTAMPTZ NOT NULL
);
CREATE INDEX pins_actor ON pins (actor_id, position);

CREATE TRIGGER changes_pins_any AFTER INSERT OR UPDATE OR DELETE ON pins FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
