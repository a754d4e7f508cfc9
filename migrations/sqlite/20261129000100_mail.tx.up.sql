-- Letters to people, until they are sent; what remains of them is their cause.

CREATE TABLE mails (
    id        TEXT    PRIMARY KEY,
    cause     TEXT    NOT NULL UNIQUE,
    recipient TEXT    NOT NULL,
    letter    TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    attempts  INTEGER NOT NULL,
    created   TIMESTAMP NOT NULL,
    leased    TIMESTAMP,
    ended     TIMESTAMP,
    error     TEXT    NOT NULL
);
CREATE INDEX mails_state ON mails (state, created);
CREATE INDEX mails_recipient ON mails (recipient);
