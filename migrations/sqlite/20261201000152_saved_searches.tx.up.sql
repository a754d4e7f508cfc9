-- Searches that somebody keeps, to be told by mail of what comes: people with
-- an account, or with a mail address that they have confirmed.

CREATE TABLE saved_searches (
    id         TEXT      PRIMARY KEY,
    account_id TEXT      REFERENCES accounts (id) ON DELETE CASCADE,
    email      TEXT      NOT NULL DEFAULT '', -- of who has no account
    language   TEXT      NOT NULL,
    query      TEXT      NOT NULL,            -- as the address of the list says it
    pace       TEXT      NOT NULL,            -- daily, weekly
    created    TIMESTAMP NOT NULL,
    confirmed  TIMESTAMP,
    told       TIMESTAMP NOT NULL             -- the last round in which it was looked for
);
CREATE INDEX saved_searches_account ON saved_searches (account_id);
CREATE INDEX saved_searches_email ON saved_searches (email) WHERE email <> '';
CREATE INDEX saved_searches_told ON saved_searches (told) WHERE confirmed IS NOT NULL;

-- What was told, so that nothing is told twice.
CREATE TABLE saved_search_hits (
    search_id TEXT      NOT NULL REFERENCES saved_searches (id) ON DELETE CASCADE,
    object_id TEXT      NOT NULL,
    sent      TIMESTAMP NOT NULL,
    PRIMARY KEY (search_id, object_id)
);
CREATE INDEX saved_search_hits_sent ON saved_search_hits (sent);
