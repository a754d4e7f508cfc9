-- Who applies may be an actor elsewhere: a person of another town, or somebody
-- who wrote a direct message.
ALTER TABLE helpers ADD COLUMN actor_id TEXT NOT NULL DEFAULT '';  -- '' for an account or a mail address
ALTER TABLE helpers ADD COLUMN door TEXT NOT NULL DEFAULT '';      -- '' for these; town or message
ALTER TABLE helpers ADD COLUMN origin_id TEXT NOT NULL DEFAULT ''; -- the agreement or the message with which it came
ALTER TABLE helpers ADD COLUMN contact TEXT NOT NULL DEFAULT '';   -- the mail address that such a person gives the club
ALTER TABLE helpers ADD COLUMN told TEXT NOT NULL DEFAULT '';      -- a hash of what the other town was told last
ALTER TABLE helpers ADD COLUMN told_seq INTEGER NOT NULL DEFAULT 0; -- how often it was told
CREATE INDEX helpers_actor ON helpers (actor_id) WHERE actor_id <> '';
CREATE UNIQUE INDEX helpers_origin ON helpers (origin_id) WHERE origin_id <> '';
CREATE UNIQUE INDEX helpers_once_actor ON helpers (opportunity_id, actor_id) WHERE actor_id <> '' AND state IN ('asked', 'talking', 'accepted');

-- What both towns keep of what the person did: the signed answer.
CREATE TABLE helper_receipts (
    id        TEXT      PRIMARY KEY, -- the id of the answer
    helper_id TEXT      NOT NULL REFERENCES helpers (id) ON DELETE CASCADE,
    act_id    TEXT      NOT NULL, -- the id of what it answers
    kind      TEXT      NOT NULL, -- what was done
    accepted  BOOLEAN   NOT NULL,
    body      BYTEA     NOT NULL, -- the answer with its proof
    created   TIMESTAMPTZ NOT NULL
);
CREATE INDEX helper_receipts_helper ON helper_receipts (helper_id, created);
CREATE UNIQUE INDEX helper_receipts_act ON helper_receipts (helper_id, act_id);
