-- Which clubs somebody with the role "office" looks after for the town hall. Without
-- a row that person looks after none.

CREATE TABLE mandates (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    actor_id   TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    created    TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, actor_id)
);
CREATE INDEX mandates_actor ON mandates (actor_id);
