-- Clubs say what they do and where they are on the web, posts what kind of
-- notice they are.

ALTER TABLE actors ADD COLUMN attachment TEXT NOT NULL DEFAULT '[]';

ALTER TABLE clubs ADD COLUMN field TEXT NOT NULL DEFAULT '';
ALTER TABLE clubs ADD COLUMN website TEXT NOT NULL DEFAULT '';

-- The directory reads the names of all clubs and what they do, and nothing else.
CREATE INDEX actors_directory ON actors (state, name, preferred_username, id, local, type) WHERE local AND type = 'Group';
CREATE INDEX clubs_field ON clubs (field, actor_id);

-- published is that of the object: the lists of one kind are in its order.
CREATE TABLE posts (
    object_id TEXT        PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    kind      TEXT        NOT NULL,
    published TIMESTAMPTZ NOT NULL
);
CREATE INDEX posts_kind ON posts (kind, published, object_id);

INSERT INTO posts (object_id, kind, published)
SELECT id, 'announcement', published FROM objects WHERE local AND type = 'Note' AND in_reply_to = '' AND deleted IS NULL;

CREATE TRIGGER changes_clubs_any AFTER INSERT OR UPDATE ON clubs FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
CREATE TRIGGER changes_posts_any AFTER INSERT OR UPDATE ON posts FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
