-- What the town hall says at the head of every page, by the clock: showing says
-- whether it stands there now.

CREATE TABLE alerts (
    id       TEXT      PRIMARY KEY,
    severity TEXT      NOT NULL,
    text_de  TEXT      NOT NULL,
    text_en  TEXT      NOT NULL,
    starts   TIMESTAMPTZ NOT NULL,
    ends     TIMESTAMPTZ,
    showing  BOOLEAN   NOT NULL DEFAULT FALSE
);

CREATE TRIGGER changes_alerts_any AFTER INSERT OR UPDATE OR DELETE ON alerts FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
