-- What the town hall says at the head of every page, by the clock: showing says
-- whether it stands there now.

CREATE TABLE alerts (
    id       TEXT      PRIMARY KEY,
    severity TEXT      NOT NULL,
    text_de  TEXT      NOT NULL,
    text_en  TEXT      NOT NULL,
    starts   TIMESTAMP NOT NULL,
    ends     TIMESTAMP,
    showing  BOOLEAN   NOT NULL DEFAULT FALSE
);

CREATE TRIGGER changes_alerts_insert AFTER INSERT ON alerts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_alerts_update AFTER UPDATE ON alerts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_alerts_delete AFTER DELETE ON alerts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
