-- Takes the keys down again.
DROP TRIGGER actors_key_change;
DROP TABLE key_changes;
ALTER TABLE actor_keys DROP COLUMN ed25519_key_pem;
ALTER TABLE actors DROP COLUMN assertion_method;
