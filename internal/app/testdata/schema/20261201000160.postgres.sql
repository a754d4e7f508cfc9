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
CREATE FUNCTION public.changes_openness() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES ('/transparenz');
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
CREATE FUNCTION public.search_points_again() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO search_points_due (object_id) VALUES (NEW.object_id) ON CONFLICT (object_id) DO UPDATE SET object_id = EXCLUDED.object_id;
    RETURN NULL;
END $$;
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
    stale integer DEFAULT 0 NOT NULL,
    merged timestamp with time zone
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
    showing boolean DEFAULT false NOT NULL,
    object_id text DEFAULT ''::text NOT NULL
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
    list_id text DEFAULT ''::text NOT NULL,
    unlisted boolean DEFAULT false NOT NULL
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
CREATE TABLE public.commitments (
    helper_id text NOT NULL,
    shift_id text NOT NULL,
    opportunity_id text NOT NULL,
    state text NOT NULL,
    seq integer NOT NULL,
    offered timestamp with time zone,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    taken_at timestamp with time zone,
    reminded timestamp with time zone
);
CREATE TABLE public.data_requests (
    id text NOT NULL,
    wanted text NOT NULL,
    channel text NOT NULL,
    contact text NOT NULL,
    account_id text NOT NULL,
    actor_id text NOT NULL,
    words text NOT NULL,
    checked text NOT NULL,
    by_account text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    token_hash text NOT NULL,
    received timestamp with time zone NOT NULL,
    due timestamp with time zone NOT NULL,
    answered timestamp with time zone,
    expires timestamp with time zone
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
CREATE TABLE public.erasures (
    id text NOT NULL,
    kind text NOT NULL,
    mark text NOT NULL,
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
CREATE TABLE public.helper_messages (
    id text NOT NULL,
    helper_id text NOT NULL,
    kind text NOT NULL,
    by_club boolean NOT NULL,
    content text DEFAULT ''::text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.helpers (
    id text NOT NULL,
    opportunity_id text NOT NULL,
    club_id text NOT NULL,
    title text NOT NULL,
    account_id text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    name text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    shows boolean DEFAULT false NOT NULL,
    language text NOT NULL,
    state text NOT NULL,
    cause text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    minutes integer DEFAULT 0 NOT NULL,
    minutes_by text DEFAULT ''::text NOT NULL,
    agreed timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created timestamp with time zone NOT NULL,
    changed timestamp with time zone NOT NULL,
    ended timestamp with time zone
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
CREATE TABLE public.host_software (
    host text NOT NULL,
    software text NOT NULL,
    asked timestamp with time zone NOT NULL
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
    by_account text NOT NULL,
    reason text DEFAULT ''::text NOT NULL
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
CREATE TABLE public.mandates (
    account_id text NOT NULL,
    actor_id text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.modules_off (
    kind text NOT NULL,
    module text NOT NULL,
    changed timestamp with time zone NOT NULL
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
CREATE TABLE public.opportunities (
    object_id text NOT NULL,
    published timestamp with time zone NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    field text DEFAULT ''::text NOT NULL,
    times text NOT NULL,
    weekdays integer DEFAULT 0 NOT NULL,
    time_note text DEFAULT ''::text NOT NULL,
    start_time timestamp with time zone,
    end_time timestamp with time zone,
    timezone text NOT NULL,
    effort_minutes integer DEFAULT 0 NOT NULL,
    effort_per text DEFAULT ''::text NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    latitude double precision,
    longitude double precision,
    emergency boolean DEFAULT false NOT NULL,
    remote boolean DEFAULT false NOT NULL,
    places integer DEFAULT 0 NOT NULL,
    taken integer DEFAULT 0 NOT NULL,
    minimum_age integer DEFAULT 0 NOT NULL,
    maximum_age integer DEFAULT 0 NOT NULL,
    for_young boolean DEFAULT false NOT NULL,
    for_groups boolean DEFAULT false NOT NULL,
    skills text DEFAULT ''::text NOT NULL,
    learn text DEFAULT ''::text NOT NULL,
    languages text DEFAULT ''::text NOT NULL,
    requirements text DEFAULT ''::text NOT NULL,
    requirement text DEFAULT ''::text NOT NULL,
    payer text DEFAULT ''::text NOT NULL,
    expenses text DEFAULT ''::text NOT NULL,
    rewards text DEFAULT ''::text NOT NULL,
    trial text DEFAULT ''::text NOT NULL,
    insurance text DEFAULT ''::text NOT NULL,
    accessibility text DEFAULT ''::text NOT NULL,
    contact text NOT NULL,
    contact_name text DEFAULT ''::text NOT NULL,
    contact_email text DEFAULT ''::text NOT NULL,
    contact_phone text DEFAULT ''::text NOT NULL,
    apply_link text DEFAULT ''::text NOT NULL,
    context text DEFAULT ''::text NOT NULL,
    until timestamp with time zone,
    asked timestamp with time zone
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
CREATE TABLE public.place_codes (
    code text NOT NULL COLLATE pg_catalog."C",
    place_id text NOT NULL
);
CREATE TABLE public.place_home (
    id text NOT NULL,
    name text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL
);
CREATE TABLE public.place_names (
    fold text NOT NULL COLLATE pg_catalog."C",
    place_id text NOT NULL,
    main integer NOT NULL
);
CREATE TABLE public.place_sources (
    name text NOT NULL,
    notice text DEFAULT ''::text NOT NULL,
    version text DEFAULT ''::text NOT NULL,
    loaded timestamp with time zone NOT NULL,
    rows integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.places (
    id text NOT NULL,
    source text NOT NULL,
    version text DEFAULT ''::text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    land text DEFAULT ''::text NOT NULL,
    district text DEFAULT ''::text NOT NULL,
    ags text DEFAULT ''::text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    population integer DEFAULT 0 NOT NULL
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
CREATE TABLE public.restrictions (
    id text NOT NULL,
    contact text NOT NULL,
    account_id text NOT NULL,
    actor_id text NOT NULL,
    by_account text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.retention (
    name text NOT NULL,
    days integer NOT NULL
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
CREATE TABLE public.saved_search_hits (
    search_id text NOT NULL,
    object_id text NOT NULL,
    sent timestamp with time zone NOT NULL
);
CREATE TABLE public.saved_searches (
    id text NOT NULL,
    account_id text,
    email text DEFAULT ''::text NOT NULL,
    language text NOT NULL,
    query text NOT NULL,
    pace text NOT NULL,
    created timestamp with time zone NOT NULL,
    confirmed timestamp with time zone,
    told timestamp with time zone NOT NULL
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
CREATE TABLE public.search_points (
    object_id text NOT NULL,
    latitude double precision,
    longitude double precision,
    remote boolean NOT NULL,
    how text NOT NULL
);
CREATE TABLE public.search_points_due (
    object_id text NOT NULL
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
CREATE TABLE public.shifts (
    id text NOT NULL,
    opportunity_id text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    places integer DEFAULT 0 NOT NULL,
    taken integer DEFAULT 0 NOT NULL,
    note text DEFAULT ''::text NOT NULL
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
CREATE TABLE public.terms (
    list text NOT NULL,
    key text NOT NULL,
    slug text NOT NULL,
    word_de text NOT NULL,
    word_en text NOT NULL,
    "position" integer NOT NULL,
    retired boolean DEFAULT false NOT NULL,
    merged_into text DEFAULT ''::text NOT NULL,
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
CREATE TABLE public.town_voice (
    id text NOT NULL,
    actor_id text NOT NULL,
    created timestamp with time zone NOT NULL
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
INSERT INTO public.accounts VALUES ('01a222b8-524f-79c9-8aef-e6730e5ae059', 'anna@here.test', 'Anna', 'townhall', '', '2026-11-28 15:13:54+00', '7LHXHF3ODYLYHIQBWGRTXDJBBO', NULL);
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a222b8-53c6-72bd-85e6-b44e9b01a8a6', 'Create', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323262382d353363362d373262642d383565362d623434653962303161386136222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353362652d373764302d383838392d376533363134353963333762222c2274797065223a224576656e74222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c226e616d65223a22536f6d6d657266657374222c2273756d6d617279223a225c7530303363705c753030336553612e2c2031302e204a756c6920323032372c20313920626973203233205568722c204d61726b74706c61747a5c75303033632f705c7530303365222c22636f6e74656e74223a225c7530303363705c75303033654d7573696b2e5c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a225c7530303363705c75303033654d7573696b2e5c75303033632f705c7530303365227d2c2275726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323262382d353362652d373764302d383838392d376533363134353963333762222c227075626c6973686564223a22323032362d31312d32385431353a31333a35355a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353362652d373764302d383838392d3765333631343539633337622f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353362652d373764302d383838392d3765333631343539633337622f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353362652d373764302d383838392d3765333631343539633337622f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22737461727454696d65223a22323032372d30372d31305431393a30303a30302b30323a3030222c22656e6454696d65223a22323032372d30372d31305432333a30303a30302b30323a3030222c2274696d657a6f6e65223a224575726f70652f4265726c696e222c226c6f636174696f6e223a7b226964223a2268747470733a2f2f686572652e746573742f61702f706c616365732f5457467961335277624746306567222c2274797065223a22506c616365222c226e616d65223a224d61726b74706c61747a227d2c2263617465676f7279223a224d454554494e47222c22696e4c616e6775616765223a226465222c22737461747573223a22434f4e4649524d4544222c226576656e74537461747573223a224576656e745363686564756c6564222c226a6f696e4d6f6465223a2265787465726e616c222c2265787465726e616c50617274696369706174696f6e55726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323262382d353362652d373764302d383838392d376533363134353963333762222c227061727469636970616e74436f756e74223a302c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a66616c73652c2269734f6e6c696e65223a66616c73652c22636f6d6d656e7473456e61626c6564223a747275652c226472616674223a66616c73652c226f7267616e697a657273223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353362652d373764302d383838392d3765333631343539633337622f6f7267616e697a657273222c2274797065223a22436f6c6c656374696f6e222c22746f74616c4974656d73223a312c226974656d73223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537225d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d3931613064323333626165372f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d3931613064323333626165372f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431353a31333a35355a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d39316130643233336261653723656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431353a31333a35355a222c2270726f6f6656616c7565223a227a32484c4858677365684a67735a5261726271444d374678684c5974354c7765627a39616850536b3831347159416b427071366759745842766271444e577854584e5279324c62483638414e356d78716b46713875336b7a69227d7d', '2026-11-28 15:13:55+00');
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a222b8-5421-730e-a08a-784122ebe1e5', 'Create', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'https://here.test/ap/objects/01a222b8-5419-757d-b266-8d5bcdc9c0f0', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323262382d353432312d373330652d613038612d373834313232656265316535222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353431392d373537642d623236362d386435626364633963306630222c2274797065223a224576656e74222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c226e616d65223a22417573666c7567222c2273756d6d617279223a225c7530303363705c7530303365536f2e2c20312e2041756775737420323032375c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a22227d2c2275726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323262382d353431392d373537642d623236362d386435626364633963306630222c227075626c6973686564223a22323032362d31312d32385431353a31333a35355a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353431392d373537642d623236362d3864356263646339633066302f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353431392d373537642d623236362d3864356263646339633066302f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353431392d373537642d623236362d3864356263646339633066302f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22737461727454696d65223a22323032372d30382d30315430303a30303a30302b30323a3030222c22656e6454696d65223a22323032372d30382d30315432333a35393a35392b30323a3030222c2274696d657a6f6e65223a224575726f70652f4265726c696e222c2263617465676f7279223a224d454554494e47222c22696e4c616e6775616765223a226465222c22737461747573223a22434f4e4649524d4544222c226576656e74537461747573223a224576656e745363686564756c6564222c226a6f696e4d6f6465223a2265787465726e616c222c2265787465726e616c50617274696369706174696f6e55726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323262382d353431392d373537642d623236362d386435626364633963306630222c227061727469636970616e74436f756e74223a302c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a66616c73652c2269734f6e6c696e65223a66616c73652c22636f6d6d656e7473456e61626c6564223a747275652c226472616674223a66616c73652c226f7267616e697a657273223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353431392d373537642d623236362d3864356263646339633066302f6f7267616e697a657273222c2274797065223a22436f6c6c656374696f6e222c22746f74616c4974656d73223a312c226974656d73223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537225d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d3931613064323333626165372f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d3931613064323333626165372f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431353a31333a35355a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d39316130643233336261653723656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431353a31333a35355a222c2270726f6f6656616c7565223a227a69674c41724e424166794b6f6932667a6558714a77684a38697136485a4c665473677971354a37524a32704d61485542467777727a786f4c77564a437a78385166786e7977325a724a4251524a597543757a706357326a227d7d', '2026-11-28 15:13:55+00');
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a222b8-547f-7748-ba1c-f7855e2ec443', 'Create', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'https://here.test/ap/objects/01a222b8-5478-7744-807e-442edb69868d', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2273656e736974697665223a2261733a73656e736974697665222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323262382d353437662d373734382d626131632d663738353565326563343433222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353437382d373734342d383037652d343432656462363938363864222c2274797065223a224e6f7465222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d393161306432333362616537222c22636f6e74656e74223a225c7530303363705c75303033655363686cc3bc7373656c205c7530303363656d5c7530303365676566756e64656e5c75303033632f656d5c753030336520f09f98805c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a225c7530303363705c75303033655363686cc3bc7373656c205c7530303363656d5c7530303365676566756e64656e5c75303033632f656d5c753030336520f09f98805c75303033632f705c7530303365227d2c2275726c223a2268747470733a2f2f686572652e746573742f70696e6e77616e642f30316132323262382d353437382d373734342d383037652d343432656462363938363864222c227075626c6973686564223a22323032362d31312d32385431353a31333a35355a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353437382d373734342d383037652d3434326564623639383638642f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353437382d373734342d383037652d3434326564623639383638642f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323262382d353437382d373734342d383037652d3434326564623639383638642f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d3931613064323333626165372f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d3931613064323333626165372f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431353a31333a35355a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2273656e736974697665223a2261733a73656e736974697665222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323262382d353239642d373963652d386339632d39316130643233336261653723656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431353a31333a35355a222c2270726f6f6656616c7565223a227a35654356454838415344594432344555724238686f3231666e594b5a72613146397754764e6f7470764d32664a7248634e6872337650465442726942657a626b384354376377794153666665485564485455666a33633379227d7d', '2026-11-28 15:13:55+00');
INSERT INTO public.actor_keys VALUES ('https://here.test/ap/instance', '-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCqXBIVfBkRdxJ+
xFcVwn3wEYg+i8mg1mZHaDfiB5+BZKkBfC2PbmCFeHFKRyNSE1hQPJLSUZrxdJvz
GqFQbAmtfN8ezpRSSDreUboakAumaPjxYgX3s2X1zySlyiNt1E7Bh5l92LTWPETe
l0ZeDBOMpO4pMIvJv2+g79XnElKZw/11HbrwvuepeP3cs8+X8122S3kye74b8rbD
um8+aLMxSdjZaLgRQtc7wzh6VcM50kpqlpOP1KjJWADx+4Ion1AifolrHAnqMiqY
48hL68nhLTYFIfs5giiCzcNlPYbepC1aMf9DsR7co5EaLNkij11cqHTu54O0pKG9
sW3kdCa5AgMBAAECggEATx2GCnNA4xMExFljRgg2W1yRBNb/UtHu2t+kADThFwLL
2BQ2xmMQsTtvhXrHBPFV9KFE4CakydiJKhumacZasjaJGfH/AL1plWCoCHj36Bbc
8aC/u7qVMdQ6pUHcNT/BOXBDUKXoyYtgwmzHcZqzI4Be2EMi0BU2/qsTEAY61Qxl
eq7/hWy6dIgf47QBuV719Gp8Jgjtm8DU4LEEIrqpWGMvW7+6TIlQHYHX2PGYLgAo
ooqhYBA7xza9/iNRRJ+t1cjCZaq6yb8AUu4IKLfdMRwZpHyy6jds2bBVLZFLT1kr
1psvJrPjKnSLjM9VA/CeWq8aUOFyDgvzi8DoOTpj1wKBgQDP/mar1tSn0vsztd2U
hrd3fW7N2nHTyNAu7gF2nro3z6PP57e50QyttgfcBA0OsYQgMnKRQOB+6sWocVul
YQIfBBU1vj7ryUeH4uUhbNJsrujU/mFjhtiGzECPofAwZL/YyFWePt8hhiftysSB
zGdHjMmoOJhBKtaMAbeu9SHf1wKBgQDRrgGpIe3IeM5w/5Hj3WtT1ptRVcz6naNK
9mwOX4W8wd9vcJDOpBtKjxtGkcSoAMwtN1obRoiASoIz7EowzM3gXOXNmdHUh9Aa
DeKISC0aDLrCwGO2XsMO61n91ctfaXCQpQek6TkC7r/rlbwgfBCbY2DgCGr3kJr+
ivSPfXub7wKBgDbvvPKaVaTWJx9rY9E9G+xlpwScNAB6Q/KBTsWj+w+OunfJfk+I
Fc80CzNjpodA/+L5MCWJe0JKhFaPSmOOEd9bVrbRPxFMIqaTmW2QrquiL0FCxzpg
fYRtIohNf4FouvtpPqQDezABnT5Dlk+qS4UsfH8AI8bip7RnJ7sAaCgVAoGBAINR
3H5l3ntglcKVfXRdlztxu+Krvu3yznNDdBdoYeT+8wXjVP3mL6V5jRaccrLZlQZ4
lTlh6lmW0IbeZPS9P+9VnyMuRAk8aev3aDn8Iisfb9RLE+gC3103ryvXu0BtU+9z
PB9fZbJdftt38tPRf8Eh82k8PGoCKeBjfJlleIYHAoGBAMx0fUk8upeFNjOadO3P
znpninMfZzTqSuDPf+dqzb7gRlAcd0j97iQgPIg0T9NAKstLS7FoKmMARCdMcZaO
4SQ6fxplc7U7XWRRet1SUsG/7kGzsXOiyiKGFUqe0Z8x+13OzI8PbRF3QsEhNjNQ
3ycaerxdS9W/rk5c4ZYZpMG1
-----END PRIVATE KEY-----
', '2026-11-28 15:13:54+00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICu5Y3HQXh4tFfO7wt8P0t14YmUI0zdj/w7tFlREpPjw
-----END PRIVATE KEY-----
');
INSERT INTO public.actor_keys VALUES ('https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDhUA5AdGc83F9E
QlWGKXWWVYDhYUrmgEUtoga316D+ncEULeVjWX/mggYb20IeFr1bnLX/bzAotMz8
JCwk3PRWAD5V318rpRIy/UM2CKOVNQleWv1Ym6LNFcwEJBcyQaslt92BZBMmGbAj
sqgpOJCfeVBWhfRuoyxsJKhNQtbD9H2PeypaR6PP9rTX0cbIND+7xzV8KPSrLie5
SAtg7B6XHerLggwAZc91eHGTKxcAIE3SArblGHuZHfCQDICbfXic+gDG+6tKSkcJ
ZrwuOpopEpYjOGr3uMMwXECLt7tBnJuOQOlLSEBQHgDiURks1aS6ow+m3WrTZBmO
r1h+KN1nAgMBAAECggEAFXRajw+mfvibB7RrUWWkQUbuCUgK6kz/iVta2WmqdmRO
LN478AxnLetmqoNj1dqjeFRBTkvnoZCpzj6hh3cUuxW12dZ1yQGkbH+KRVxoOz58
IGR4qFXVmELBlQlcvhfbtLE/4eDGJAQhLh0GfzpYJx9Vo4+I2XonMjsBXa4GJk11
ZBsqb2MXrgxFMUEx2l12NcrgCS9WsE4Mhq7WWjIAarainQ6GmaUE/35Q/IzJ6Co0
0FIZqb6px9V6hL+auYqsS/xzaTpJMy6SFPGoXHlwVpktjRR87xeIPASCGoFNrG+4
ic4xcsSzveDUau1oB81KCGCmhDkYq2WbUnZrIm4rTQKBgQDxY9WhOSijHDrgcm2n
wKndcXvbRYEMpeQ1HxYUS8l8+EDgfrTkcvm8D3qaDj4DIyg44uplM2RQN87Xf78q
2hAFX+6HhY+AZA1fbWjgTFecndgKsATS2qFTUtUJziqCWSSZ4pWV+kiFsWC7q/24
D0de9UhUoHmDRImvfJ57bUIbgwKBgQDu8x2QvKK+R/hT6bvdFWSpKpngUCgLeoVg
H1v9uhJXQjualphKb1kOWiTLHY8Y3qq26Nz13zmnuA+E8XK/m5avKmPXC7yYSWs6
iRIMxo2xLeG0ZnZmBaYO7W9VdzO+xlJuW7UJj05ED+rFxAYtUPGS7Vf8hbgQ+Gmy
SZ7rgxhdTQKBgDV3W3YeZvXZ5uCX99nUPsuhu0FSH8dhZy6s+AL+1l4rzpLq/b4s
CUyyUQGWbf3b56jR+gD4ZRuvgM0SqpEfQ7UtDnRODP7vKlccsMIdpro17AhR/H+H
lXwTOMS3OYstm4HKQj+59B5Ir5hh/Aysta4+vgqgkMmWgLix7ZiBFsdpAoGBAOUl
P7UNMQRJAFt4SjA5085mjCoQtFZNqJoFeLJZPj1vxrj4shKvtTeOOrqOHiw7XHsL
1Nn0t9WfLULQSLp2+ooAnL4dAz8HKU15JVYbEsZWuZvGpsQvpo+qIppTNcw9Y89x
IquIQgYDPaFp2oKanQ/JjBceJOYhUzsmXsB7d2IBAoGAd33+riHioXOOsh8BbPBH
uMH+aHdbn7kS73iOgK8FLfCAdD5v49qHbbByKb9rkE74jQXiDpIlgZJqmGEnxewK
isQhTahQpwtTM+URWsEdWbNLY7COxyKYAi7ST+rCX/Lr8mVr6bpuKtx+Qr8KbHQt
bAi+7zLa2TdYG9vCd3U0KJ0=
-----END PRIVATE KEY-----
', '2026-11-28 15:13:54+00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIPsykhM6iReVSn6fDXzP3asZb322WrFLKMZ6FYJMR/IW
-----END PRIVATE KEY-----
');
INSERT INTO public.actors VALUES ('https://here.test/ap/instance', 'Application', true, 'here.test', 'instance', 'instance@here.test', 'Musterdorf', '', 'https://here.test/', 'https://here.test/ap/instance/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/instance/outbox', 'https://here.test/ap/instance/followers', '', '', '', 'https://here.test/ap/instance#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqlwSFXwZEXcSfsRXFcJ9
8BGIPovJoNZmR2g34gefgWSpAXwtj25ghXhxSkcjUhNYUDyS0lGa8XSb8xqhUGwJ
rXzfHs6UUkg63lG6GpALpmj48WIF97Nl9c8kpcojbdROwYeZfdi01jxE3pdGXgwT
jKTuKTCLyb9voO/V5xJSmcP9dR268L7nqXj93LPPl/Ndtkt5Mnu+G/K2w7pvPmiz
MUnY2Wi4EULXO8M4elXDOdJKapaTj9SoyVgA8fuCKJ9QIn6JaxwJ6jIqmOPIS+vJ
4S02BSH7OYIogs3DZT2G3qQtWjH/Q7Ee3KORGizZIo9dXKh07ueDtKShvbFt5HQm
uQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', false, '2026-11-28 15:13:54+00', NULL, NULL, '[{"id":"https://here.test/ap/instance#ed25519-key","type":"Multikey","controller":"https://here.test/ap/instance","publicKeyMultibase":"z6MkqkdpuSRbfSXNGfDxBbdJx9cjonVy5bnfwvvkwvD7xJnr"}]', NULL, '[]', NULL, false, false, 0, NULL);
INSERT INTO public.actors VALUES ('https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'Group', true, 'here.test', 'tsv', 'tsv@here.test', 'TSV', '<p><strong>Sport</strong> und „mehr“</p>', 'https://here.test/vereine/tsv', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7/outbox', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7/followers', '', '', '', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4VAOQHRnPNxfREJVhil1
llWA4WFK5oBFLaIGt9eg/p3BFC3lY1l/5oIGG9tCHha9W5y1/28wKLTM/CQsJNz0
VgA+Vd9fK6USMv1DNgijlTUJXlr9WJuizRXMBCQXMkGrJbfdgWQTJhmwI7KoKTiQ
n3lQVoX0bqMsbCSoTULWw/R9j3sqWkejz/a019HGyDQ/u8c1fCj0qy4nuUgLYOwe
lx3qy4IMAGXPdXhxkysXACBN0gK25Rh7mR3wkAyAm314nPoAxvurSkpHCWa8Ljqa
KRKWIzhq97jDMFxAi7e7QZybjkDpS0hAUB4A4lEZLNWkuqMPpt1q02QZjq9Yfijd
ZwIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', false, '2026-11-28 15:13:54+00', NULL, NULL, '[{"id":"https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7#ed25519-key","type":"Multikey","controller":"https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7","publicKeyMultibase":"z6MkurzEtJDYdJgVmqf5yLVuGFG37UHqMKwwxkPjwQ7Epc35"}]', NULL, '[]', NULL, false, false, 0, NULL);
INSERT INTO public.actors VALUES ('https://far.test/users/anna', 'Person', false, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', '', '', 'https://far.test/users/anna/inbox', '', '', 'https://far.test/users/anna/followers', '', '', '', '', '', '[]', '', 'active', false, '2026-01-02 03:04:05+00', '2026-02-03 04:05:06.123456+00', NULL, '[]', NULL, '[]', NULL, false, false, 0, NULL);
INSERT INTO public.audience VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO public.blocks VALUES ('bad.test', '2026-01-02 03:04:05+00', 'block', false, false, '', '', false, '', '', false);
INSERT INTO public.bun_migrations VALUES (1, '20261124000001', 1, '2026-11-28 15:13:54.516342+00');
INSERT INTO public.bun_migrations VALUES (2, '20261124000002', 1, '2026-11-28 15:13:54.521035+00');
INSERT INTO public.bun_migrations VALUES (3, '20261127000010', 1, '2026-11-28 15:13:54.522037+00');
INSERT INTO public.bun_migrations VALUES (4, '20261127000020', 1, '2026-11-28 15:13:54.523641+00');
INSERT INTO public.bun_migrations VALUES (5, '20261127000021', 1, '2026-11-28 15:13:54.52558+00');
INSERT INTO public.bun_migrations VALUES (6, '20261127000030', 1, '2026-11-28 15:13:54.529812+00');
INSERT INTO public.bun_migrations VALUES (7, '20261127000040', 1, '2026-11-28 15:13:54.531725+00');
INSERT INTO public.bun_migrations VALUES (8, '20261127000041', 1, '2026-11-28 15:13:54.532562+00');
INSERT INTO public.bun_migrations VALUES (9, '20261127000050', 1, '2026-11-28 15:13:54.597035+00');
INSERT INTO public.bun_migrations VALUES (10, '20261127000060', 1, '2026-11-28 15:13:54.597861+00');
INSERT INTO public.bun_migrations VALUES (11, '20261127000080', 1, '2026-11-28 15:13:54.599455+00');
INSERT INTO public.bun_migrations VALUES (12, '20261127000090', 1, '2026-11-28 15:13:54.600023+00');
INSERT INTO public.bun_migrations VALUES (13, '20261127000100', 1, '2026-11-28 15:13:54.601216+00');
INSERT INTO public.bun_migrations VALUES (14, '20261128000010', 1, '2026-11-28 15:13:54.604874+00');
INSERT INTO public.bun_migrations VALUES (15, '20261128000020', 1, '2026-11-28 15:13:54.608522+00');
INSERT INTO public.bun_migrations VALUES (16, '20261128000030', 1, '2026-11-28 15:13:54.609932+00');
INSERT INTO public.bun_migrations VALUES (17, '20261128000040', 1, '2026-11-28 15:13:54.612762+00');
INSERT INTO public.bun_migrations VALUES (18, '20261129000100', 1, '2026-11-28 15:13:54.6156+00');
INSERT INTO public.bun_migrations VALUES (19, '20261129000101', 1, '2026-11-28 15:13:54.618767+00');
INSERT INTO public.bun_migrations VALUES (20, '20261129000110', 1, '2026-11-28 15:13:54.624279+00');
INSERT INTO public.bun_migrations VALUES (21, '20261129000120', 1, '2026-11-28 15:13:54.625781+00');
INSERT INTO public.bun_migrations VALUES (22, '20261129000121', 1, '2026-11-28 15:13:54.630299+00');
INSERT INTO public.bun_migrations VALUES (23, '20261129000130', 1, '2026-11-28 15:13:54.634082+00');
INSERT INTO public.bun_migrations VALUES (24, '20261129000140', 1, '2026-11-28 15:13:54.636922+00');
INSERT INTO public.bun_migrations VALUES (25, '20261129000150', 1, '2026-11-28 15:13:54.640516+00');
INSERT INTO public.bun_migrations VALUES (26, '20261129000160', 1, '2026-11-28 15:13:54.642097+00');
INSERT INTO public.bun_migrations VALUES (27, '20261129000161', 1, '2026-11-28 15:13:54.643262+00');
INSERT INTO public.bun_migrations VALUES (28, '20261130000110', 1, '2026-11-28 15:13:54.643988+00');
INSERT INTO public.bun_migrations VALUES (29, '20261130000120', 1, '2026-11-28 15:13:54.644703+00');
INSERT INTO public.bun_migrations VALUES (30, '20261130000121', 1, '2026-11-28 15:13:54.646115+00');
INSERT INTO public.bun_migrations VALUES (31, '20261130000130', 1, '2026-11-28 15:13:54.650948+00');
INSERT INTO public.bun_migrations VALUES (32, '20261130000140', 1, '2026-11-28 15:13:54.654073+00');
INSERT INTO public.bun_migrations VALUES (33, '20261130000141', 1, '2026-11-28 15:13:54.656168+00');
INSERT INTO public.bun_migrations VALUES (34, '20261130000150', 1, '2026-11-28 15:13:54.660765+00');
INSERT INTO public.bun_migrations VALUES (35, '20261130000151', 1, '2026-11-28 15:13:54.66201+00');
INSERT INTO public.bun_migrations VALUES (36, '20261130000160', 1, '2026-11-28 15:13:54.66341+00');
INSERT INTO public.bun_migrations VALUES (37, '20261130000161', 1, '2026-11-28 15:13:54.664118+00');
INSERT INTO public.bun_migrations VALUES (38, '20261201000100', 1, '2026-11-28 15:13:54.665055+00');
INSERT INTO public.bun_migrations VALUES (39, '20261201000101', 1, '2026-11-28 15:13:54.666851+00');
INSERT INTO public.bun_migrations VALUES (40, '20261201000102', 1, '2026-11-28 15:13:54.66747+00');
INSERT INTO public.bun_migrations VALUES (41, '20261201000110', 1, '2026-11-28 15:13:54.669795+00');
INSERT INTO public.bun_migrations VALUES (42, '20261201000111', 1, '2026-11-28 15:13:54.671522+00');
INSERT INTO public.bun_migrations VALUES (43, '20261201000120', 1, '2026-11-28 15:13:54.67343+00');
INSERT INTO public.bun_migrations VALUES (44, '20261201000121', 1, '2026-11-28 15:13:54.674715+00');
INSERT INTO public.bun_migrations VALUES (45, '20261201000122', 1, '2026-11-28 15:13:54.676312+00');
INSERT INTO public.bun_migrations VALUES (46, '20261201000130', 1, '2026-11-28 15:13:54.678549+00');
INSERT INTO public.bun_migrations VALUES (47, '20261201000131', 1, '2026-11-28 15:13:54.679937+00');
INSERT INTO public.bun_migrations VALUES (48, '20261201000140', 1, '2026-11-28 15:13:54.684324+00');
INSERT INTO public.bun_migrations VALUES (49, '20261201000150', 1, '2026-11-28 15:13:54.689676+00');
INSERT INTO public.bun_migrations VALUES (50, '20261201000151', 1, '2026-11-28 15:13:54.692764+00');
INSERT INTO public.bun_migrations VALUES (51, '20261201000152', 1, '2026-11-28 15:13:54.695765+00');
INSERT INTO public.bun_migrations VALUES (52, '20261201000160', 1, '2026-11-28 15:13:54.701155+00');
INSERT INTO public.changes VALUES (1, '', '836');
INSERT INTO public.changes VALUES (2, '', '838');
INSERT INTO public.changes VALUES (3, '', '838');
INSERT INTO public.changes VALUES (4, '', '838');
INSERT INTO public.changes VALUES (5, 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', '841');
INSERT INTO public.changes VALUES (6, '', '841');
INSERT INTO public.changes VALUES (7, '/transparenz', '841');
INSERT INTO public.changes VALUES (8, '', '841');
INSERT INTO public.changes VALUES (9, '', '841');
INSERT INTO public.changes VALUES (10, '', '842');
INSERT INTO public.changes VALUES (11, '', '842');
INSERT INTO public.changes VALUES (12, '', '844');
INSERT INTO public.changes VALUES (13, '', '844');
INSERT INTO public.changes VALUES (14, '', '846');
INSERT INTO public.changes VALUES (15, '', '846');
INSERT INTO public.changes VALUES (16, '', '846');
INSERT INTO public.changes VALUES (17, '', '846');
INSERT INTO public.changes VALUES (18, 'https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', '848');
INSERT INTO public.changes VALUES (19, 'https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', '848');
INSERT INTO public.changes VALUES (20, '', '849');
INSERT INTO public.clubs VALUES ('https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', '**Sport** und „mehr“', '', '', NULL, '');
INSERT INTO public.deliveries VALUES (1, 'https://here.test/ap/activities/01a222b8-53c6-72bd-85e6-b44e9b01a8a6', 'https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 15:13:55+00', NULL, 0, '', '2026-11-28 15:13:55+00');
INSERT INTO public.deliveries VALUES (2, 'https://here.test/ap/activities/01a222b8-5421-730e-a08a-784122ebe1e5', 'https://here.test/ap/objects/01a222b8-5419-757d-b266-8d5bcdc9c0f0', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 15:13:55+00', NULL, 0, '', '2026-11-28 15:13:55+00');
INSERT INTO public.deliveries VALUES (3, 'https://here.test/ap/activities/01a222b8-547f-7748-ba1c-f7855e2ec443', 'https://here.test/ap/objects/01a222b8-5478-7744-807e-442edb69868d', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 15:13:55+00', NULL, 0, '', '2026-11-28 15:13:55+00');
INSERT INTO public.editors VALUES ('01a222b8-524f-79c9-8aef-e6730e5ae059', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'owner', '2026-11-28 15:13:55+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', 'operator', 'Create', '2026-11-28 15:13:55+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a222b8-5419-757d-b266-8d5bcdc9c0f0', 'operator', 'Create', '2026-11-28 15:13:55+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a222b8-5478-7744-807e-442edb69868d', 'operator', 'Create', '2026-11-28 15:13:55+00');
INSERT INTO public.events VALUES ('https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', '2027-07-10 17:00:00+00', '2027-07-10 21:00:00+00', 'Europe/Berlin', false, 'Marktplatz', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO public.events VALUES ('https://here.test/ap/objects/01a222b8-5419-757d-b266-8d5bcdc9c0f0', '2027-07-31 22:00:00+00', '2027-08-01 21:59:59+00', 'Europe/Berlin', true, '', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO public.follows VALUES ('https://far.test/follows/1', 'https://far.test/users/anna', 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'accepted', '2026-01-02 03:04:05+00');
INSERT INTO public.hosts VALUES ('slow.test', '2026-01-02 03:04:05+00', NULL, '', 3, 2, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO public.hosts VALUES ('far.test', '2026-11-28 15:13:55+00', NULL, '', 3, 0, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO public.inbox VALUES (1, 'https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '\x7b2274797065223a224c696b65227d', 'pending', 1, '2026-01-02 03:04:05+00', NULL, '', '', '2026-01-02 03:04:05+00', '');
INSERT INTO public.inbox VALUES (2, 'https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, NULL, '', '', '2026-01-02 03:04:05+00', '');
INSERT INTO public.ledger VALUES (1, '2026-11-28 15:13:54+00', 'operator', 'person.add', '', '01a222b8-524f-79c9-8aef-e6730e5ae059', 'townhall', '0a561aa562a6b0f0fdd0d6ad114bc471', '13ecbc70391a925883d378b0b41c3c7a', '74ce4a73777ecc8ae6370d17950ab92d40c2d36197bf788e20fab996e6f7570a');
INSERT INTO public.ledger VALUES (2, '2026-11-28 15:13:54+00', 'operator', 'club.add', 'tsv', '', '', 'f9b559ca596ad620dba6827307c725d7', '', 'c41effb0fc3afbff18d88fcb8cb9cd67a0488725048d77ecb76fc2f864dc1161');
INSERT INTO public.ledger VALUES (3, '2026-11-28 15:13:55+00', 'operator', 'club.editor', 'tsv', '01a222b8-524f-79c9-8aef-e6730e5ae059', 'owner', 'c45ed059c9a265a375ac687e1642b458', '06862720101b1e39fbb07705e16c6cd8', '502728fe9a3bc3d95611f2b2ea241bc3517e7865b3dbc55cf8294613d33b4de0');
INSERT INTO public.ledger VALUES (4, '2026-11-28 15:13:55+00', 'operator', 'town.text', 'impressum', '', 'de', 'e4c6daf190025f1980ecf49e25b14fce', '', 'f4164a215f1ed61a73124df4fd040d20deb9198ffdc5144556bbceeee9842a8a');
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', 'Event', true, 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'Sommerfest', '', '<p>Musik.</p>', 'Musik.', 'de', 'https://here.test/veranstaltungen/01a222b8-53be-77d0-8889-7e361459c37b', '', 'public', false, false, '2026-11-28 15:13:55+00', NULL, NULL, '2026-11-28 15:13:55+00', '', 0);
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a222b8-5419-757d-b266-8d5bcdc9c0f0', 'Event', true, 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', 'Ausflug', '', '', '', 'de', 'https://here.test/veranstaltungen/01a222b8-5419-757d-b266-8d5bcdc9c0f0', '', 'public', false, false, '2026-11-28 15:13:55+00', NULL, NULL, '2026-11-28 15:13:55+00', '', 0);
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a222b8-5478-7744-807e-442edb69868d', 'Note', true, 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', '', '', '<p>Schlüssel <em>gefunden</em> 😀</p>', 'Schlüssel *gefunden* 😀', 'de', 'https://here.test/pinnwand/01a222b8-5478-7744-807e-442edb69868d', '', 'public', false, false, '2026-11-28 15:13:55+00', NULL, NULL, '2026-11-28 15:13:55+00', '', 0);
INSERT INTO public.objects VALUES ('https://far.test/notes/1', 'Note', false, 'https://far.test/users/anna', '', '', '<p>Schön! 😀</p>', '', '', '', 'https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', 'public', false, false, '2026-01-02 03:04:05+00', NULL, NULL, NULL, '', 0);
INSERT INTO public.posts VALUES ('https://here.test/ap/objects/01a222b8-5478-7744-807e-442edb69868d', 'announcement', '2026-11-28 15:13:55+00');
INSERT INTO public.reactions VALUES ('Like', 'https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00', NULL);
INSERT INTO public.reports VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00', '', NULL, '', '', '', '', '', '', '');
INSERT INTO public.river_migration VALUES ('main', 1, '2026-11-28 15:13:54.701798+00');
INSERT INTO public.river_migration VALUES ('main', 2, '2026-11-28 15:13:54.703786+00');
INSERT INTO public.river_migration VALUES ('main', 3, '2026-11-28 15:13:54.708752+00');
INSERT INTO public.river_migration VALUES ('main', 4, '2026-11-28 15:13:54.709823+00');
INSERT INTO public.river_migration VALUES ('main', 5, '2026-11-28 15:13:54.71212+00');
INSERT INTO public.river_migration VALUES ('main', 6, '2026-11-28 15:13:54.718497+00');
INSERT INTO public.search_things VALUES (7662416128, 'https://here.test/ap/actors/01a222b8-529d-79ce-8c9c-91a0d233bae7', '''g0tsv'' ''g2mehr'' ''g2sport''');
INSERT INTO public.search_things VALUES (7745080320, 'https://here.test/ap/objects/01a222b8-53be-77d0-8889-7e361459c37b', '''e0sommerfest'' ''e1erfest'' ''e1est'' ''e1fest'' ''e1merfest'' ''e1rfest'' ''e2marktplatz'' ''e2musik'' ''e2tsv'' ''e3atz'' ''e3ktplatz'' ''e3latz'' ''e3platz'' ''e3tplatz''');
INSERT INTO public.search_things VALUES (7753205504, 'https://here.test/ap/objects/01a222b8-5419-757d-b266-8d5bcdc9c0f0', '''e0ausflug'' ''e1flug'' ''e1lug'' ''e2tsv''');
INSERT INTO public.search_things VALUES (7662416129, 'https://here.test/ap/objects/01a222b8-5478-7744-807e-442edb69868d', '''p0gefunden'' ''p0schlussel'' ''p1den'' ''p1lussel'' ''p1nden'' ''p1sel'' ''p1ssel'' ''p1unden'' ''p1ussel'' ''p2tsv''');
INSERT INTO public.settings VALUES ('a setting', 'its value');
INSERT INTO public.sign_in_links VALUES ('722fb8ab6fd7a9d3ca450efe22ebf813546d5fc4da826412f9e46ddda42e1029', '01a222b8-524f-79c9-8aef-e6730e5ae059', '2026-12-05 15:13:54+00');
INSERT INTO public.town_look VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', true, 'Rathaus', '', '2026-01-02 03:04:05+00');
INSERT INTO public.town_pictures VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0, 0.5, 'x');
INSERT INTO public.town_texts VALUES ('impressum', 'de', '2026-11-28 15:13:55+00', '## Rathaus', 'operator');
SELECT pg_catalog.setval('public.bun_migration_locks_id_seq', 1, false);
SELECT pg_catalog.setval('public.bun_migrations_id_seq', 52, true);
SELECT pg_catalog.setval('public.changes_seq_seq', 20, true);
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
ALTER TABLE ONLY public.commitments
    ADD CONSTRAINT commitments_pkey PRIMARY KEY (helper_id, shift_id);
ALTER TABLE ONLY public.data_requests
    ADD CONSTRAINT data_requests_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.factors
    ADD CONSTRAINT factors_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_pkey PRIMARY KEY (actor_id, object_id);
ALTER TABLE ONLY public.helper_messages
    ADD CONSTRAINT helper_messages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.helpers
    ADD CONSTRAINT helpers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hints
    ADD CONSTRAINT hints_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.host_lists
    ADD CONSTRAINT host_lists_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.host_software
    ADD CONSTRAINT host_software_pkey PRIMARY KEY (host);
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
ALTER TABLE ONLY public.mandates
    ADD CONSTRAINT mandates_pkey PRIMARY KEY (account_id, actor_id);
ALTER TABLE ONLY public.modules_off
    ADD CONSTRAINT modules_off_pkey PRIMARY KEY (kind);
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
ALTER TABLE ONLY public.opportunities
    ADD CONSTRAINT opportunities_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.orphans
    ADD CONSTRAINT orphans_pkey PRIMARY KEY (actor_id);
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id);
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.place_codes
    ADD CONSTRAINT place_codes_pkey PRIMARY KEY (code, place_id);
ALTER TABLE ONLY public.place_home
    ADD CONSTRAINT place_home_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.place_names
    ADD CONSTRAINT place_names_pkey PRIMARY KEY (fold, place_id);
ALTER TABLE ONLY public.place_sources
    ADD CONSTRAINT place_sources_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.places
    ADD CONSTRAINT places_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY public.restrictions
    ADD CONSTRAINT restrictions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (name);
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
ALTER TABLE ONLY public.saved_search_hits
    ADD CONSTRAINT saved_search_hits_pkey PRIMARY KEY (search_id, object_id);
ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.search_due
    ADD CONSTRAINT search_due_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.search_points_due
    ADD CONSTRAINT search_points_due_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.search_points
    ADD CONSTRAINT search_points_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.search_things
    ADD CONSTRAINT search_things_id_key UNIQUE (id);
ALTER TABLE ONLY public.search_things
    ADD CONSTRAINT search_things_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.shifts
    ADD CONSTRAINT shifts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (list, key);
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
ALTER TABLE ONLY public.town_voice
    ADD CONSTRAINT town_voice_pkey PRIMARY KEY (id);
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
CREATE INDEX actors_merged ON public.actors USING btree (moved_to) WHERE (merged IS NOT NULL);
CREATE INDEX address_changes_old ON public.address_changes USING btree (old_email);
CREATE INDEX address_changes_stop ON public.address_changes USING btree (stop_hash);
CREATE INDEX applications_account ON public.applications USING btree (account_id);
CREATE INDEX audience_recipient ON public.audience USING btree (recipient);
CREATE INDEX ceremonies_expires ON public.ceremonies USING btree (expires);
CREATE INDEX changes_xid ON public.changes USING btree (xid);
CREATE INDEX club_blocks_target ON public.club_blocks USING btree (target);
CREATE INDEX clubs_field ON public.clubs USING btree (field, actor_id);
CREATE INDEX commitments_shift ON public.commitments USING btree (opportunity_id, shift_id, state, seq);
CREATE INDEX commitments_starts ON public.commitments USING btree (starts_at) WHERE (reminded IS NULL);
CREATE INDEX data_requests_open ON public.data_requests USING btree (due) WHERE (outcome = ''::text);
CREATE INDEX data_requests_token ON public.data_requests USING btree (token_hash);
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
CREATE INDEX erasures_at ON public.erasures USING btree (at);
CREATE INDEX events_category ON public.events USING btree (category, start_time);
CREATE INDEX events_ends ON public.events USING btree (COALESCE(end_time, start_time), start_time);
CREATE INDEX events_place ON public.events USING btree (place, start_time);
CREATE INDEX events_start_time ON public.events USING btree (start_time);
CREATE INDEX follows_id ON public.follows USING btree (id);
CREATE INDEX follows_object ON public.follows USING btree (object_id, state);
CREATE INDEX helper_messages_created ON public.helper_messages USING btree (created);
CREATE INDEX helper_messages_helper ON public.helper_messages USING btree (helper_id, created, id);
CREATE INDEX helpers_account ON public.helpers USING btree (account_id) WHERE (account_id <> ''::text);
CREATE INDEX helpers_club ON public.helpers USING btree (club_id, state);
CREATE INDEX helpers_email ON public.helpers USING btree (email) WHERE (email <> ''::text);
CREATE UNIQUE INDEX helpers_once_account ON public.helpers USING btree (opportunity_id, account_id) WHERE ((account_id <> ''::text) AND (state = ANY (ARRAY['asked'::text, 'talking'::text, 'accepted'::text])));
CREATE UNIQUE INDEX helpers_once_email ON public.helpers USING btree (opportunity_id, email) WHERE ((email <> ''::text) AND (state = ANY (ARRAY['asked'::text, 'talking'::text, 'accepted'::text])));
CREATE INDEX helpers_opportunity ON public.helpers USING btree (opportunity_id, created, id);
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
CREATE INDEX mandates_actor ON public.mandates USING btree (actor_id);
CREATE INDEX objects_attributed_to ON public.objects USING btree (attributed_to, published);
CREATE INDEX objects_in_reply_to ON public.objects USING btree (in_reply_to, published) WHERE (in_reply_to <> ''::text);
CREATE INDEX objects_type ON public.objects USING btree (type, local, published);
CREATE INDEX opportunities_context ON public.opportunities USING btree (context) WHERE (context <> ''::text);
CREATE INDEX opportunities_newest ON public.opportunities USING btree (status, published, object_id);
CREATE INDEX opportunities_until ON public.opportunities USING btree (until) WHERE (status = ANY (ARRAY['open'::text, 'filled'::text]));
CREATE INDEX passkeys_account ON public.passkeys USING btree (account_id);
CREATE INDEX pins_actor ON public.pins USING btree (actor_id, "position");
CREATE INDEX place_codes_place ON public.place_codes USING btree (place_id);
CREATE INDEX place_names_place ON public.place_names USING btree (place_id);
CREATE INDEX places_latitude ON public.places USING btree (latitude, longitude);
CREATE INDEX places_source ON public.places USING btree (source, version);
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
CREATE INDEX saved_search_hits_sent ON public.saved_search_hits USING btree (sent);
CREATE INDEX saved_searches_account ON public.saved_searches USING btree (account_id);
CREATE INDEX saved_searches_email ON public.saved_searches USING btree (email) WHERE (email <> ''::text);
CREATE INDEX saved_searches_told ON public.saved_searches USING btree (told) WHERE (confirmed IS NOT NULL);
CREATE INDEX search_points_anywhere ON public.search_points USING btree (object_id) WHERE (remote OR (latitude IS NULL));
CREATE INDEX search_points_latitude ON public.search_points USING btree (latitude, longitude);
CREATE INDEX search_words ON public.search_things USING gin (words);
CREATE INDEX sessions_account ON public.sessions USING btree (account_id);
CREATE INDEX sessions_expires ON public.sessions USING btree (expires);
CREATE INDEX shifts_opportunity ON public.shifts USING btree (opportunity_id, starts_at, id);
CREATE INDEX templates_club ON public.templates USING btree (actor_id, name);
CREATE INDEX templates_held ON public.templates USING btree (held);
CREATE UNIQUE INDEX terms_slug ON public.terms USING btree (list, slug);
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
CREATE TRIGGER changes_decisions_any AFTER INSERT OR DELETE OR UPDATE ON public.decisions FOR EACH STATEMENT EXECUTE FUNCTION public.changes_openness();
CREATE TRIGGER changes_events_update AFTER UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION public.changes_parts();
CREATE TRIGGER changes_follows_any AFTER INSERT OR DELETE ON public.follows FOR EACH ROW EXECUTE FUNCTION public.changes_follows();
CREATE TRIGGER changes_follows_update AFTER UPDATE ON public.follows FOR EACH ROW WHEN ((old.state <> new.state)) EXECUTE FUNCTION public.changes_follows();
CREATE TRIGGER changes_host_software_any AFTER INSERT OR DELETE ON public.host_software FOR EACH STATEMENT EXECUTE FUNCTION public.changes_openness();
CREATE TRIGGER changes_host_software_update AFTER UPDATE ON public.host_software FOR EACH ROW WHEN ((old.software <> new.software)) EXECUTE FUNCTION public.changes_openness();
CREATE TRIGGER changes_modules_off_any AFTER INSERT OR DELETE OR UPDATE ON public.modules_off FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_objections_any AFTER INSERT OR DELETE OR UPDATE ON public.objections FOR EACH STATEMENT EXECUTE FUNCTION public.changes_openness();
CREATE TRIGGER changes_objects_delete AFTER DELETE ON public.objects FOR EACH ROW WHEN ((old.local OR (old.in_reply_to <> ''::text))) EXECUTE FUNCTION public.changes_objects();
CREATE TRIGGER changes_objects_insert AFTER INSERT ON public.objects FOR EACH ROW WHEN ((new.local OR (new.in_reply_to <> ''::text))) EXECUTE FUNCTION public.changes_objects();
CREATE TRIGGER changes_objects_update AFTER UPDATE ON public.objects FOR EACH ROW WHEN ((new.local OR (new.in_reply_to <> ''::text))) EXECUTE FUNCTION public.changes_objects();
CREATE TRIGGER changes_opportunities_any AFTER INSERT OR UPDATE ON public.opportunities FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_opportunities_elsewhere AFTER UPDATE ON public.objects FOR EACH ROW WHEN (((new.type = 'Opportunity'::text) AND (NOT new.local))) EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_pins_any AFTER INSERT OR DELETE OR UPDATE ON public.pins FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_place_home_delete AFTER DELETE ON public.place_home FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_place_home_insert AFTER INSERT ON public.place_home FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_place_home_update AFTER UPDATE ON public.place_home FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_place_sources_delete AFTER DELETE ON public.place_sources FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_place_sources_insert AFTER INSERT ON public.place_sources FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_place_sources_update AFTER UPDATE ON public.place_sources FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_points_insert AFTER INSERT ON public.search_points FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_points_update AFTER UPDATE ON public.search_points FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_posts_any AFTER INSERT OR UPDATE ON public.posts FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_reactions_any AFTER INSERT OR DELETE ON public.reactions FOR EACH ROW EXECUTE FUNCTION public.changes_reactions();
CREATE TRIGGER changes_reports_any AFTER INSERT OR DELETE OR UPDATE ON public.reports FOR EACH STATEMENT EXECUTE FUNCTION public.changes_openness();
CREATE TRIGGER changes_retention_any AFTER INSERT OR DELETE OR UPDATE ON public.retention FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_shifts_any AFTER INSERT OR DELETE OR UPDATE ON public.shifts FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_terms_any AFTER INSERT OR DELETE OR UPDATE ON public.terms FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_facts_any AFTER INSERT OR DELETE OR UPDATE ON public.town_facts FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_look_any AFTER INSERT OR DELETE OR UPDATE ON public.town_look FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_pictures_any AFTER INSERT OR DELETE OR UPDATE ON public.town_pictures FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_texts_any AFTER INSERT OR DELETE ON public.town_texts FOR EACH ROW EXECUTE FUNCTION public.changes_all();
CREATE TRIGGER changes_town_voice_any AFTER INSERT OR DELETE OR UPDATE ON public.town_voice FOR EACH STATEMENT EXECUTE FUNCTION public.changes_all();
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
CREATE TRIGGER search_points_insert AFTER INSERT ON public.opportunities FOR EACH ROW EXECUTE FUNCTION public.search_points_again();
CREATE TRIGGER search_points_update AFTER UPDATE ON public.opportunities FOR EACH ROW WHEN (((new.place IS DISTINCT FROM old.place) OR (new.latitude IS DISTINCT FROM old.latitude) OR (new.longitude IS DISTINCT FROM old.longitude) OR (new.remote IS DISTINCT FROM old.remote))) EXECUTE FUNCTION public.search_points_again();
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
ALTER TABLE ONLY public.commitments
    ADD CONSTRAINT commitments_helper_id_fkey FOREIGN KEY (helper_id) REFERENCES public.helpers(id) ON DELETE CASCADE;
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
ALTER TABLE ONLY public.helper_messages
    ADD CONSTRAINT helper_messages_helper_id_fkey FOREIGN KEY (helper_id) REFERENCES public.helpers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mandates
    ADD CONSTRAINT mandates_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mandates
    ADD CONSTRAINT mandates_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.notice_marks
    ADD CONSTRAINT notice_marks_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.opportunities
    ADD CONSTRAINT opportunities_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.orphans
    ADD CONSTRAINT orphans_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.place_codes
    ADD CONSTRAINT place_codes_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.place_names
    ADD CONSTRAINT place_names_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.places
    ADD CONSTRAINT places_source_fkey FOREIGN KEY (source) REFERENCES public.place_sources(name) ON DELETE CASCADE;
ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.river_client_queue
    ADD CONSTRAINT river_client_queue_river_client_id_fkey FOREIGN KEY (river_client_id) REFERENCES public.river_client(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.saved_search_hits
    ADD CONSTRAINT saved_search_hits_search_id_fkey FOREIGN KEY (search_id) REFERENCES public.saved_searches(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.search_points
    ADD CONSTRAINT search_points_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.shifts
    ADD CONSTRAINT shifts_opportunity_id_fkey FOREIGN KEY (opportunity_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.told
    ADD CONSTRAINT told_activity_id_fkey FOREIGN KEY (activity_id) REFERENCES public.deletions(activity_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.town_voice
    ADD CONSTRAINT town_voice_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;
