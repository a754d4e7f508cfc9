-- What readers see has changed. Every process drops the prepared answers that
-- show object_id, or all of them when it is ''. What is ours drops all; what
-- comes from elsewhere drops what it concerns. Triggers write the rows, so
-- that nobody who changes something can forget it.
--
-- Transactions do not end in the order of seq. xid tells a process which of
-- them it could not see yet when it looked last.

CREATE TABLE changes (
    seq       BIGSERIAL PRIMARY KEY,
    object_id TEXT      NOT NULL,
    xid       XID8      NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX changes_xid ON changes (xid);

CREATE FUNCTION changes_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES ('');
    RETURN NULL;
END $$;

CREATE FUNCTION changes_objects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES (CASE WHEN COALESCE(NEW.local, OLD.local) THEN '' ELSE COALESCE(NEW.in_reply_to, OLD.in_reply_to) END);
    RETURN NULL;
END $$;

CREATE FUNCTION changes_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (object_id) SELECT '' FROM objects WHERE id = COALESCE(NEW.object_id, OLD.object_id) AND local;
    RETURN NULL;
END $$;

CREATE FUNCTION changes_actors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION changes_reactions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES (COALESCE(NEW.object_id, OLD.object_id));
    RETURN NULL;
END $$;

CREATE FUNCTION changes_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (object_id)
    SELECT id FROM actors WHERE id IN (COALESCE(NEW.object_id, OLD.object_id), COALESCE(NEW.actor_id, OLD.actor_id)) AND local;
    RETURN NULL;
END $$;

CREATE TRIGGER changes_objects_insert AFTER INSERT ON objects FOR EACH ROW WHEN (NEW.local OR NEW.in_reply_to <> '')
EXECUTE FUNCTION changes_objects();
CREATE TRIGGER changes_objects_update AFTER UPDATE ON objects FOR EACH ROW WHEN (NEW.local OR NEW.in_reply_to <> '')
EXECUTE FUNCTION changes_objects();
CREATE TRIGGER changes_objects_delete AFTER DELETE ON objects FOR EACH ROW WHEN (OLD.local OR OLD.in_reply_to <> '')
EXECUTE FUNCTION changes_objects();

CREATE TRIGGER changes_events_update AFTER UPDATE ON events FOR EACH ROW EXECUTE FUNCTION changes_parts();

CREATE TRIGGER changes_attachments_any AFTER INSERT OR UPDATE OR DELETE ON attachments FOR EACH ROW EXECUTE FUNCTION changes_parts();

CREATE TRIGGER changes_variants_any AFTER INSERT OR DELETE ON variants FOR EACH ROW EXECUTE FUNCTION changes_all();

-- The answers of an actor from elsewhere come back when it is let in again, and
-- no prepared answer shows yet that it wrote them: so all are dropped.
CREATE TRIGGER changes_actors_insert AFTER INSERT ON actors FOR EACH ROW WHEN (NEW.local) EXECUTE FUNCTION changes_all();
CREATE TRIGGER changes_actors_update AFTER UPDATE ON actors FOR EACH ROW
WHEN (NEW.local OR OLD.blocked <> NEW.blocked OR OLD.state <> NEW.state) EXECUTE FUNCTION changes_all();
CREATE TRIGGER changes_actors_rename AFTER UPDATE ON actors FOR EACH ROW
WHEN (NOT NEW.local AND (OLD.name <> NEW.name OR OLD.preferred_username <> NEW.preferred_username OR OLD.acct <> NEW.acct OR OLD.url <> NEW.url
    OR OLD.key_id <> NEW.key_id OR OLD.public_key_pem <> NEW.public_key_pem))
EXECUTE FUNCTION changes_actors();
CREATE TRIGGER changes_actors_delete AFTER DELETE ON actors FOR EACH ROW EXECUTE FUNCTION changes_all();

CREATE TRIGGER changes_reactions_any AFTER INSERT OR DELETE ON reactions FOR EACH ROW EXECUTE FUNCTION changes_reactions();

-- A follow changes the counts of both; those of actors from elsewhere are
-- shown nowhere.
CREATE TRIGGER changes_follows_any AFTER INSERT OR DELETE ON follows FOR EACH ROW EXECUTE FUNCTION changes_follows();
CREATE TRIGGER changes_follows_update AFTER UPDATE ON follows FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION changes_follows();

CREATE TRIGGER changes_activities_insert AFTER INSERT ON activities FOR EACH ROW WHEN (NEW.public) EXECUTE FUNCTION changes_all();
CREATE TRIGGER changes_activities_delete AFTER DELETE ON activities FOR EACH ROW WHEN (OLD.public) EXECUTE FUNCTION changes_all();

CREATE TRIGGER changes_blocks_any AFTER INSERT OR DELETE ON blocks FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
