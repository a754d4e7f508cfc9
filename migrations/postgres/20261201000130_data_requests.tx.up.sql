-- What people ask the town hall about their own data, and how it was answered.
-- Who asked is forgotten when the link of the answer ends.
CREATE TABLE data_requests (
    id         TEXT      PRIMARY KEY,
    wanted     TEXT      NOT NULL, -- access, correction, erasure or restriction
    channel    TEXT      NOT NULL, -- how it came: counter, mail, letter or phone
    contact    TEXT      NOT NULL, -- the mail address that is answered, '' for none
    account_id TEXT      NOT NULL, -- '' for who has no account
    actor_id   TEXT      NOT NULL, -- of another server, '' for none
    words      TEXT      NOT NULL, -- what is looked for in what others wrote, '' for nothing
    checked    TEXT      NOT NULL, -- how the town hall made sure who it is, '' while it has not
    by_account TEXT      NOT NULL, -- who worked on it last
    outcome    TEXT      NOT NULL, -- '' while it waits
    reason     TEXT      NOT NULL, -- why it was refused, or takes longer
    token_hash TEXT      NOT NULL, -- of the link to the answer, '' for none
    received   TIMESTAMPTZ NOT NULL,
    due        TIMESTAMPTZ NOT NULL,
    answered   TIMESTAMPTZ,
    expires    TIMESTAMPTZ       -- of the link
);
CREATE INDEX data_requests_open ON data_requests (due) WHERE outcome = '';
CREATE INDEX data_requests_token ON data_requests (token_hash);

-- Whose data is kept and not used until it is freed (GDPR, Article 18).
CREATE TABLE restrictions (
    id         TEXT      PRIMARY KEY,
    contact    TEXT      NOT NULL,
    account_id TEXT      NOT NULL,
    actor_id   TEXT      NOT NULL,
    by_account TEXT      NOT NULL,
    created    TIMESTAMPTZ NOT NULL
);
