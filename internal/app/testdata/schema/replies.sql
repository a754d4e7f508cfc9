INSERT INTO objects (id, type, local, attributed_to, content, in_reply_to, visibility, published)
	SELECT 'https://far.test/notes/1', 'Note', FALSE, 'https://far.test/users/anna', '<p>Schön! 😀</p>', MIN(id), 'public', '2026-01-02 03:04:05+00:00' FROM objects WHERE type = 'Event';
INSERT INTO audience (object_id, recipient) VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO reactions (type, object_id, actor_id, id, published)
	SELECT 'Like', MIN(id), 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00:00' FROM objects WHERE type = 'Event';
