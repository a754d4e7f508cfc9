-- What clubs have pinned to the top of their page, in the order of position.

CREATE TABLE pins (
    object_id TEXT      PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    actor_id  TEXT      NOT NULL,
    position  INTEGER   NOT NULL,
    created   TIMESTAMP NOT NULL
);
CREATE INDEX pins_actor ON pins (actor_id, position);

CREATE TRIGGER changes_pins_insert AFTER INSERT ON pins
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_pins_update AFTER UPDATE ON pins
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_pins_delete AFTER DELETE ON pins
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
