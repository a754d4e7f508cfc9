-- Which version of the agreement on data care a club accepted, and who of its
-- owners did so when. Every version stays.

CREATE TABLE agreements (
    club_id    TEXT      NOT NULL,
    version    TIMESTAMPTZ NOT NULL, -- when the text was written
    account_id TEXT      NOT NULL,
    accepted   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (club_id, version)
);
