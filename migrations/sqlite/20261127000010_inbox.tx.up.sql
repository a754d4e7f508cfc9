-- The inbox engine: whose activities wait, and who is kept away, found at once.

CREATE INDEX inbox_author ON inbox (actor_id) WHERE state = 'pending';
CREATE INDEX club_blocks_target ON club_blocks (target);
