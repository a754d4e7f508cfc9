-- What people choose for themselves: their language, and which news they are
-- told by mail, with how far they have been told.

CREATE TABLE preferences (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    language   TEXT NOT NULL -- 'de', 'en', or '' for that of the browser
);

-- A kind without a row has the pace that the program gives it.
CREATE TABLE notices (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    pace       TEXT NOT NULL, -- 'at_once', 'daily' or 'never'
    PRIMARY KEY (account_id, kind)
);

CREATE TABLE notice_marks (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    told       TIMESTAMP NOT NULL,
    digested   TIMESTAMP NOT NULL
);
