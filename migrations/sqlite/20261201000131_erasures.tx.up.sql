-- What was deleted for good, by hashes: an older backup must not bring it back.
CREATE TABLE erasures (
    id   TEXT      PRIMARY KEY,
    kind TEXT      NOT NULL, -- person, thing, actor or mail
    mark TEXT      NOT NULL, -- the hash of its id
    at   TIMESTAMP NOT NULL
);
CREATE INDEX erasures_at ON erasures (at);
