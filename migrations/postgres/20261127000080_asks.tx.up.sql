-- Which host must be asked before a received activity can be applied, so that
-- slow hosts hold up nobody else.

ALTER TABLE inbox ADD COLUMN asks TEXT NOT NULL DEFAULT '';
DROP INDEX inbox_pending;
CREATE INDEX inbox_ready ON inbox (due_at) WHERE state = 'pending' AND asks = '';
CREATE INDEX inbox_asking ON inbox (due_at) WHERE state = 'pending' AND asks <> '';
