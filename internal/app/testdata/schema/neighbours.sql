INSERT INTO actors (id, type, local, host, preferred_username, acct, name, inbox, followers, published, updated)
	VALUES ('https://far.test/users/anna', 'Person', FALSE, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', 'https://far.test/users/anna/inbox', 'https://far.test/users/anna/followers', '2026-01-02 03:04:05+00:00', '2026-02-03 04:05:06.123456+00:00');
INSERT INTO follows (id, actor_id, object_id, state, created)
	SELECT 'https://far.test/follows/1', 'https://far.test/users/anna', id, 'accepted', '2026-01-02 03:04:05+00:00' FROM actors WHERE local AND type = 'Group';
INSERT INTO inbox (activity_id, actor_id, type, body, state, attempts, due_at, received)
	VALUES ('https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '{"type":"Like"}', 'pending', 1, '2026-01-02 03:04:05+00:00', '2026-01-02 03:04:05+00:00'),
	('https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, '2026-01-02 03:04:05+00:00');
INSERT INTO blocks (domain, created) VALUES ('bad.test', '2026-01-02 03:04:05+00:00');
INSERT INTO reports (id, actor_id, objects, content, received) VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00:00');
INSERT INTO hosts (host, due_at, wakes, failures) VALUES ('slow.test', '2026-01-02 03:04:05+00:00', 3, 2);
INSERT INTO settings (key, value) VALUES ('a setting', 'its value');
INSERT INTO town_look (id, name, colour, accent, official, contact, enforcement, changed) VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', TRUE, 'Rathaus', '', '2026-01-02 03:04:05+00:00');
INSERT INTO town_pictures (role, media_type, url, name, width, height, focal_x, focal_y, blurhash) VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0, 0.5, 'x');
