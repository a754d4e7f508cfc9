-- Made by the program of that schema. Never edited.
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TYPE public.river_job_state AS ENUM (
    'available',
    'cancelled',
    'completed',
    'discarded',
    'pending',
    'retryable',
    'running',
    'scheduled'
);
CREATE FUNCTION public.care_fresh() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.stale := 0;
    RETURN NEW;
END $$;
CREATE FUNCTION public.changes_actors() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION public.changes_all() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES ('');
    RETURN NULL;
END $$;
CREATE FUNCTION public.changes_follows() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO changes (object_id)
    SELECT id FROM actors WHERE id IN (COALESCE(NEW.object_id, OLD.object_id), COALESCE(NEW.actor_id, OLD.actor_id)) AND local;
    RETURN NULL;
END $$;
CREATE FUNCTION public.changes_objects() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES (CASE WHEN COALESCE(NEW.local, OLD.local) THEN '' ELSE COALESCE(NEW.in_reply_to, OLD.in_reply_to) END);
    RETURN NULL;
END $$;
CREATE FUNCTION public.changes_parts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO changes (object_id) SELECT '' FROM objects WHERE id = COALESCE(NEW.object_id, OLD.object_id) AND local;
    RETURN NULL;
END $$;
CREATE FUNCTION public.changes_reactions() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES (COALESCE(NEW.object_id, OLD.object_id));
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the log is not changed, and is kept for three years';
END $$;
CREATE FUNCTION public.note_key_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO key_changes (actor_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE FUNCTION public.river_job_state_in_bitmask(bitmask bit, state public.river_job_state) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;
CREATE FUNCTION public.search_published() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO search_due (id) SELECT id FROM objects WHERE attributed_to = NEW.id AND in_reply_to = '' AND deleted IS NULL;
    RETURN NULL;
END $$;
CREATE FUNCTION public.search_row() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO search_due (id) VALUES (COALESCE(NEW.id, OLD.id));
    RETURN NULL;
END $$;
CREATE TABLE public.account_events (
    id text NOT NULL,
    account_id text NOT NULL,
    by_account text NOT NULL,
    kind text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.accounts (
    id text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text DEFAULT ''::text NOT NULL,
    created timestamp with time zone NOT NULL,
    epoch text DEFAULT ''::text NOT NULL,
    news_read timestamp with time zone
);
CREATE TABLE public.activities (
    id text NOT NULL,
    type text NOT NULL,
    actor_id text NOT NULL,
    object_id text NOT NULL,
    public boolean NOT NULL,
    body bytea NOT NULL,
    published timestamp with time zone NOT NULL
);
CREATE TABLE public.actor_keys (
    actor_id text NOT NULL,
    private_key_pem text NOT NULL,
    created timestamp with time zone NOT NULL,
    ed25519_key_pem text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.actors (
    id text NOT NULL,
    type text NOT NULL,
    local boolean NOT NULL,
    host text NOT NULL,
    preferred_username text NOT NULL,
    acct text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    summary text DEFAULT ''::text NOT NULL,
    url text DEFAULT ''::text NOT NULL,
    inbox text NOT NULL,
    shared_inbox text DEFAULT ''::text NOT NULL,
    outbox text DEFAULT ''::text NOT NULL,
    followers text DEFAULT ''::text NOT NULL,
    icon_url text DEFAULT ''::text NOT NULL,
    icon_media_type text DEFAULT ''::text NOT NULL,
    icon_name text DEFAULT ''::text NOT NULL,
    key_id text DEFAULT ''::text NOT NULL,
    public_key_pem text DEFAULT ''::text NOT NULL,
    also_known_as text DEFAULT '[]'::text NOT NULL,
    moved_to text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    blocked boolean DEFAULT false NOT NULL,
    published timestamp with time zone NOT NULL,
    updated timestamp with time zone,
    fetched timestamp with time zone,
    assertion_method text DEFAULT '[]'::text NOT NULL,
    moved timestamp with time zone,
    attachment text DEFAULT '[]'::text NOT NULL,
    archived timestamp with time zone,
    limited boolean DEFAULT false NOT NULL,
    host_limited boolean DEFAULT false NOT NULL,
    stale integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.address_changes (
    account_id text NOT NULL,
    old_email text NOT NULL,
    new_email text NOT NULL,
    token_hash text NOT NULL,
    stop_hash text NOT NULL,
    state text NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.agreements (
    club_id text NOT NULL,
    version timestamp with time zone NOT NULL,
    account_id text NOT NULL,
    accepted timestamp with time zone NOT NULL
);
CREATE TABLE public.alerts (
    id text NOT NULL,
    severity text NOT NULL,
    text_de text NOT NULL,
    text_en text NOT NULL,
    starts timestamp with time zone NOT NULL,
    ends timestamp with time zone,
    showing boolean DEFAULT false NOT NULL
);
CREATE TABLE public.applications (
    id text NOT NULL,
    account_id text NOT NULL,
    actor_id text,
    state text NOT NULL,
    contact text NOT NULL,
    register_number text NOT NULL,
    reason text NOT NULL,
    by_account text NOT NULL,
    created timestamp with time zone NOT NULL,
    changed timestamp with time zone NOT NULL
);
CREATE TABLE public.attachments (
    object_id text NOT NULL,
    "position" bigint NOT NULL,
    type text NOT NULL,
    media_type text DEFAULT ''::text NOT NULL,
    url text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    width bigint DEFAULT 0 NOT NULL,
    height bigint DEFAULT 0 NOT NULL,
    blurhash text DEFAULT ''::text NOT NULL,
    focal_x double precision DEFAULT 0 NOT NULL,
    focal_y double precision DEFAULT 0 NOT NULL
);
CREATE TABLE public.audience (
    object_id text NOT NULL,
    recipient text NOT NULL
);
CREATE TABLE public.blocks (
    domain text NOT NULL,
    created timestamp with time zone NOT NULL,
    severity text DEFAULT 'block'::text NOT NULL,
    reject_media boolean DEFAULT false NOT NULL,
    reject_reports boolean DEFAULT false NOT NULL,
    public_comment text DEFAULT ''::text NOT NULL,
    private_comment text DEFAULT ''::text NOT NULL,
    obfuscate boolean DEFAULT false NOT NULL,
    by_account text DEFAULT ''::text NOT NULL,
    list_id text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.bun_migration_locks (
    id bigint NOT NULL,
    table_name character varying
);
CREATE SEQUENCE public.bun_migration_locks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.bun_migration_locks_id_seq OWNED BY public.bun_migration_locks.id;
CREATE TABLE public.bun_migrations (
    id bigint NOT NULL,
    name character varying,
    group_id bigint,
    migrated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE SEQUENCE public.bun_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.bun_migrations_id_seq OWNED BY public.bun_migrations.id;
CREATE TABLE public.care (
    thing_id text NOT NULL,
    confirmed timestamp with time zone,
    step integer DEFAULT 0 NOT NULL,
    told timestamp with time zone
);
CREATE TABLE public.care_rounds (
    id text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.care_rules (
    name text NOT NULL,
    days integer NOT NULL
);
CREATE TABLE public.ceremonies (
    token_hash text NOT NULL,
    purpose text NOT NULL,
    account_id text,
    data bytea NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.changes (
    seq bigint NOT NULL,
    object_id text NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL
);
CREATE SEQUENCE public.changes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.changes_seq_seq OWNED BY public.changes.seq;
CREATE TABLE public.club_blocks (
    actor_id text NOT NULL,
    target text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.clubs (
    actor_id text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    field text DEFAULT ''::text NOT NULL,
    website text DEFAULT ''::text NOT NULL,
    verified timestamp with time zone,
    imprint text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.decisions (
    id text NOT NULL,
    report_id text NOT NULL,
    target text NOT NULL,
    actor_id text NOT NULL,
    act text NOT NULL,
    basis text NOT NULL,
    rule text NOT NULL,
    reason text NOT NULL,
    warning text NOT NULL,
    recalled boolean NOT NULL,
    by_account text NOT NULL,
    created timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    ended_account text NOT NULL
);
CREATE TABLE public.deletions (
    activity_id text NOT NULL,
    actor_id text NOT NULL,
    object_id text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.deliveries (
    id bigint NOT NULL,
    activity_id text NOT NULL,
    object_id text NOT NULL,
    host text NOT NULL,
    inbox text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone NOT NULL,
    last_attempt timestamp with time zone,
    status bigint DEFAULT 0 NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    created timestamp with time zone NOT NULL
);
ALTER TABLE public.deliveries ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.drafts (
    id text NOT NULL,
    actor_id text NOT NULL,
    account_id text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    form text NOT NULL,
    held text NOT NULL,
    version integer NOT NULL,
    due_at timestamp with time zone,
    failed text NOT NULL,
    changed timestamp with time zone NOT NULL
);
CREATE TABLE public.editors (
    account_id text NOT NULL,
    actor_id text NOT NULL,
    role text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.edits (
    object_id text NOT NULL,
    account_id text NOT NULL,
    act text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.events (
    object_id text NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    timezone text NOT NULL,
    all_day boolean DEFAULT false NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    status text DEFAULT 'CONFIRMED'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    online_url text DEFAULT ''::text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    previous_start timestamp with time zone,
    previous_end timestamp with time zone
);
CREATE TABLE public.factors (
    account_id text NOT NULL,
    secret bytea NOT NULL,
    last_step bigint NOT NULL,
    created timestamp with time zone NOT NULL,
    confirmed timestamp with time zone
);
CREATE TABLE public.follows (
    id text NOT NULL,
    actor_id text NOT NULL,
    object_id text NOT NULL,
    state text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.hints (
    id text NOT NULL,
    thing_id text NOT NULL,
    club_id text NOT NULL,
    content text NOT NULL,
    contact text DEFAULT ''::text NOT NULL,
    received timestamp with time zone NOT NULL,
    closed timestamp with time zone
);
CREATE TABLE public.host_lists (
    id text NOT NULL,
    url text NOT NULL,
    name text NOT NULL,
    allows boolean NOT NULL,
    body text NOT NULL,
    auto boolean NOT NULL,
    fault text NOT NULL,
    due integer NOT NULL,
    created timestamp with time zone NOT NULL,
    fetched timestamp with time zone,
    tried timestamp with time zone,
    by_account text NOT NULL
);
CREATE TABLE public.hosts (
    host text NOT NULL,
    due_at timestamp with time zone,
    lease_until timestamp with time zone,
    owner text DEFAULT ''::text NOT NULL,
    wakes bigint DEFAULT 0 NOT NULL,
    failures bigint DEFAULT 0 NOT NULL,
    last_success timestamp with time zone,
    strikes bigint DEFAULT 0 NOT NULL,
    first_strike timestamp with time zone,
    last_failure timestamp with time zone,
    probes bigint DEFAULT 0 NOT NULL,
    not_before timestamp with time zone,
    knock text DEFAULT ''::text NOT NULL,
    standing smallint DEFAULT 1 NOT NULL,
    ed25519 integer DEFAULT 0 NOT NULL,
    asked_until timestamp with time zone
);
CREATE TABLE public.identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    account_id text NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    created timestamp with time zone NOT NULL,
    used timestamp with time zone NOT NULL
);
CREATE TABLE public.inbox (
    seq bigint NOT NULL,
    activity_id text NOT NULL,
    actor_id text NOT NULL,
    type text NOT NULL,
    body bytea,
    state text NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    lease_until timestamp with time zone,
    owner text DEFAULT ''::text NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    received timestamp with time zone NOT NULL,
    asks text DEFAULT ''::text NOT NULL
);
ALTER TABLE public.inbox ALTER COLUMN seq ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.invitations (
    id text NOT NULL,
    token_hash text NOT NULL,
    actor_id text NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    by_account text NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.key_changes (
    seq bigint NOT NULL,
    actor_id text NOT NULL,
    changed timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);
ALTER TABLE public.key_changes ALTER COLUMN seq ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.key_changes_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ledger (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    by_account text NOT NULL,
    act text NOT NULL,
    target text NOT NULL,
    account_id text NOT NULL,
    detail text NOT NULL,
    by_mark text NOT NULL,
    about_mark text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.looks (
    object_id text NOT NULL,
    words text NOT NULL,
    created timestamp with time zone NOT NULL,
    decided timestamp with time zone,
    shown boolean DEFAULT false NOT NULL,
    by_account text NOT NULL
);
CREATE TABLE public.mails (
    id text NOT NULL,
    cause text NOT NULL,
    recipient text NOT NULL,
    letter text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    created timestamp with time zone NOT NULL,
    leased timestamp with time zone,
    ended timestamp with time zone,
    error text NOT NULL
);
CREATE TABLE public.notice_marks (
    account_id text NOT NULL,
    told timestamp with time zone NOT NULL,
    digested timestamp with time zone NOT NULL
);
CREATE TABLE public.notices (
    account_id text NOT NULL,
    kind text NOT NULL,
    pace text NOT NULL
);
CREATE TABLE public.objections (
    id text NOT NULL,
    decision_id text NOT NULL,
    report_id text NOT NULL,
    content text NOT NULL,
    contact text NOT NULL,
    language text NOT NULL,
    received timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    answer text NOT NULL,
    by_account text NOT NULL,
    decided timestamp with time zone
);
CREATE TABLE public.objects (
    id text NOT NULL,
    type text NOT NULL,
    local boolean NOT NULL,
    attributed_to text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    summary text DEFAULT ''::text NOT NULL,
    content text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    url text DEFAULT ''::text NOT NULL,
    in_reply_to text DEFAULT ''::text NOT NULL,
    visibility text NOT NULL,
    sensitive boolean DEFAULT false NOT NULL,
    hidden boolean DEFAULT false NOT NULL,
    published timestamp with time zone NOT NULL,
    updated timestamp with time zone,
    deleted timestamp with time zone,
    received timestamp with time zone,
    warning text DEFAULT ''::text NOT NULL,
    stale integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.orphans (
    actor_id text NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE public.passkeys (
    id text NOT NULL,
    account_id text NOT NULL,
    name text NOT NULL,
    credential_id text NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    aaguid text NOT NULL,
    transports text NOT NULL,
    backup_eligible boolean NOT NULL,
    backup_state boolean NOT NULL,
    created timestamp with time zone NOT NULL,
    used timestamp with time zone,
    ended timestamp with time zone
);
CREATE TABLE public.pins (
    object_id text NOT NULL,
    actor_id text NOT NULL,
    "position" integer NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.posts (
    object_id text NOT NULL,
    kind text NOT NULL,
    published timestamp with time zone NOT NULL
);
CREATE TABLE public.preferences (
    account_id text NOT NULL,
    language text NOT NULL
);
CREATE TABLE public.quotes (
    id text NOT NULL,
    object_id text NOT NULL,
    instrument text NOT NULL,
    actor_id text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.reactions (
    type text NOT NULL,
    object_id text NOT NULL,
    actor_id text NOT NULL,
    id text NOT NULL,
    published timestamp with time zone NOT NULL,
    received timestamp with time zone
);
CREATE TABLE public.readers (
    actor_id text NOT NULL,
    feed text NOT NULL,
    day text NOT NULL,
    readers integer NOT NULL
);
CREATE TABLE public.recovery_codes (
    code_hash text NOT NULL,
    account_id text NOT NULL
);
CREATE TABLE public.registrations (
    token_hash text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    club text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.reports (
    id text NOT NULL,
    actor_id text NOT NULL,
    objects text NOT NULL,
    content text DEFAULT ''::text NOT NULL,
    received timestamp with time zone NOT NULL,
    account_id text DEFAULT ''::text NOT NULL,
    closed timestamp with time zone,
    kind text DEFAULT ''::text NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    contact text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    outcome text DEFAULT ''::text NOT NULL,
    answer text DEFAULT ''::text NOT NULL
);
CREATE UNLOGGED TABLE public.river_client (
    id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT name_length CHECK (((char_length(id) > 0) AND (char_length(id) < 128)))
);
CREATE UNLOGGED TABLE public.river_client_queue (
    river_client_id text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    max_workers bigint DEFAULT 0 NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    num_jobs_completed bigint DEFAULT 0 NOT NULL,
    num_jobs_running bigint DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT name_length CHECK (((char_length(name) > 0) AND (char_length(name) < 128))),
    CONSTRAINT num_jobs_completed_zero_or_positive CHECK ((num_jobs_completed >= 0)),
    CONSTRAINT num_jobs_running_zero_or_positive CHECK ((num_jobs_running >= 0))
);
CREATE TABLE public.river_job (
    id bigint NOT NULL,
    state public.river_job_state DEFAULT 'available'::public.river_job_state NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint NOT NULL,
    attempted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finalized_at timestamp with time zone,
    scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    args jsonb NOT NULL,
    attempted_by text[],
    errors jsonb[],
    kind text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    tags character varying(255)[] DEFAULT '{}'::character varying[] NOT NULL,
    unique_key bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((((finalized_at IS NULL) AND (state <> ALL (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))) OR ((finalized_at IS NOT NULL) AND (state = ANY (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))))),
    CONSTRAINT kind_length CHECK (((char_length(kind) > 0) AND (char_length(kind) < 128))),
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0)),
    CONSTRAINT priority_in_range CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT queue_length CHECK (((char_length(queue) > 0) AND (char_length(queue) < 128)))
);
CREATE SEQUENCE public.river_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.river_job_id_seq OWNED BY public.river_job.id;
CREATE UNLOGGED TABLE public.river_leader (
    elected_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leader_id text NOT NULL,
    name text DEFAULT 'default'::text NOT NULL,
    CONSTRAINT leader_id_length CHECK (((char_length(leader_id) > 0) AND (char_length(leader_id) < 128))),
    CONSTRAINT name_length CHECK ((name = 'default'::text))
);
CREATE TABLE public.river_migration (
    line text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_length CHECK (((char_length(line) > 0) AND (char_length(line) < 128))),
    CONSTRAINT version_gte_1 CHECK ((version >= 1))
);
CREATE TABLE public.river_queue (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.search_due (
    seq bigint NOT NULL,
    id text NOT NULL
);
ALTER TABLE public.search_due ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.search_due_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.search_things (
    key bigint NOT NULL,
    id text NOT NULL,
    words tsvector NOT NULL
);
CREATE TABLE public.sessions (
    token text NOT NULL,
    data bytea NOT NULL,
    expires timestamp with time zone NOT NULL,
    ref text DEFAULT ''::text NOT NULL,
    account_id text DEFAULT ''::text NOT NULL,
    device text DEFAULT ''::text NOT NULL,
    begun timestamp with time zone,
    seen timestamp with time zone
);
CREATE TABLE public.settings (
    key text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.sign_in_links (
    token_hash text NOT NULL,
    account_id text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.templates (
    id text NOT NULL,
    actor_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    form text NOT NULL,
    held text NOT NULL,
    changed timestamp with time zone NOT NULL
);
CREATE TABLE public.throttles (
    key text NOT NULL,
    tries integer NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.told (
    activity_id text NOT NULL,
    inbox text NOT NULL,
    host text NOT NULL,
    confirmed timestamp with time zone
);
CREATE TABLE public.town_facts (
    name text NOT NULL,
    value text NOT NULL,
    changed timestamp with time zone NOT NULL
);
CREATE TABLE public.town_look (
    id text NOT NULL,
    name text NOT NULL,
    colour text NOT NULL,
    accent text NOT NULL,
    official boolean NOT NULL,
    contact text NOT NULL,
    enforcement text NOT NULL,
    changed timestamp with time zone NOT NULL
);
CREATE TABLE public.town_pictures (
    role text NOT NULL,
    media_type text NOT NULL,
    url text NOT NULL,
    name text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    focal_x double precision NOT NULL,
    focal_y double precision NOT NULL,
    blurhash text NOT NULL
);
CREATE TABLE public.town_texts (
    name text NOT NULL,
    language text NOT NULL,
    changed timestamp with time zone NOT NULL,
    source text NOT NULL,
    account_id text NOT NULL
);
CREATE TABLE public.uploads (
    id text NOT NULL,
    media_type text NOT NULL,
    url text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    blurhash text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.variants (
    media text NOT NULL,
    width bigint NOT NULL,
    file text NOT NULL
);
CREATE TABLE public.watch_words (
    folded text NOT NULL,
    word text NOT NULL,
    created timestamp with time zone NOT NULL,
    by_account text NOT NULL
);
CREATE TABLE public.waves (
    host text NOT NULL,
    kind text NOT NULL,
    hour timestamp with time zone NOT NULL,
    n integer NOT NULL,
    held integer NOT NULL,
    settled boolean DEFAULT false NOT NULL
);
ALTER TABLE ONLY public.bun_migration_locks ALTER COLUMN id SET DEFAULT nextval('public.bun_migration_locks_id_seq'::regclass);
ALTER TABLE ONLY public.bun_migrations ALTER COLUMN id SET DEFAULT nextval('public.bun_migrations_id_seq'::regclass);
ALTER TABLE ONLY public.changes ALTER COLUMN seq SET DEFAULT nextval('public.changes_seq_seq'::regclass);
ALTER TABLE ONLY public.river_job ALTER COLUMN id SET DEFAULT nextval('public.river_job_id_seq'::regclass);
INSERT INTO public.accounts VALUES ('01a221b6-450e-7a0e-a427-372eb52eeaf5', 'anna@here.test', 'Anna', 'townhall', '', '2026-11-28 10:32:03+00', '436RVHGRGWXLNIJQ5FLNRRCDYW', NULL);
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a221b6-465f-7083-9d09-4ccf540ca055', 'Create', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323162362d343635662d373038332d396430392d346363663534306361303535222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343635352d376237302d613736322d393634613439656163656336222c2274797065223a224576656e74222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c226e616d65223a22536f6d6d657266657374222c2273756d6d617279223a225c7530303363705c753030336553612e2c2031302e204a756c6920323032372c20313920626973203233205568722c204d61726b74706c61747a5c75303033632f705c7530303365222c22636f6e74656e74223a225c7530303363705c75303033654d7573696b2e5c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a225c7530303363705c75303033654d7573696b2e5c75303033632f705c7530303365227d2c2275726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323162362d343635352d376237302d613736322d393634613439656163656336222c227075626c6973686564223a22323032362d31312d32385431303a33323a30335a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343635352d376237302d613736322d3936346134396561636563362f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343635352d376237302d613736322d3936346134396561636563362f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343635352d376237302d613736322d3936346134396561636563362f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22737461727454696d65223a22323032372d30372d31305431393a30303a30302b30323a3030222c22656e6454696d65223a22323032372d30372d31305432333a30303a30302b30323a3030222c2274696d657a6f6e65223a224575726f70652f4265726c696e222c226c6f636174696f6e223a7b226964223a2268747470733a2f2f686572652e746573742f61702f706c616365732f5457467961335277624746306567222c2274797065223a22506c616365222c226e616d65223a224d61726b74706c61747a227d2c2263617465676f7279223a224d454554494e47222c22696e4c616e6775616765223a226465222c22737461747573223a22434f4e4649524d4544222c226576656e74537461747573223a224576656e745363686564756c6564222c226a6f696e4d6f6465223a2265787465726e616c222c2265787465726e616c50617274696369706174696f6e55726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323162362d343635352d376237302d613736322d393634613439656163656336222c227061727469636970616e74436f756e74223a302c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a66616c73652c2269734f6e6c696e65223a66616c73652c22636f6d6d656e7473456e61626c6564223a747275652c226472616674223a66616c73652c226f7267616e697a657273223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343635352d376237302d613736322d3936346134396561636563362f6f7267616e697a657273222c2274797065223a22436f6c6c656374696f6e222c22746f74616c4974656d73223a312c226974656d73223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335225d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d3163366661346431303563352f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d3163366661346431303563352f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431303a33323a30335a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d31633666613464313035633523656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431303a33323a30335a222c2270726f6f6656616c7565223a227a3250634d3272336e4e6d45507148704a45614634386e676f4d4346416e6b796b70315a6655466768463977546d6f38426853654832444b5862705050526b376834527876515856385576456f706b50676b37326d41613833227d7d', '2026-11-28 10:32:03+00');
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a221b6-46c4-7e91-ae86-b80d369ba226', 'Create', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'https://here.test/ap/objects/01a221b6-46bb-7c3a-8607-e765c06b38df', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323162362d343663342d376539312d616538362d623830643336396261323236222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343662622d376333612d383630372d653736356330366233386466222c2274797065223a224576656e74222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c226e616d65223a22417573666c7567222c2273756d6d617279223a225c7530303363705c7530303365536f2e2c20312e2041756775737420323032375c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a22227d2c2275726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323162362d343662622d376333612d383630372d653736356330366233386466222c227075626c6973686564223a22323032362d31312d32385431303a33323a30335a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343662622d376333612d383630372d6537363563303662333864662f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343662622d376333612d383630372d6537363563303662333864662f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343662622d376333612d383630372d6537363563303662333864662f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22737461727454696d65223a22323032372d30382d30315430303a30303a30302b30323a3030222c22656e6454696d65223a22323032372d30382d30315432333a35393a35392b30323a3030222c2274696d657a6f6e65223a224575726f70652f4265726c696e222c2263617465676f7279223a224d454554494e47222c22696e4c616e6775616765223a226465222c22737461747573223a22434f4e4649524d4544222c226576656e74537461747573223a224576656e745363686564756c6564222c226a6f696e4d6f6465223a2265787465726e616c222c2265787465726e616c50617274696369706174696f6e55726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323162362d343662622d376333612d383630372d653736356330366233386466222c227061727469636970616e74436f756e74223a302c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a66616c73652c2269734f6e6c696e65223a66616c73652c22636f6d6d656e7473456e61626c6564223a747275652c226472616674223a66616c73652c226f7267616e697a657273223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343662622d376333612d383630372d6537363563303662333864662f6f7267616e697a657273222c2274797065223a22436f6c6c656374696f6e222c22746f74616c4974656d73223a312c226974656d73223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335225d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d3163366661346431303563352f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d3163366661346431303563352f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431303a33323a30335a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d31633666613464313035633523656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431303a33323a30335a222c2270726f6f6656616c7565223a227a345a5837537234386e31685371485a5a54743268524e6f76427636753164637a6b64713747727974746652354152396147747861315850754a77717444504c364e465050444d6e6479376e446261555131777a7931714831227d7d', '2026-11-28 10:32:03+00');
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a221b6-472f-7a3e-a898-59fd479318c2', 'Create', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'https://here.test/ap/objects/01a221b6-4726-7929-8289-c3d3908a0434', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2273656e736974697665223a2261733a73656e736974697665222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323162362d343732662d376133652d613839382d353966643437393331386332222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343732362d373932392d383238392d633364333930386130343334222c2274797065223a224e6f7465222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d316336666134643130356335222c22636f6e74656e74223a225c7530303363705c75303033655363686cc3bc7373656c205c7530303363656d5c7530303365676566756e64656e5c75303033632f656d5c753030336520f09f98805c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a225c7530303363705c75303033655363686cc3bc7373656c205c7530303363656d5c7530303365676566756e64656e5c75303033632f656d5c753030336520f09f98805c75303033632f705c7530303365227d2c2275726c223a2268747470733a2f2f686572652e746573742f70696e6e77616e642f30316132323162362d343732362d373932392d383238392d633364333930386130343334222c227075626c6973686564223a22323032362d31312d32385431303a33323a30335a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343732362d373932392d383238392d6333643339303861303433342f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343732362d373932392d383238392d6333643339303861303433342f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323162362d343732362d373932392d383238392d6333643339303861303433342f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d3163366661346431303563352f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d3163366661346431303563352f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431303a33323a30335a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2273656e736974697665223a2261733a73656e736974697665222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323162362d343536662d376461372d616332622d31633666613464313035633523656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431303a33323a30335a222c2270726f6f6656616c7565223a227a35465453634d456d6941777575687762706a6448665877686a6d6e6a6a5a66456264674d67446d56316b4e456341757556666b5859745350716b6f38357131575a4c6671764b6454526e4d5a3832724a436e475569684b54227d7d', '2026-11-28 10:32:03+00');
INSERT INTO public.actor_keys VALUES ('https://here.test/ap/instance', '-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDLHt9RjEbNi15p
WtTPN8eUX4UhvVeb+sTIjTqZdp8fdEVSRH4Qd09pm/UU8BM7uBoDgrm3TQ+AOaFt
eygI57/LLI7MonK1Uhx12/FIJ1m4YwDdxNm5CB7lnopSm+Y/EXTDDDZHEm7Lp1QQ
FErDDd1S7ORYDGzERN3UEuGg0RPpxvZ+cd/NDqqtyb3UgdBTGDI3Ow2PVdc0MiJL
3wlmb90IItvkuLQfRStiuS+r4L1fVbFvEW/ai+lBlNLx1aNXebCOEmDxo9Hed9Hd
+ZRqw//GfYIG7U1pWPnKhciUWzH1HxUn2sX7UL9jrkt5r/ZqmpelUEAOC5a4IV6g
nLNNzPYnAgMBAAECggEABzjRnjUmHqXKFWXg3iibZIJMRKmrmpn9HYJZUd6JWYAe
p4ZUPc1NhLGXslxiMAPjjOS81LBykM+7wR2ZYU5YH+cK1r90jk+H6oWHm9X7rIDR
+uXxCyanmT4cqJjuw/xLZ1Sg/hWWMeXWU9IHjHg1j9QTabFbZqkU2AxUew15WfJO
/8e1bnMA4Qw3SxaFeIWMWB799D1mV+1O0j9u9K3zm/UwsBnXRsd47z5xu2808ypV
KfbBiK5CvygkLJj/ECiQkWyCfigfo86x2Xerdsvay2k6VyHwHxTzfsxStt3Pw28y
d12t3bQ/MOCpOmq1i+eHO3z7X0xZXWEnvdtw++vnlQKBgQDrP+QbbMPSCiAxRs2H
PiDoUy8AARO6Kyq6U+dtogiEN/1LL9RGSwb9UTJcdfddos46nL/g6NBkp7I18RWu
wBevCE2kw6jeQsCz4URKXg5tAaTFXSim01IMXpx86LGhgB3fDqDos//r1HMO79oF
jmiSugjpJJOMK3FoaCG50kf8IwKBgQDdCXw4fADfQxmp7UmVVzYlLYbtSQrFDcE2
eBOZ7Ho2Mp/rM7n2RCXlHRy8e3GLRlJdLCi1LwWvCScKRb5c8c3+vZa/gxyS5kHp
i9JIS6mf9cBt9hxnVtRO/UyAOCgOxd5XMnXXtOkNvJ8JJoH9rvEX3mH/J8Fky6e6
H72yhpwMLQKBgQDhLV/frGVoCE82O6qBmMOQ/gaP/3ftjGIyxhtQwndab+lg7aBH
xIslMHJ/NF+Z3jt+uQmlc9P9dNNNdL2nbrF81frUCoD6dnTT+X0PniY6ywb376r4
vG/d7TXnDijxCJwPJYZ6F8mQ5+NWWdmb1etc/vuGhn9A/VhpcrtNje1fdwKBgQDE
jfi+qdaEssCRkQaMHJ9zdAa13uwKyu5zp1eW2ujaZS48EyVczsD7+mVhXkxb007O
t8QDSis9uV/UDKz5LbVGwATbjJXOM5+NNN7rlwzhx8E0h1Q+uMHW8/whUM6eRGox
FBgilydfJcoucuXJVtXhqclvAkVBgrBGHI+tv3HoiQKBgBmb4wtw+KayvcuwclP5
aQgBkjv9GmfJH3j53xrCB2wXSgmTJcRukpBr7ec5Ud1+ddDJ9Bre+FeiaIzvmDJB
YTOtPGcu9xucVNMs/16owCjwmoieOKqrCuBdsEtWqTpTydsK9bqyZNN10VqAJBxQ
1T2nqWhtA8A2GodDXGKK2LEi
-----END PRIVATE KEY-----
', '2026-11-28 10:32:03+00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINg8Efq7HV6mTO0g1VZPRRxr7LO4EtJRpP1kJMOIGvYo
-----END PRIVATE KEY-----
');
INSERT INTO public.actor_keys VALUES ('https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', '-----BEGIN PRIVATE KEY-----
MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDeYlqDL7BVhum6
9Rdv7j9f7BcStLE8vfd2XCByLcW5nX4GtCR10X7DQnNilGGlpYHdCEhjuYHVvAt/
TN+YfRXpX70DnOjsM+do6OgeduxBUdTCZgJGs5tKpRdivYc6JkJqw9S6fVLJk4Gs
45Pgueszl8T98tT4O56x5FmSD0Otx3fB4OFuPcW3SkMQuRdyQoWjeIb51EpULtON
K6QJ7SiE+QF9+Sg65UBD5nsmGIATXLEG+pcsgAY9NJUQ2MFyrenISX/RhcZbdxIT
+D0l4KMwx8BmhmTQqrdDpBmbN7AuKW+PK0KhNOU68lgYSSIb2QHIF71QTBDAOdPC
mWJXmQijAgMBAAECggEAHWtpif1fGJF2jlMqPJaKL8ht7P2WjPCcsj3R1QkVJU8e
gwiF4khKus4psZrrqBxTJ8iWuwqpkHsGEls7IVM6+Nq/iKDTd5wOOyTEwHL/Ik0P
FoCkQHI2UxOwGlH0d87j7nflxp4Zu60V9KdOwuYVpYeoeegMIKLShbot11LJo02G
+sp+cNlN80pYH4/idpnZqkrUjSra70w+5Mieuu9zMEX0A+ySI7xL+NJzfFKrGnwT
r63o0Xi+ZexNh8TuP5RKaMSRzf8WydL+d9Ocze3dPZVM7x8K6Sx+nEAgZWJUXtE8
C4c21vbV4Uq3etM9HSaeL3HqpPG5SwIFDqnzVJHToQKBgQDuBMpdnhfDTOBSYqWO
ul4uNs6rIbVgCenDTm2YEQnMjQQXW44pEMk9v+LE3M62LszfRnBtvX+FxAJCVlVb
1TmBOHSXueiHDdaLJ4M/beH+tbcClhrNZRVOHAZ9i6XgwlfFHeNwGP1kAg6KGBov
8vm78O4RlpdlcxxvXrXWxQUfeQKBgQDvLzI754qdPP4Qv8rWa1kzsUUWXfSC4bV/
PJJcasxiLW0U1ZI09C4WzBtxWN++hTakdvhXodxOMtehzM50TfOrrNuA94V7++cH
dd+u9DXS2sa7NAugoFYrigmKp36f935u1ZOT/QkfTnxv4b/OxlGP85+3sCDKV5Zz
jAQVkSBV+wKBgQC+YGCIXsH8+QlXfAWV0qUv67CEGrMa/PLXv2xTPBWNYaFLGXTs
jbuYw1kbQs2n1GkTkSCt9esA0BVKgAlIKZUUMVa4YP+Gvl/C77i/zCD9/NRDolIP
xPE0h5/9XOwxiOBxDoXzDFnoWujMNZkEjyCG3Z9dvAieIWM2BRgGj5GYaQKBgQDJ
jaHtLQ53tf/6qUQKL+e5UbaARKhY6k6Ba8+CJVUZnmH/XoGYMfPsrg6qE1RoPeVv
7fkUD4eQNfPTmryW8WFW15EZOnu3oOxsMv5NdektR8KT2iW6M6KpiebEeqSPtIVM
bJmx6VaYlRDzTu7NFf2BKrD6n2biW7Ciqeh/LA5tpQKBgQDadaUhu5NDM0MUFYuG
jNfzMxj1wW8lR3juf5LcUaKipmb4GHamw6JbAFeyNGE4wVu5ZXIR/X8nNcvA0Q1r
zwmsVpEVRRaQGpFOHngJ3+pDB+SoTQUTnFGHNlPQ9k9kBqcs17nVEw4dIeGmiCoK
c0MiqZ5cZwkAOtazGjbqcGaURQ==
-----END PRIVATE KEY-----
', '2026-11-28 10:32:03+00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIMgh4pjJujy2znW46than9UvOLuIsogf2f0RxT3eZJRW
-----END PRIVATE KEY-----
');
INSERT INTO public.actors VALUES ('https://here.test/ap/instance', 'Application', true, 'here.test', 'instance', 'instance@here.test', 'Musterdorf', '', 'https://here.test/', 'https://here.test/ap/instance/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/instance/outbox', 'https://here.test/ap/instance/followers', '', '', '', 'https://here.test/ap/instance#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyx7fUYxGzYteaVrUzzfH
lF+FIb1Xm/rEyI06mXafH3RFUkR+EHdPaZv1FPATO7gaA4K5t00PgDmhbXsoCOe/
yyyOzKJytVIcddvxSCdZuGMA3cTZuQge5Z6KUpvmPxF0www2RxJuy6dUEBRKww3d
UuzkWAxsxETd1BLhoNET6cb2fnHfzQ6qrcm91IHQUxgyNzsNj1XXNDIiS98JZm/d
CCLb5Li0H0UrYrkvq+C9X1WxbxFv2ovpQZTS8dWjV3mwjhJg8aPR3nfR3fmUasP/
xn2CBu1NaVj5yoXIlFsx9R8VJ9rF+1C/Y65Lea/2apqXpVBADguWuCFeoJyzTcz2
JwIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', false, '2026-11-28 10:32:03+00', NULL, NULL, '[{"id":"https://here.test/ap/instance#ed25519-key","type":"Multikey","controller":"https://here.test/ap/instance","publicKeyMultibase":"z6MksUQzxYMtB2ApKRA8ZWsvu1V9PHopQ36c9TC8T1j7oKEx"}]', NULL, '[]', NULL, false, false, 0);
INSERT INTO public.actors VALUES ('https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'Group', true, 'here.test', 'tsv', 'tsv@here.test', 'TSV', '<p><strong>Sport</strong> und „mehr“</p>', 'https://here.test/vereine/tsv', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5/outbox', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5/followers', '', '', '', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3mJagy+wVYbpuvUXb+4/
X+wXErSxPL33dlwgci3FuZ1+BrQkddF+w0JzYpRhpaWB3QhIY7mB1bwLf0zfmH0V
6V+9A5zo7DPnaOjoHnbsQVHUwmYCRrObSqUXYr2HOiZCasPUun1SyZOBrOOT4Lnr
M5fE/fLU+DueseRZkg9Drcd3weDhbj3Ft0pDELkXckKFo3iG+dRKVC7TjSukCe0o
hPkBffkoOuVAQ+Z7JhiAE1yxBvqXLIAGPTSVENjBcq3pyEl/0YXGW3cSE/g9JeCj
MMfAZoZk0Kq3Q6QZmzewLilvjytCoTTlOvJYGEkiG9kByBe9UEwQwDnTwpliV5kI
owIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', false, '2026-11-28 10:32:03+00', NULL, NULL, '[{"id":"https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5#ed25519-key","type":"Multikey","controller":"https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5","publicKeyMultibase":"z6MkfVZXyodr8rvsDKyspCYmNQwQ7PmvTy3WJ8bQd6KJ6EVo"}]', NULL, '[]', NULL, false, false, 0);
INSERT INTO public.actors VALUES ('https://far.test/users/anna', 'Person', false, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', '', '', 'https://far.test/users/anna/inbox', '', '', 'https://far.test/users/anna/followers', '', '', '', '', '', '[]', '', 'active', false, '2026-01-02 03:04:05+00', '2026-02-03 04:05:06.123456+00', NULL, '[]', NULL, '[]', NULL, false, false, 0);
INSERT INTO public.audience VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO public.blocks VALUES ('bad.test', '2026-01-02 03:04:05+00', 'block', false, false, '', '', false, '', '');
INSERT INTO public.bun_migrations VALUES (1, '20261124000001', 1, '2026-11-28 10:32:02.740148+00');
INSERT INTO public.bun_migrations VALUES (2, '20261124000002', 1, '2026-11-28 10:32:02.747148+00');
INSERT INTO public.bun_migrations VALUES (3, '20261127000010', 1, '2026-11-28 10:32:02.74843+00');
INSERT INTO public.bun_migrations VALUES (4, '20261127000020', 1, '2026-11-28 10:32:02.750242+00');
INSERT INTO public.bun_migrations VALUES (5, '20261127000021', 1, '2026-11-28 10:32:02.752228+00');
INSERT INTO public.bun_migrations VALUES (6, '20261127000030', 1, '2026-11-28 10:32:02.756626+00');
INSERT INTO public.bun_migrations VALUES (7, '20261127000040', 1, '2026-11-28 10:32:02.759232+00');
INSERT INTO public.bun_migrations VALUES (8, '20261127000041', 1, '2026-11-28 10:32:02.760116+00');
INSERT INTO public.bun_migrations VALUES (9, '20261127000050', 1, '2026-11-28 10:32:02.842461+00');
INSERT INTO public.bun_migrations VALUES (10, '20261127000060', 1, '2026-11-28 10:32:02.843536+00');
INSERT INTO public.bun_migrations VALUES (11, '20261127000080', 1, '2026-11-28 10:32:02.845178+00');
INSERT INTO public.bun_migrations VALUES (12, '20261127000090', 1, '2026-11-28 10:32:02.84592+00');
INSERT INTO public.bun_migrations VALUES (13, '20261127000100', 1, '2026-11-28 10:32:02.847311+00');
INSERT INTO public.bun_migrations VALUES (14, '20261128000010', 1, '2026-11-28 10:32:02.851546+00');
INSERT INTO public.bun_migrations VALUES (15, '20261128000020', 1, '2026-11-28 10:32:02.855327+00');
INSERT INTO public.bun_migrations VALUES (16, '20261128000030', 1, '2026-11-28 10:32:02.856624+00');
INSERT INTO public.bun_migrations VALUES (17, '20261128000040', 1, '2026-11-28 10:32:02.859908+00');
INSERT INTO public.bun_migrations VALUES (18, '20261129000100', 1, '2026-11-28 10:32:02.862134+00');
INSERT INTO public.bun_migrations VALUES (19, '20261129000101', 1, '2026-11-28 10:32:02.865683+00');
INSERT INTO public.bun_migrations VALUES (20, '20261129000110', 1, '2026-11-28 10:32:02.871678+00');
INSERT INTO public.bun_migrations VALUES (21, '20261129000120', 1, '2026-11-28 10:32:02.87322+00');
INSERT INTO public.bun_migrations VALUES (22, '20261129000121', 1, '2026-11-28 10:32:02.878732+00');
INSERT INTO public.bun_migrations VALUES (23, '20261129000130', 1, '2026-11-28 10:32:02.883341+00');
INSERT INTO public.bun_migrations VALUES (24, '20261129000140', 1, '2026-11-28 10:32:02.887027+00');
INSERT INTO public.bun_migrations VALUES (25, '20261129000150', 1, '2026-11-28 10:32:02.891414+00');
INSERT INTO public.bun_migrations VALUES (26, '20261129000160', 1, '2026-11-28 10:32:02.893513+00');
INSERT INTO public.bun_migrations VALUES (27, '20261129000161', 1, '2026-11-28 10:32:02.895236+00');
INSERT INTO public.bun_migrations VALUES (28, '20261130000110', 1, '2026-11-28 10:32:02.896336+00');
INSERT INTO public.bun_migrations VALUES (29, '20261130000120', 1, '2026-11-28 10:32:02.897158+00');
INSERT INTO public.bun_migrations VALUES (30, '20261130000121', 1, '2026-11-28 10:32:02.899145+00');
INSERT INTO public.bun_migrations VALUES (31, '20261130000130', 1, '2026-11-28 10:32:02.906948+00');
INSERT INTO public.bun_migrations VALUES (32, '20261130000140', 1, '2026-11-28 10:32:02.912167+00');
INSERT INTO public.bun_migrations VALUES (33, '20261130000141', 1, '2026-11-28 10:32:02.915177+00');
INSERT INTO public.bun_migrations VALUES (34, '20261130000150', 1, '2026-11-28 10:32:02.921635+00');
INSERT INTO public.bun_migrations VALUES (35, '20261130000151', 1, '2026-11-28 10:32:02.923408+00');
INSERT INTO public.bun_migrations VALUES (36, '20261130000160', 1, '2026-11-28 10:32:02.925474+00');
INSERT INTO public.bun_migrations VALUES (37, '20261130000161', 1, '2026-11-28 10:32:02.926309+00');
INSERT INTO public.changes VALUES (1, '', '806');
INSERT INTO public.changes VALUES (2, '', '808');
INSERT INTO public.changes VALUES (3, '', '808');
INSERT INTO public.changes VALUES (4, '', '808');
INSERT INTO public.changes VALUES (5, 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', '811');
INSERT INTO public.changes VALUES (6, '', '811');
INSERT INTO public.changes VALUES (7, '', '811');
INSERT INTO public.changes VALUES (8, '', '811');
INSERT INTO public.changes VALUES (9, '', '812');
INSERT INTO public.changes VALUES (10, '', '812');
INSERT INTO public.changes VALUES (11, '', '814');
INSERT INTO public.changes VALUES (12, '', '814');
INSERT INTO public.changes VALUES (13, '', '816');
INSERT INTO public.changes VALUES (14, '', '816');
INSERT INTO public.changes VALUES (15, '', '816');
INSERT INTO public.changes VALUES (16, '', '816');
INSERT INTO public.changes VALUES (17, 'https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', '818');
INSERT INTO public.changes VALUES (18, 'https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', '818');
INSERT INTO public.changes VALUES (19, '', '819');
INSERT INTO public.clubs VALUES ('https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', '**Sport** und „mehr“', '', '', NULL, '');
INSERT INTO public.deliveries VALUES (1, 'https://here.test/ap/activities/01a221b6-465f-7083-9d09-4ccf540ca055', 'https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 10:32:03+00', NULL, 0, '', '2026-11-28 10:32:03+00');
INSERT INTO public.deliveries VALUES (2, 'https://here.test/ap/activities/01a221b6-46c4-7e91-ae86-b80d369ba226', 'https://here.test/ap/objects/01a221b6-46bb-7c3a-8607-e765c06b38df', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 10:32:03+00', NULL, 0, '', '2026-11-28 10:32:03+00');
INSERT INTO public.deliveries VALUES (3, 'https://here.test/ap/activities/01a221b6-472f-7a3e-a898-59fd479318c2', 'https://here.test/ap/objects/01a221b6-4726-7929-8289-c3d3908a0434', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 10:32:03+00', NULL, 0, '', '2026-11-28 10:32:03+00');
INSERT INTO public.editors VALUES ('01a221b6-450e-7a0e-a427-372eb52eeaf5', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'owner', '2026-11-28 10:32:03+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', 'operator', 'Create', '2026-11-28 10:32:03+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a221b6-46bb-7c3a-8607-e765c06b38df', 'operator', 'Create', '2026-11-28 10:32:03+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a221b6-4726-7929-8289-c3d3908a0434', 'operator', 'Create', '2026-11-28 10:32:03+00');
INSERT INTO public.events VALUES ('https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', '2027-07-10 17:00:00+00', '2027-07-10 21:00:00+00', 'Europe/Berlin', false, 'Marktplatz', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO public.events VALUES ('https://here.test/ap/objects/01a221b6-46bb-7c3a-8607-e765c06b38df', '2027-07-31 22:00:00+00', '2027-08-01 21:59:59+00', 'Europe/Berlin', true, '', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO public.follows VALUES ('https://far.test/follows/1', 'https://far.test/users/anna', 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'accepted', '2026-01-02 03:04:05+00');
INSERT INTO public.hosts VALUES ('slow.test', '2026-01-02 03:04:05+00', NULL, '', 3, 2, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO public.hosts VALUES ('far.test', '2026-11-28 10:32:03+00', NULL, '', 3, 0, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO public.inbox VALUES (1, 'https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '\x7b2274797065223a224c696b65227d', 'pending', 1, '2026-01-02 03:04:05+00', NULL, '', '', '2026-01-02 03:04:05+00', '');
INSERT INTO public.inbox VALUES (2, 'https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, NULL, '', '', '2026-01-02 03:04:05+00', '');
INSERT INTO public.ledger VALUES (1, '2026-11-28 10:32:03+00', 'operator', 'person.add', '', '01a221b6-450e-7a0e-a427-372eb52eeaf5', 'townhall', '0a561aa562a6b0f0fdd0d6ad114bc471', 'f4b066bba8372b615f3170ccc2942696', '332851283deb1b83a0bb44a6a5f65f3470b41eee06b607a82eb5ff6a09b06fa7');
INSERT INTO public.ledger VALUES (2, '2026-11-28 10:32:03+00', 'operator', 'club.add', 'tsv', '', '', 'f9b559ca596ad620dba6827307c725d7', '', 'e2e9660bc7d5ab49cb64235658913469290fdbb14f2d8de4b5c3ecff93ebd900');
INSERT INTO public.ledger VALUES (3, '2026-11-28 10:32:03+00', 'operator', 'club.editor', 'tsv', '01a221b6-450e-7a0e-a427-372eb52eeaf5', 'owner', 'c45ed059c9a265a375ac687e1642b458', '06c7f6f716b6d355347cf40c52b644ce', '54ae5b404930457fc093fbfa3672a7a716084691a2da5f58211dc9a671107025');
INSERT INTO public.ledger VALUES (4, '2026-11-28 10:32:03+00', 'operator', 'town.text', 'impressum', '', 'de', 'e4c6daf190025f1980ecf49e25b14fce', '', '52cd99e6c2cd5a8833658abf35d5c682c29785d35e69435fbe3da63a81729f4e');
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', 'Event', true, 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'Sommerfest', '', '<p>Musik.</p>', 'Musik.', 'de', 'https://here.test/veranstaltungen/01a221b6-4655-7b70-a762-964a49eacec6', '', 'public', false, false, '2026-11-28 10:32:03+00', NULL, NULL, '2026-11-28 10:32:03+00', '', 0);
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a221b6-46bb-7c3a-8607-e765c06b38df', 'Event', true, 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', 'Ausflug', '', '', '', 'de', 'https://here.test/veranstaltungen/01a221b6-46bb-7c3a-8607-e765c06b38df', '', 'public', false, false, '2026-11-28 10:32:03+00', NULL, NULL, '2026-11-28 10:32:03+00', '', 0);
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a221b6-4726-7929-8289-c3d3908a0434', 'Note', true, 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', '', '', '<p>Schlüssel <em>gefunden</em> 😀</p>', 'Schlüssel *gefunden* 😀', 'de', 'https://here.test/pinnwand/01a221b6-4726-7929-8289-c3d3908a0434', '', 'public', false, false, '2026-11-28 10:32:03+00', NULL, NULL, '2026-11-28 10:32:03+00', '', 0);
INSERT INTO public.objects VALUES ('https://far.test/notes/1', 'Note', false, 'https://far.test/users/anna', '', '', '<p>Schön! 😀</p>', '', '', '', 'https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', 'public', false, false, '2026-01-02 03:04:05+00', NULL, NULL, NULL, '', 0);
INSERT INTO public.posts VALUES ('https://here.test/ap/objects/01a221b6-4726-7929-8289-c3d3908a0434', 'announcement', '2026-11-28 10:32:03+00');
INSERT INTO public.reactions VALUES ('Like', 'https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00', NULL);
INSERT INTO public.reports VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00', '', NULL, '', '', '', '', '', '', '');
INSERT INTO public.river_migration VALUES ('main', 1, '2026-11-28 10:32:02.926875+00');
INSERT INTO public.river_migration VALUES ('main', 2, '2026-11-28 10:32:02.929355+00');
INSERT INTO public.river_migration VALUES ('main', 3, '2026-11-28 10:32:02.936029+00');
INSERT INTO public.river_migration VALUES ('main', 4, '2026-11-28 10:32:02.937453+00');
INSERT INTO public.river_migration VALUES ('main', 5, '2026-11-28 10:32:02.940707+00');
INSERT INTO public.river_migration VALUES ('main', 6, '2026-11-28 10:32:02.946923+00');
INSERT INTO public.search_things VALUES (7662344192, 'https://here.test/ap/actors/01a221b6-456f-7da7-ac2b-1c6fa4d105c5', '''g0tsv'' ''g2mehr'' ''g2sport''');
INSERT INTO public.search_things VALUES (7745080320, 'https://here.test/ap/objects/01a221b6-4655-7b70-a762-964a49eacec6', '''e0sommerfest'' ''e1erfest'' ''e1est'' ''e1fest'' ''e1merfest'' ''e1rfest'' ''e2marktplatz'' ''e2musik'' ''e2tsv'' ''e3atz'' ''e3ktplatz'' ''e3latz'' ''e3platz'' ''e3tplatz''');
INSERT INTO public.search_things VALUES (7753205504, 'https://here.test/ap/objects/01a221b6-46bb-7c3a-8607-e765c06b38df', '''e0ausflug'' ''e1flug'' ''e1lug'' ''e2tsv''');
INSERT INTO public.search_things VALUES (7662344193, 'https://here.test/ap/objects/01a221b6-4726-7929-8289-c3d3908a0434', '''p0gefunden'' ''p0schlussel'' ''p1den'' ''p1lussel'' ''p1nden'' ''p1sel'' ''p1ssel'' ''p1unden'' ''p1ussel'' ''p2tsv''');
INSERT INTO public.settings VALUES ('a setting', 'its value');
INSERT INTO public.sign_in_links VALUES ('96d0f4dae04e898fcbc974a87a94477ac9843584d8d22356a003b75f25d02dac', '01a221b6-450e-7a0e-a427-372eb52eeaf5', '2026-12-05 10:32:03+00');
INSERT INTO public.town_look VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', true, 'Rathaus', '', '2026-01-02 03:04:05+00');
INSERT INTO public.town_pictures VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0, 0.5, 'x');
INSERT INTO public.town_texts VALUES ('impressum', 'de', '2026-11-28 10:32:03+00', '## Rathaus', 'operator');
SELECT pg_catalog.setval('public.bun_migration_locks_id_seq', 1, false);
SELECT pg_catalog.setval('public.bun_migrations_id_seq', 37, true);
SELECT pg_catalog.setval('public.changes_seq_seq', 19, true);
SELECT pg_catalog.setval('public.deliveries_id_seq', 3, true);
SELECT pg_catalog.setval('public.inbox_seq_seq', 2, true);
SELECT pg_catalog.setval('public.key_changes_seq_seq', 1, false);
SELECT pg_catalog.setval('public.river_job_id_seq', 1, false);
SELECT pg_catalog.setval('public.search_due_seq_seq', 5, true);
ALTER TABLE ONLY public.account_events
    ADD CONSTRAINT account_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_email_key UNIQUE (email);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.actor_keys
    ADD CONSTRAINT actor_keys_pkey PRIMARY KEY (actor_id);
ALTER TABLE ONLY public.actors
    ADD CONSTRAINT actors_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.address_changes
    ADD CONSTRAINT address_changes_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_pkey PRIMARY KEY (club_id, version);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT applications_actor_id_key UNIQUE (actor_id);
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT applications_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (object_id, "position");
ALTER TABLE ONLY public.audience
    ADD CONSTRAINT audience_pkey PRIMARY KEY (object_id, recipient);
ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_pkey PRIMARY KEY (domain);
ALTER TABLE ONLY public.bun_migration_locks
    ADD CONSTRAINT bun_migration_locks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bun_migration_locks
    ADD CONSTRAINT bun_migration_locks_table_name_key UNIQUE (table_name);
ALTER TABLE ONLY public.bun_migrations
    ADD CONSTRAINT bun_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.care
    ADD CONSTRAINT care_pkey PRIMARY KEY (thing_id);
ALTER TABLE ONLY public.care_rounds
    ADD CONSTRAINT care_rounds_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.care_rules
    ADD CONSTRAINT care_rules_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.ceremonies
    ADD CONSTRAINT ceremonies_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.club_blocks
    ADD CONSTRAINT club_blocks_pkey PRIMARY KEY (actor_id, target);
ALTER TABLE ONLY public.clubs
    ADD CONSTRAINT clubs_pkey PRIMARY KEY (actor_id);
ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.deletions
    ADD CONSTRAINT deletions_pkey PRIMARY KEY (activity_id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_activity_id_inbox_key UNIQUE (activity_id, inbox);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.editors
    ADD CONSTRAINT editors_pkey PRIMARY KEY (account_id, actor_id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.factors
    ADD CONSTRAINT factors_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_pkey PRIMARY KEY (actor_id, object_id);
ALTER TABLE ONLY public.hints
    ADD CONSTRAINT hints_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.host_lists
    ADD CONSTRAINT host_lists_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hosts
    ADD CONSTRAINT hosts_pkey PRIMARY KEY (host);
ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_activity_id_actor_id_key UNIQUE (activity_id, actor_id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.key_changes
    ADD CONSTRAINT key_changes_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.looks
    ADD CONSTRAINT looks_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_cause_key UNIQUE (cause);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notice_marks
    ADD CONSTRAINT notice_marks_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (account_id, kind);
ALTER TABLE ONLY public.objections
    ADD CONSTRAINT objections_decision_id_report_id_key UNIQUE (decision_id, report_id);
ALTER TABLE ONLY public.objections
    ADD CONSTRAINT objections_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.objects
    ADD CONSTRAINT objects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orphans
    ADD CONSTRAINT orphans_pkey PRIMARY KEY (actor_id);
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id);
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.quotes
    ADD CONSTRAINT quotes_object_id_instrument_key UNIQUE (object_id, instrument);
ALTER TABLE ONLY public.quotes
    ADD CONSTRAINT quotes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_pkey PRIMARY KEY (type, object_id, actor_id);
ALTER TABLE ONLY public.readers
    ADD CONSTRAINT readers_pkey PRIMARY KEY (actor_id, feed, day);
ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (code_hash);
ALTER TABLE ONLY public.registrations
    ADD CONSTRAINT registrations_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.river_client
    ADD CONSTRAINT river_client_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.river_client_queue
    ADD CONSTRAINT river_client_queue_pkey PRIMARY KEY (river_client_id, name);
ALTER TABLE ONLY public.river_job
    ADD CONSTRAINT river_job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.river_leader
    ADD CONSTRAINT river_leader_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.river_migration
    ADD CONSTRAINT river_migration_pkey1 PRIMARY KEY (line, version);
ALTER TABLE ONLY public.river_queue
    ADD CONSTRAINT river_queue_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.search_due
    ADD CONSTRAINT search_due_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.search_things
    ADD CONSTRAINT search_things_id_key UNIQUE (id);
ALTER TABLE ONLY public.search_things
    ADD CONSTRAINT search_things_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.throttles
    ADD CONSTRAINT throttles_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.told
    ADD CONSTRAINT told_pkey PRIMARY KEY (activity_id, inbox);
ALTER TABLE ONLY public.town_facts
    ADD CONSTRAINT town_facts_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.town_look
    ADD CONSTRAINT town_look_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.town_pictures
    ADD CONSTRAINT town_pictures_pkey PRIMARY KEY (role);
ALTER TABLE ONLY public.town_texts
    ADD CONSTRAINT town_texts_pkey PRIMARY KEY (name, language, changed);
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.variants
    ADD CONSTRAINT variants_pkey PRIMARY KEY (media, width);
ALTER TABLE ONLY public.watch_words
    ADD CONSTRAINT watch_words_pkey PRIMARY KEY (folded);
ALTER TABLE ONLY public.waves
    ADD CONSTRAINT waves_pkey PRIMARY KEY (host, kind, hour);
CREATE INDEX account_events_account ON public.account_events USING btree (account_id);
CREATE INDEX activities_actor ON public.activities USING btree (actor_id, public, published);
CREATE INDEX activities_object ON public.activities USING btree (object_id);
CREATE INDEX actors_acct ON public.actors USING btree (acct);
CREATE INDEX actors_clubs ON public.actors USING btree (lower(name), id) WHERE (local AND (type = 'Group'::text));
CREATE INDEX actors_directory ON public.actors USING btree (state, name, preferred_username, id, local, type) WHERE (local AND (type = 'Group'::text));
CREATE INDEX actors_host ON public.actors USING btree (host);
CREATE INDEX actors_key_id ON public.actors USING btree (key_id);
CREATE UNIQUE INDEX actors_local_username ON public.actors USING btree (preferred_username) WHERE local;
CREATE INDEX address_changes_old ON public.address_changes USING btree (old_email);
CREATE INDEX address_changes_stop ON public.address_changes USING btree (stop_hash);
CREATE INDEX applications_account ON public.applications USING btree (account_id);
CREATE INDEX audience_recipient ON public.audience USING btree (recipient);
CREATE INDEX ceremonies_expires ON public.ceremonies USING btree (expires);
CREATE INDEX changes_xid ON public.changes USING btree (xid);
CREATE INDEX club_blocks_target ON public.club_blocks USING btree (target);
CREATE INDEX clubs_field ON public.clubs USING btree (field, actor_id);
CREATE INDEX decisions_actor ON public.decisions USING btree (actor_id, created);
CREATE INDEX decisions_target ON public.decisions USING btree (target, created);
CREATE INDEX deletions_actor ON public.deletions USING btree (actor_id, created, activity_id);
CREATE INDEX deletions_created ON public.deletions USING btree (created, activity_id);
CREATE INDEX deliveries_failed ON public.deliveries USING btree (host) WHERE (state = 'failed'::text);
CREATE INDEX deliveries_missing ON public.deliveries USING btree (inbox) WHERE ((state = 'failed'::text) AND (status = 404));
CREATE INDEX deliveries_order ON public.deliveries USING btree (host, object_id, id) WHERE (state = 'waiting'::text);
CREATE INDEX drafts_account ON public.drafts USING btree (account_id);
CREATE INDEX drafts_club ON public.drafts USING btree (actor_id, changed);
CREATE INDEX drafts_due ON public.drafts USING btree (due_at);
CREATE INDEX drafts_held ON public.drafts USING btree (held);
CREATE INDEX edits_account ON public.edits USING btree (account_id, at);
CREATE INDEX edits_object ON public.edits USING btree (object_id, at);
CREATE INDEX edits_person ON public.edits USING btree (account_id, object_id);
CREATE INDEX events_category ON public.events USING btree (category, start_time);
CREATE INDEX events_ends ON public.events USING btree (COALESCE(end_time, start_time), start_time);
CREATE INDEX events_place ON public.events USING btree (place, start_time);
CREATE INDEX events_start_time ON public.events USING btree (start_time);
CREATE INDEX follows_id ON public.follows USING btree (id);
CREATE INDEX follows_object ON public.follows USING btree (object_id, state);
CREATE INDEX hints_club ON public.hints USING btree (club_id);
CREATE INDEX hints_received ON public.hints USING btree (received);
CREATE INDEX hosts_due ON public.hosts USING btree (standing, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX hosts_failing ON public.hosts USING btree (host) WHERE (failures > 0);
CREATE INDEX identities_account ON public.identities USING btree (account_id);
CREATE INDEX inbox_asking ON public.inbox USING btree (due_at) WHERE ((state = 'pending'::text) AND (asks <> ''::text));
CREATE INDEX inbox_author ON public.inbox USING btree (actor_id) WHERE (state = 'pending'::text);
CREATE INDEX inbox_ready ON public.inbox USING btree (due_at) WHERE ((state = 'pending'::text) AND (asks = ''::text));
CREATE INDEX inbox_received ON public.inbox USING btree (received);
CREATE INDEX invitations_actor ON public.invitations USING btree (actor_id);
CREATE INDEX ledger_at ON public.ledger USING btree (at);
CREATE INDEX looks_open ON public.looks USING btree (created) WHERE (decided IS NULL);
CREATE INDEX mails_recipient ON public.mails USING btree (recipient);
CREATE INDEX mails_state ON public.mails USING btree (state, created);
CREATE INDEX objects_attributed_to ON public.objects USING btree (attributed_to, published);
CREATE INDEX objects_in_reply_to ON public.objects USING btree (in_reply_to, published) WHERE (in_reply_to <> ''::text);
CREATE INDEX objects_type ON public.objects USING btree (type, local, published);
CREATE INDEX passkeys_account ON public.passkeys USING btree (account_id);
CREATE INDEX pins_actor ON public.pins USING btree (actor_id, "position");
CREATE INDEX posts_kind ON public.posts USING btree (kind, published, object_id);
CREATE INDEX reactions_actor ON public.reactions USING btree (actor_id);
CREATE INDEX reactions_id ON public.reactions USING btree (id);
CREATE INDEX reactions_object ON public.reactions USING btree (object_id);
CREATE INDEX readers_day ON public.readers USING btree (day);
CREATE INDEX recovery_codes_account ON public.recovery_codes USING btree (account_id);
CREATE INDEX registrations_email ON public.registrations USING btree (email);
CREATE INDEX river_job_args_index ON public.river_job USING gin (args);
CREATE INDEX river_job_kind ON public.river_job USING btree (kind);
CREATE INDEX river_job_metadata_index ON public.river_job USING gin (metadata);
CREATE INDEX river_job_prioritized_fetching_index ON public.river_job USING btree (state, queue, priority, scheduled_at, id);
CREATE INDEX river_job_state_and_finalized_at_index ON public.river_job USING btree (state, finalized_at) WHERE (finalized_at IS NOT NULL);
CREATE UNIQUE INDEX river_job_unique_idx ON public.river_job USING btree (unique_key) WHERE ((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND public.river_job_state_in_bitmask(unique_states, state));
CREATE INDEX search_words ON public.search_things USING gin (words);
CREATE INDEX sessions_account ON public.sessions USING btree (account_id);
CREATE INDEX sessions_expires ON public.sessions USING btree (expires);
CREATE INDEX templates_club ON public.templates USING btree (actor_id, name);
CREATE INDEX templates_held ON public.templates USING btree (held);
CREATE INDEX throttles_expires ON public.throttles USING btree (expires);
CREATE INDEX told_open ON public.told USING btree (activity_id) WHERE (confirmed IS NULL);
CREATE TRIGGER actors_key_change AFTER UPDATE OF key_id, public_key_pem, assertion_method, state, blocked ON public.actors FOR EACH ROW WHEN (((NOT new.local) AND ((old.key_id <> new.key_id) OR (old.public_key_pem <> new.public_key_pem) OR (old.assertion_method <> new.assertion_method) OR (old.state <> new.state) OR (old.blocked <> new.blocked)))) EXECUTE FUNCTION public.note_key_change();
CREATE TRIGGER care_actors_update BEFORE UPDATE OF updated ON public.actors FOR EACH ROW WHEN (((new.stale <> 0) AND (new.updated IS DISTINCT FROM old.updated))) EXECUTE FUNCTION public.care_fresh();
CREATE TRIGGER care_objects_update BEFORE UPDATE OF updated ON public.objects FOR EACH ROW WHEN (((new.stale <> 0) AND (new.updated IS DISTINCT FROM old.updated))) EXECUTE FUNCTION public.care_fresh();
CREATE TRIGGER changes_activities_delete AFTER DELETE ON public.activities FOR EACH ROW WHEN (old.public) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_activities_insert AFTER INSERT ON public.activities FOR EACH ROW WHEN (new.public) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_actors_delete AFTER DELETE ON public.actors FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_actors_host_limited AFTER UPDATE ON public.actors FOR EACH ROW WHEN ((old.host_limited <> new.host_limited)) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_actors_insert AFTER INSERT ON public.actors FOR EACH ROW WHEN (new.local) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_actors_limited AFTER UPDATE ON public.actors FOR EACH ROW WHEN (((NOT new.local) AND (old.limited <> new.limited))) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_actors_rename AFTER UPDATE ON public.actors FOR EACH ROW WHEN (((NOT new.local) AND ((old.name <> new.name) OR (old.preferred_username <> new.preferred_username) OR (old.acct <> new.acct) OR (old.url <> new.url) OR (old.key_id <> new.key_id) OR (old.public_key_pem <> new.public_key_pem)))) EXECUTE FUNCTION public.changes_actors();
CREATE TRIGGER changes_actors_update AFTER UPDATE ON public.actors FOR EACH ROW WHEN ((new.local OR (old.blocked <> new.blocked) OR (old.state <> new.state))) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_alerts_any AFTER INSERT OR DELETE OR UPDATE ON public.alerts FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_attachments_any AFTER INSERT OR DELETE OR UPDATE ON public.attachments FOR EACH ROW EXECUTE FUNCTION public.changes_parts();
CREATE TRIGGER changes_blocks_any AFTER INSERT OR DELETE ON public.blocks FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_blocks_update AFTER UPDATE ON public.blocks FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_care_insert AFTER INSERT ON public.care FOR EACH ROW WHEN ((new.confirmed IS NOT NULL)) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_care_update AFTER UPDATE ON public.care FOR EACH ROW WHEN ((new.confirmed IS DISTINCT FROM old.confirmed)) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_clubs_any AFTER INSERT OR UPDATE ON public.clubs FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_events_update AFTER UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION public.changes_parts();
CREATE TRIGGER changes_follows_any AFTER INSERT OR DELETE ON public.follows FOR EACH ROW EXECUTE FUNCTION public.changes_follows();
CREATE TRIGGER changes_follows_update AFTER UPDATE ON public.follows FOR EACH ROW WHEN ((old.state <> new.state)) EXECUTE FUNCTION public.changes_follows();
CREATE TRIGGER changes_objects_delete AFTER DELETE ON public.objects FOR EACH ROW WHEN ((old.local OR (old.in_reply_to <> ''::text))) EXECUTE FUNCTION public.changes_objects();
CREATE TRIGGER changes_objects_insert AFTER INSERT ON public.objects FOR EACH ROW WHEN ((new.local OR (new.in_reply_to <> ''::text))) EXECUTE FUNCTION public.changes_objects();
CREATE TRIGGER changes_objects_update AFTER UPDATE ON public.objects FOR EACH ROW WHEN ((new.local OR (new.in_reply_to <> ''::text))) EXECUTE FUNCTION public.changes_objects();
CREATE TRIGGER changes_pins_any AFTER INSERT OR DELETE OR UPDATE ON public.pins FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_posts_any AFTER INSERT OR UPDATE ON public.posts FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_reactions_any AFTER INSERT OR DELETE ON public.reactions FOR EACH ROW EXECUTE FUNCTION public.changes_reactions();
CREATE TRIGGER changes_town_facts_any AFTER INSERT OR DELETE OR UPDATE ON public.town_facts FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_look_any AFTER INSERT OR DELETE OR UPDATE ON public.town_look FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_pictures_any AFTER INSERT OR DELETE OR UPDATE ON public.town_pictures FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_texts_any AFTER INSERT OR DELETE ON public.town_texts FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_variants_any AFTER INSERT OR DELETE ON public.variants FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER ledger_is_kept BEFORE DELETE ON public.ledger FOR EACH ROW WHEN ((old.at > (now() - '3 years'::interval))) EXECUTE FUNCTION public.ledger_refuses();
CREATE TRIGGER ledger_is_not_emptied BEFORE TRUNCATE ON public.ledger FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuses();
CREATE TRIGGER ledger_stays BEFORE UPDATE ON public.ledger FOR EACH ROW WHEN (((new.seq <> old.seq) OR (new.at <> old.at) OR (new.act <> old.act) OR (new.target <> old.target) OR (new.detail <> old.detail) OR (new.by_mark <> old.by_mark) OR (new.about_mark <> old.about_mark) OR (new.hash <> old.hash) OR ((new.by_account <> old.by_account) AND (new.by_account <> ''::text)) OR ((new.account_id <> old.account_id) AND (new.account_id <> ''::text)))) EXECUTE FUNCTION public.ledger_refuses();
CREATE TRIGGER search_actors_delete AFTER DELETE ON public.actors FOR EACH ROW WHEN (old.local) EXECUTE FUNCTION public.search_row();
CREATE TRIGGER search_actors_insert AFTER INSERT ON public.actors FOR EACH ROW WHEN (new.local) EXECUTE FUNCTION public.search_row();
CREATE TRIGGER search_actors_rename AFTER UPDATE ON public.actors FOR EACH ROW WHEN ((new.local AND (old.name <> new.name))) EXECUTE FUNCTION public.search_published();
CREATE TRIGGER search_actors_update AFTER UPDATE ON public.actors FOR EACH ROW WHEN ((new.local AND ((old.name <> new.name) OR (old.summary <> new.summary) OR (old.preferred_username <> new.preferred_username)))) EXECUTE FUNCTION public.search_row();
CREATE TRIGGER search_objects_delete AFTER DELETE ON public.objects FOR EACH ROW WHEN ((old.local AND (old.in_reply_to = ''::text))) EXECUTE FUNCTION public.search_row();
CREATE TRIGGER search_objects_insert AFTER INSERT ON public.objects FOR EACH ROW WHEN ((new.local AND (new.in_reply_to = ''::text))) EXECUTE FUNCTION public.search_row();
CREATE TRIGGER search_objects_update AFTER UPDATE ON public.objects FOR EACH ROW WHEN ((new.local AND (new.in_reply_to = ''::text))) EXECUTE FUNCTION public.search_row();
ALTER TABLE ONLY public.account_events
    ADD CONSTRAINT account_events_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.actor_keys
    ADD CONSTRAINT actor_keys_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.address_changes
    ADD CONSTRAINT address_changes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT applications_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT applications_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.audience
    ADD CONSTRAINT audience_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.ceremonies
    ADD CONSTRAINT ceremonies_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.club_blocks
    ADD CONSTRAINT club_blocks_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.clubs
    ADD CONSTRAINT clubs_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deletions
    ADD CONSTRAINT deletions_activity_id_fkey FOREIGN KEY (activity_id) REFERENCES public.activities(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_activity_id_fkey FOREIGN KEY (activity_id) REFERENCES public.activities(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.editors
    ADD CONSTRAINT editors_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.editors
    ADD CONSTRAINT editors_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.factors
    ADD CONSTRAINT factors_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.notice_marks
    ADD CONSTRAINT notice_marks_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.orphans
    ADD CONSTRAINT orphans_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.river_client_queue
    ADD CONSTRAINT river_client_queue_river_client_id_fkey FOREIGN KEY (river_client_id) REFERENCES public.river_client(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.told
    ADD CONSTRAINT told_activity_id_fkey FOREIGN KEY (activity_id) REFERENCES public.deletions(activity_id) ON DELETE CASCADE;
