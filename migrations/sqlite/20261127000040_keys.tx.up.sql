-- Keys: an Ed25519 key beside the RSA key of each of our actors (FEP-521a),
-- the ones that others publish, and a trace of every change to a stored key, so
-- that no process goes on believing an old one.

ALTER TABLE actors ADD COLUMN assertion_method TEXT NOT NULL DEFAULT '[]';
ALTER TABLE actor_keys ADD COLUMN ed25519_key_pem TEXT NOT NULL DEFAULT '';

CREATE TABLE key_changes (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    actor_id TEXT NOT NULL,
    changed  TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TRIGGER actors_key_change
AFTER UPDATE OF key_id, public_key_pem, assertion_method, state, blocked ON actors
WHEN NOT NEW.local AND (OLD.key_id <> NEW.key_id OR OLD.public_key_pem <> NEW.public_key_pem
    OR OLD.assertion_method <> NEW.assertion_method OR OLD.state <> NEW.state OR OLD.blocked <> NEW.blocked)
BEGIN
    INSERT INTO key_changes (actor_id) VALUES (NEW.id);
END;
