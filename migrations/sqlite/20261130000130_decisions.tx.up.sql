-- What readers report, what the town hall decides about it, what is objected to
-- that, and a log of who did what that nobody can change.

ALTER TABLE reports ADD COLUMN reason TEXT NOT NULL DEFAULT '';   -- one of a list, '' for none
ALTER TABLE reports ADD COLUMN language TEXT NOT NULL DEFAULT ''; -- in which a reader is answered
ALTER TABLE reports ADD COLUMN outcome TEXT NOT NULL DEFAULT '';  -- 'acted' or 'kept' once it was decided
ALTER TABLE reports ADD COLUMN answer TEXT NOT NULL DEFAULT '';   -- to who reported

ALTER TABLE objects ADD COLUMN warning TEXT NOT NULL DEFAULT '';  -- what the town hall put before it
ALTER TABLE actors ADD COLUMN limited BOOLEAN NOT NULL DEFAULT FALSE; -- left out of public lists

CREATE TABLE decisions (
    id            TEXT      PRIMARY KEY,
    report_id     TEXT      NOT NULL, -- '' for one of the town hall's own accord
    target        TEXT      NOT NULL, -- the id of an object or of an actor
    actor_id      TEXT      NOT NULL, -- whose it is, or who it is
    act           TEXT      NOT NULL, -- hide, warn, limit or suspend
    basis         TEXT      NOT NULL, -- law or house
    rule          TEXT      NOT NULL,
    reason        TEXT      NOT NULL,
    warning       TEXT      NOT NULL,
    recalled      BOOLEAN   NOT NULL,
    by_account    TEXT      NOT NULL,
    created       TIMESTAMP NOT NULL,
    ended         TIMESTAMP,
    ended_account TEXT      NOT NULL
);
CREATE INDEX decisions_target ON decisions (target, created);
CREATE INDEX decisions_actor ON decisions (actor_id, created);

CREATE TABLE objections (
    id          TEXT      PRIMARY KEY,
    decision_id TEXT      NOT NULL, -- '' when who reported objects
    report_id   TEXT      NOT NULL, -- '' when who wrote it objects
    content     TEXT      NOT NULL,
    contact     TEXT      NOT NULL, -- a mail address, '' once it is answered
    language    TEXT      NOT NULL,
    received    TIMESTAMP NOT NULL,
    outcome     TEXT      NOT NULL, -- '' while it waits, 'kept' or 'changed'
    answer      TEXT      NOT NULL,
    by_account  TEXT      NOT NULL,
    decided     TIMESTAMP,
    UNIQUE (decision_id, report_id)
);

-- hash is that of the row before with what stands in this one; the ids of people
-- stand in it as marks, so that a person who leaves can be forgotten.
CREATE TABLE ledger (
    seq        INTEGER   PRIMARY KEY,
    at         TIMESTAMP NOT NULL,
    by_account TEXT      NOT NULL,
    act        TEXT      NOT NULL,
    target     TEXT      NOT NULL,
    account_id TEXT      NOT NULL,
    detail     TEXT      NOT NULL,
    by_mark    TEXT      NOT NULL,
    about_mark TEXT      NOT NULL,
    hash       TEXT      NOT NULL
);
CREATE INDEX ledger_at ON ledger (at);

CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
WHEN NEW.seq <> OLD.seq OR NEW.at <> OLD.at OR NEW.act <> OLD.act OR NEW.target <> OLD.target OR NEW.detail <> OLD.detail
    OR NEW.by_mark <> OLD.by_mark OR NEW.about_mark <> OLD.about_mark OR NEW.hash <> OLD.hash
    OR NEW.by_account NOT IN (OLD.by_account, '') OR NEW.account_id NOT IN (OLD.account_id, '')
BEGIN SELECT RAISE(ABORT, 'the log is not changed'); END;
CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger WHEN OLD.at > datetime('now', '-3 years')
BEGIN SELECT RAISE(ABORT, 'the log is kept for three years'); END;

CREATE TRIGGER changes_actors_limited AFTER UPDATE ON actors WHEN NOT NEW.local AND OLD.limited <> NEW.limited
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
