-- What readers see has changed. Every process drops the prepared answers that
-- show object_id, or all of them when it is ''. What is ours drops all; what
-- comes from elsewhere drops what it concerns. Triggers write the rows, so
-- that nobody who changes something can forget it.

CREATE TABLE changes (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id TEXT    NOT NULL
);

CREATE TRIGGER changes_objects_insert AFTER INSERT ON objects WHEN NEW.local OR NEW.in_reply_to <> ''
BEGIN INSERT INTO changes (object_id) VALUES (CASE WHEN NEW.local THEN '' ELSE NEW.in_reply_to END); END;
CREATE TRIGGER changes_objects_update AFTER UPDATE ON objects WHEN NEW.local OR NEW.in_reply_to <> ''
BEGIN INSERT INTO changes (object_id) VALUES (CASE WHEN NEW.local THEN '' ELSE NEW.in_reply_to END); END;
CREATE TRIGGER changes_objects_delete AFTER DELETE ON objects WHEN OLD.local OR OLD.in_reply_to <> ''
BEGIN INSERT INTO changes (object_id) VALUES (CASE WHEN OLD.local THEN '' ELSE OLD.in_reply_to END); END;

CREATE TRIGGER changes_events_update AFTER UPDATE ON events WHEN EXISTS (SELECT 1 FROM objects WHERE id = NEW.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;

CREATE TRIGGER changes_attachments_insert AFTER INSERT ON attachments WHEN EXISTS (SELECT 1 FROM objects WHERE id = NEW.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_attachments_update AFTER UPDATE ON attachments WHEN EXISTS (SELECT 1 FROM objects WHERE id = NEW.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_attachments_delete AFTER DELETE ON attachments WHEN EXISTS (SELECT 1 FROM objects WHERE id = OLD.object_id AND local)
BEGIN INSERT INTO changes (object_id) VALUES (''); END;

CREATE TRIGGER changes_variants_insert AFTER INSERT ON variants
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_variants_delete AFTER DELETE ON variants
BEGIN INSERT INTO changes (object_id) VALUES (''); END;

-- The answers of an actor from elsewhere come back when it is let in again, and
-- no prepared answer shows yet that it wrote them: so all are dropped.
CREATE TRIGGER changes_actors_insert AFTER INSERT ON actors WHEN NEW.local
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_actors_update AFTER UPDATE ON actors WHEN NEW.local OR OLD.blocked <> NEW.blocked OR OLD.state <> NEW.state
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_actors_rename AFTER UPDATE ON actors
WHEN NOT NEW.local AND (OLD.name <> NEW.name OR OLD.preferred_username <> NEW.preferred_username OR OLD.acct <> NEW.acct OR OLD.url <> NEW.url
    OR OLD.key_id <> NEW.key_id OR OLD.public_key_pem <> NEW.public_key_pem)
BEGIN INSERT INTO changes (object_id) VALUES (NEW.id); END;
CREATE TRIGGER changes_actors_delete AFTER DELETE ON actors
BEGIN INSERT INTO changes (object_id) VALUES (''); END;

CREATE TRIGGER changes_reactions_insert AFTER INSERT ON reactions
BEGIN INSERT INTO changes (object_id) VALUES (NEW.object_id); END;
CREATE TRIGGER changes_reactions_delete AFTER DELETE ON reactions
BEGIN INSERT INTO changes (object_id) VALUES (OLD.object_id); END;

-- A follow changes the counts of both; those of actors from elsewhere are
-- shown nowhere.
CREATE TRIGGER changes_follows_insert AFTER INSERT ON follows
BEGIN INSERT INTO changes (object_id) SELECT id FROM actors WHERE id IN (NEW.object_id, NEW.actor_id) AND local; END;
CREATE TRIGGER changes_follows_update AFTER UPDATE ON follows WHEN OLD.state <> NEW.state
BEGIN INSERT INTO changes (object_id) SELECT id FROM actors WHERE id IN (NEW.object_id, NEW.actor_id) AND local; END;
CREATE TRIGGER changes_follows_delete AFTER DELETE ON follows
BEGIN INSERT INTO changes (object_id) SELECT id FROM actors WHERE id IN (OLD.object_id, OLD.actor_id) AND local; END;

CREATE TRIGGER changes_activities_insert AFTER INSERT ON activities WHEN NEW.public
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_activities_delete AFTER DELETE ON activities WHEN OLD.public
BEGIN INSERT INTO changes (object_id) VALUES (''); END;

CREATE TRIGGER changes_blocks_insert AFTER INSERT ON blocks
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_blocks_delete AFTER DELETE ON blocks
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
