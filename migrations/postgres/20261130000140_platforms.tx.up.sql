-- What holds for other platforms: blocked, limited, let in by name, or only
-- their pictures or reports refused. The domain '*' stands for all that no
-- entry lets in.

ALTER TABLE blocks ADD COLUMN severity TEXT NOT NULL DEFAULT 'block';
ALTER TABLE blocks ADD COLUMN reject_media BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE blocks ADD COLUMN reject_reports BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE blocks ADD COLUMN public_comment TEXT NOT NULL DEFAULT '';
ALTER TABLE blocks ADD COLUMN private_comment TEXT NOT NULL DEFAULT '';
ALTER TABLE blocks ADD COLUMN obfuscate BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE blocks ADD COLUMN by_account TEXT NOT NULL DEFAULT '';
ALTER TABLE blocks ADD COLUMN list_id TEXT NOT NULL DEFAULT '';

-- Whether the host of an actor from elsewhere is limited, so that no query has
-- to compare host names.
ALTER TABLE actors ADD COLUMN host_limited BOOLEAN NOT NULL DEFAULT FALSE;

-- Lists of platforms by others: sent in once, or fetched from an address.
CREATE TABLE host_lists (
    id         TEXT PRIMARY KEY,
    url        TEXT NOT NULL,
    name       TEXT NOT NULL,
    allows     BOOLEAN NOT NULL,
    body       TEXT NOT NULL,
    auto       BOOLEAN NOT NULL,
    fault      TEXT NOT NULL,
    due        INTEGER NOT NULL,
    created    TIMESTAMPTZ NOT NULL,
    fetched    TIMESTAMPTZ,
    tried      TIMESTAMPTZ,
    by_account TEXT NOT NULL
);

-- How much came from one host in one hour, where it was unusually much.
CREATE TABLE waves (
    host    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    hour    TIMESTAMPTZ NOT NULL,
    n       INTEGER NOT NULL,
    held    INTEGER NOT NULL,
    settled BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (host, kind, hour)
);

CREATE TRIGGER changes_blocks_update AFTER UPDATE ON blocks FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
CREATE TRIGGER changes_actors_host_limited AFTER UPDATE ON actors FOR EACH ROW
WHEN (OLD.host_limited <> NEW.host_limited) EXECUTE FUNCTION changes_all();
