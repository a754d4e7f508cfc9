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
CREATE TABLE public.direct_notes (
    id text NOT NULL,
    opportunity_id text NOT NULL,
    actor_id text NOT NULL,
    helper_id text,
    message_id text DEFAULT ''::text NOT NULL,
    by_club boolean NOT NULL,
    created timestamp with time zone NOT NULL
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
CREATE TABLE public.help_agents (
    account_id text NOT NULL,
    by_account text DEFAULT ''::text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.help_consents (
    account_id text NOT NULL,
    club_id text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.help_figures (
    month text NOT NULL,
    what text NOT NULL,
    n integer NOT NULL
);
CREATE TABLE public.help_notes (
    id text NOT NULL,
    account_id text NOT NULL,
    by_account text DEFAULT ''::text NOT NULL,
    content text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.help_offers (
    account_id text NOT NULL,
    id text NOT NULL,
    about text NOT NULL,
    skills text DEFAULT ''::text NOT NULL,
    fields text DEFAULT ''::text NOT NULL,
    languages text DEFAULT ''::text NOT NULL,
    times text DEFAULT ''::text NOT NULL,
    weekdays integer DEFAULT 0 NOT NULL,
    dayparts integer DEFAULT 0 NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    latitude double precision,
    longitude double precision,
    radius integer DEFAULT 0 NOT NULL,
    home boolean DEFAULT false NOT NULL,
    young boolean DEFAULT false NOT NULL,
    several boolean DEFAULT false NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    public boolean DEFAULT false NOT NULL,
    state text NOT NULL,
    created timestamp with time zone NOT NULL,
    changed timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    asked timestamp with time zone,
    ended timestamp with time zone
);
CREATE TABLE public.help_proposals (
    id text NOT NULL,
    account_id text NOT NULL,
    opportunity_id text DEFAULT ''::text NOT NULL,
    club_id text NOT NULL,
    title text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    by_club boolean DEFAULT false NOT NULL,
    by_account text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    created timestamp with time zone NOT NULL,
    decided timestamp with time zone
);
CREATE TABLE public.helper_messages (
    id text NOT NULL,
    helper_id text NOT NULL,
    kind text NOT NULL,
    by_club boolean NOT NULL,
    content text DEFAULT ''::text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.helper_receipts (
    id text NOT NULL,
    helper_id text NOT NULL,
    act_id text NOT NULL,
    kind text NOT NULL,
    accepted boolean NOT NULL,
    body bytea NOT NULL,
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
    ended timestamp with time zone,
    actor_id text DEFAULT ''::text NOT NULL,
    door text DEFAULT ''::text NOT NULL,
    origin_id text DEFAULT ''::text NOT NULL,
    contact text DEFAULT ''::text NOT NULL,
    told text DEFAULT ''::text NOT NULL,
    told_seq integer DEFAULT 0 NOT NULL
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
    asked timestamp with time zone,
    edited timestamp with time zone,
    untold timestamp with time zone
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
CREATE TABLE public.peer_objects (
    object_id text NOT NULL,
    host text NOT NULL,
    scope text NOT NULL,
    held boolean NOT NULL
);
CREATE TABLE public.peers (
    host text NOT NULL,
    actor_id text NOT NULL,
    state text NOT NULL,
    terms boolean NOT NULL,
    follow_id text DEFAULT ''::text NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    their_purpose text DEFAULT ''::text NOT NULL,
    asks text DEFAULT ''::text NOT NULL,
    gives text DEFAULT ''::text NOT NULL,
    their_asks text DEFAULT ''::text NOT NULL,
    their_gives text DEFAULT ''::text NOT NULL,
    trusted boolean NOT NULL,
    created timestamp with time zone NOT NULL,
    since timestamp with time zone,
    paused timestamp with time zone,
    their_paused timestamp with time zone,
    due timestamp with time zone,
    due_after text DEFAULT ''::text NOT NULL,
    clubs_told timestamp with time zone,
    heard timestamp with time zone,
    probed timestamp with time zone,
    software text DEFAULT ''::text NOT NULL,
    clock integer DEFAULT 0 NOT NULL,
    fault text DEFAULT ''::text NOT NULL
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
CREATE TABLE public.pledge_acts (
    id text NOT NULL,
    pledge_id text NOT NULL,
    kind text NOT NULL,
    shift_id text DEFAULT ''::text NOT NULL,
    content text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    created timestamp with time zone NOT NULL,
    answered timestamp with time zone,
    receipt bytea
);
CREATE TABLE public.pledges (
    id text NOT NULL,
    account_id text NOT NULL,
    actor_id text NOT NULL,
    opportunity_id text NOT NULL,
    club_id text NOT NULL,
    title text NOT NULL,
    club text NOT NULL,
    name text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    standing text DEFAULT ''::text NOT NULL,
    number integer DEFAULT 0 NOT NULL,
    created timestamp with time zone NOT NULL,
    changed timestamp with time zone NOT NULL,
    ended timestamp with time zone
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
CREATE TABLE public.residents (
    account_id text NOT NULL,
    actor_id text NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE public.restrictions (
    id text NOT NULL,
    contact text NOT NULL,
    account_id text NOT NULL,
    actor_id text NOT NULL,
    by_account text NOT NULL,
    created timestamp with time zone NOT NULL,
    ends timestamp with time zone
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
CREATE TABLE public.town_words (
    id text NOT NULL,
    address text NOT NULL,
    clubs text NOT NULL,
    sign text NOT NULL,
    changed timestamp with time zone NOT NULL
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
INSERT INTO public.accounts VALUES ('01a22390-9726-7c64-ada0-63033fb6f2ee', 'anna@here.test', 'Anna', 'townhall', '', '2026-11-28 19:10:08+00', 'FVNQGUK5UOXKELDLRFLVDGIXYT', NULL);
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a22390-9927-767f-a9f4-6720b2c22d49', 'Create', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323339302d393932372d373637662d613966342d363732306232633232643439222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d393931372d376137332d393739612d333062383238356638386237222c2274797065223a224576656e74222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c226e616d65223a22536f6d6d657266657374222c2273756d6d617279223a225c7530303363705c753030336553612e2c2031302e204a756c6920323032372c20313920626973203233205568722c204d61726b74706c61747a5c75303033632f705c7530303365222c22636f6e74656e74223a225c7530303363705c75303033654d7573696b2e5c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a225c7530303363705c75303033654d7573696b2e5c75303033632f705c7530303365227d2c2275726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323339302d393931372d376137332d393739612d333062383238356638386237222c227075626c6973686564223a22323032362d31312d32385431393a31303a30385a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d393931372d376137332d393739612d3330623832383566383862372f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d393931372d376137332d393739612d3330623832383566383862372f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d393931372d376137332d393739612d3330623832383566383862372f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22737461727454696d65223a22323032372d30372d31305431393a30303a30302b30323a3030222c22656e6454696d65223a22323032372d30372d31305432333a30303a30302b30323a3030222c2274696d657a6f6e65223a224575726f70652f4265726c696e222c226c6f636174696f6e223a7b226964223a2268747470733a2f2f686572652e746573742f61702f706c616365732f5457467961335277624746306567222c2274797065223a22506c616365222c226e616d65223a224d61726b74706c61747a227d2c2263617465676f7279223a224d454554494e47222c22696e4c616e6775616765223a226465222c22737461747573223a22434f4e4649524d4544222c226576656e74537461747573223a224576656e745363686564756c6564222c226a6f696e4d6f6465223a2265787465726e616c222c2265787465726e616c50617274696369706174696f6e55726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323339302d393931372d376137332d393739612d333062383238356638386237222c227061727469636970616e74436f756e74223a302c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a66616c73652c2269734f6e6c696e65223a66616c73652c22636f6d6d656e7473456e61626c6564223a747275652c226472616674223a66616c73652c226f7267616e697a657273223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d393931372d376137332d393739612d3330623832383566383862372f6f7267616e697a657273222c2274797065223a22436f6c6c656374696f6e222c22746f74616c4974656d73223a312c226974656d73223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434225d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d3364383062376531623634342f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d3364383062376531623634342f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431393a31303a30385a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d33643830623765316236343423656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431393a31303a30385a222c2270726f6f6656616c7565223a227a6d48484e437878786f4b45756a48665356484d6d64686f6d5a3731576a64734873513466414c337a6769694a72317a4778375276704e7142514e517739586b6d6d38517071384578736e67583354357a644e6d48323141227d7d', '2026-11-28 19:10:08+00');
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a22390-9a1d-704f-b5ba-588d98d6851d', 'Create', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'https://here.test/ap/objects/01a22390-9a09-7d6e-9d9d-e41dcf8b4a1f', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323339302d396131642d373034662d623562612d353838643938643638353164222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396130392d376436652d396439642d653431646366386234613166222c2274797065223a224576656e74222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c226e616d65223a22417573666c7567222c2273756d6d617279223a225c7530303363705c7530303365536f2e2c20312e2041756775737420323032375c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a22227d2c2275726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323339302d396130392d376436652d396439642d653431646366386234613166222c227075626c6973686564223a22323032362d31312d32385431393a31303a30385a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396130392d376436652d396439642d6534316463663862346131662f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396130392d376436652d396439642d6534316463663862346131662f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396130392d376436652d396439642d6534316463663862346131662f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22737461727454696d65223a22323032372d30382d30315430303a30303a30302b30323a3030222c22656e6454696d65223a22323032372d30382d30315432333a35393a35392b30323a3030222c2274696d657a6f6e65223a224575726f70652f4265726c696e222c2263617465676f7279223a224d454554494e47222c22696e4c616e6775616765223a226465222c22737461747573223a22434f4e4649524d4544222c226576656e74537461747573223a224576656e745363686564756c6564222c226a6f696e4d6f6465223a2265787465726e616c222c2265787465726e616c50617274696369706174696f6e55726c223a2268747470733a2f2f686572652e746573742f766572616e7374616c74756e67656e2f30316132323339302d396130392d376436652d396439642d653431646366386234613166222c227061727469636970616e74436f756e74223a302c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a66616c73652c2269734f6e6c696e65223a66616c73652c22636f6d6d656e7473456e61626c6564223a747275652c226472616674223a66616c73652c226f7267616e697a657273223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396130392d376436652d396439642d6534316463663862346131662f6f7267616e697a657273222c2274797065223a22436f6c6c656374696f6e222c22746f74616c4974656d73223a312c226974656d73223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434225d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d3364383062376531623634342f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d3364383062376531623634342f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431393a31303a30385a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c22506f7374616c41646472657373223a2273633a506f7374616c41646472657373222c2261646472657373223a2273633a61646472657373222c2261646472657373436f756e747279223a2273633a61646472657373436f756e747279222c22616464726573734c6f63616c697479223a2273633a616464726573734c6f63616c697479222c2261646472657373526567696f6e223a2273633a61646472657373526567696f6e222c22616e6f6e796d6f757350617274696369706174696f6e456e61626c6564223a226d7a3a616e6f6e796d6f757350617274696369706174696f6e456e61626c6564222c22617474656e64656573223a7b22406964223a2265763a617474656e64656573222c224074797065223a22406964227d2c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c2263617465676f7279223a2273633a63617465676f7279222c22636f6d6d656e7473456e61626c6564223a2270743a636f6d6d656e7473456e61626c6564222c22646973706c6179456e6454696d65223a2265763a646973706c6179456e6454696d65222c226472616674223a226d7a3a6472616674222c226576223a2268747470733a2f2f773369642e6f72672f6665702f386138652f222c226576656e74537461747573223a7b22406964223a2265763a6576656e74537461747573222c224074797065223a2240766f636162227d2c2265787465726e616c50617274696369706174696f6e55726c223a226d7a3a65787465726e616c50617274696369706174696f6e55726c222c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c226963616c223a22687474703a2f2f7777772e77332e6f72672f323030322f31322f63616c2f6963616c23222c22696e4c616e6775616765223a2273633a696e4c616e6775616765222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2269734f6e6c696e65223a226d7a3a69734f6e6c696e65222c226a6f696e4d6f6465223a226d7a3a6a6f696e4d6f6465222c226d6178696d756d417474656e6465654361706163697479223a2273633a6d6178696d756d417474656e6465654361706163697479222c226d7a223a2268747470733a2f2f6a6f696e6d6f62696c697a6f6e2e6f72672f6e7323222c226f7267616e697a657273223a7b22406964223a2265763a6f7267616e697a657273222c224074797065223a22406964227d2c227061727469636970616e74436f756e74223a226d7a3a7061727469636970616e74436f756e74222c22706f7374616c436f6465223a2273633a706f7374616c436f6465222c227074223a2268747470733a2f2f6a6f696e70656572747562652e6f72672f6e7323222c227363223a22687474703a2f2f736368656d612e6f726723222c2273656e736974697665223a2261733a73656e736974697665222c22737461747573223a226963616c3a737461747573222c2273747265657441646472657373223a2273633a73747265657441646472657373222c2274696d657a6f6e65223a226d7a3a74696d657a6f6e65222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d33643830623765316236343423656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431393a31303a30385a222c2270726f6f6656616c7565223a227a344e6f4870474e4c773933376f6e594c6458664865787a4e70387931387a6e585556726662356447587a535a586473774a744c514b61387270676d5a78704b794a7233466e39384a4152627971316e414a466437516e7254227d7d', '2026-11-28 19:10:08+00');
INSERT INTO public.activities VALUES ('https://here.test/ap/activities/01a22390-9b33-74cc-8e5b-b4b23db3c02b', 'Create', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'https://here.test/ap/objects/01a22390-9b0b-73b0-8451-77175ce7bcfe', true, '\x7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2273656e736974697665223a2261733a73656e736974697665222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c226964223a2268747470733a2f2f686572652e746573742f61702f616374697669746965732f30316132323339302d396233332d373463632d386535622d623462323364623363303262222c2274797065223a22437265617465222c226163746f72223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c226f626a656374223a7b226964223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396230622d373362302d383435312d373731373563653762636665222c2274797065223a224e6f7465222c2261747472696275746564546f223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d336438306237653162363434222c22636f6e74656e74223a225c7530303363705c75303033655363686cc3bc7373656c205c7530303363656d5c7530303365676566756e64656e5c75303033632f656d5c753030336520f09f98805c75303033632f705c7530303365222c22636f6e74656e744d6170223a7b226465223a225c7530303363705c75303033655363686cc3bc7373656c205c7530303363656d5c7530303365676566756e64656e5c75303033632f656d5c753030336520f09f98805c75303033632f705c7530303365227d2c2275726c223a2268747470733a2f2f686572652e746573742f70696e6e77616e642f30316132323339302d396230622d373362302d383435312d373731373563653762636665222c227075626c6973686564223a22323032362d31312d32385431393a31303a30395a222c227265706c696573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396230622d373362302d383435312d3737313735636537626366652f7265706c696573222c226c696b6573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396230622d373362302d383435312d3737313735636537626366652f6c696b6573222c22736861726573223a2268747470733a2f2f686572652e746573742f61702f6f626a656374732f30316132323339302d396230622d373362302d383435312d3737313735636537626366652f736861726573222c22696e746572616374696f6e506f6c696379223a7b2263616e51756f7465223a7b226175746f6d61746963417070726f76616c223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d7d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d3364383062376531623634342f666f6c6c6f77657273225d2c22746167223a5b5d2c226174746163686d656e74223a5b5d7d2c22746f223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73235075626c6963225d2c226363223a5b2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d3364383062376531623634342f666f6c6c6f77657273225d2c227075626c6973686564223a22323032362d31312d32385431393a31303a30395a222c2270726f6f66223a7b2240636f6e74657874223a5b2268747470733a2f2f7777772e77332e6f72672f6e732f616374697669747973747265616d73222c7b2248617368746167223a2261733a48617368746167222c226175746f6d61746963417070726f76616c223a7b22406964223a226774733a6175746f6d61746963417070726f76616c222c224074797065223a22406964227d2c22626c757268617368223a22746f6f743a626c757268617368222c2263616e51756f7465223a7b22406964223a226774733a63616e51756f7465222c224074797065223a22406964227d2c22666f63616c506f696e74223a7b2240636f6e7461696e6572223a22406c697374222c22406964223a22746f6f743a666f63616c506f696e74227d2c22677473223a2268747470733a2f2f676f746f736f6369616c2e6f72672f6e7323222c22696e746572616374696f6e506f6c696379223a7b22406964223a226774733a696e746572616374696f6e506f6c696379222c224074797065223a22406964227d2c2273656e736974697665223a2261733a73656e736974697665222c22746f6f74223a22687474703a2f2f6a6f696e6d6173746f646f6e2e6f72672f6e7323227d2c2268747470733a2f2f773369642e6f72672f73656375726974792f646174612d696e746567726974792f7631225d2c2274797065223a2244617461496e7465677269747950726f6f66222c2263727970746f7375697465223a2265646473612d6a63732d32303232222c22766572696669636174696f6e4d6574686f64223a2268747470733a2f2f686572652e746573742f61702f6163746f72732f30316132323339302d393562352d373730642d386431632d33643830623765316236343423656432353531392d6b6579222c2270726f6f66507572706f7365223a22617373657274696f6e4d6574686f64222c2263726561746564223a22323032362d31312d32385431393a31303a30395a222c2270726f6f6656616c7565223a227a3478736641694b335457514b726a483137764e393236723355486b6b526475796255545a796e794462674770435a613435723142337a454e62337339794a79474b72395956505432614338345452656373456e3466755075227d7d', '2026-11-28 19:10:09+00');
INSERT INTO public.actor_keys VALUES ('https://here.test/ap/instance', '-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCfA6Q8tKZ3ZJoA
JC/GpwX41s7mykM/i9ZZr+2INNVpqgA5RPkuOfSBk9EVCowjuIGspCBDpAooMplm
uwIn/QpNV69/7T3AL3Y6JJwt+EU/QnP6we6h8s62gjUCdyIrgbQavRVmh271DRin
13DBPlwuQ6Y7cyXb+UqFGoJFX+vBv/KTa69gybRUqP2Il+94A1qMCRlML/LfR6y1
/FgKbqALefRYx2UgrBc2prsUCa109Levh0pvCJar41xbHl5JrHtTWCPArB26At7/
JwbbsGGW5dKX1iE+yjBGerLvIYp884UUxzdAsBV/dOXD8IOU0kNIz4ofTQ1vUxC7
t6gQJd2lAgMBAAECggEAAuFLATp4ZWMyEtyU7PErf4VMfAufyi/bMwans7bZQq+s
j1z7cmXkUtB9kfb98MuvtZPHbdIzyOSZuK2cbWL848e5ywReAPQbHRR6q656epnW
he0rSE2ghte25BOKT+VqgK16DMBZNyEEmE2joixh+QiKozsDrYdHXT/MqjsBhyHO
kKR/8lflV9lg1wY/WfWpiB9Qcolv31nfD/D+eTqDA1PjgXNUCyiKCVnI/2DSRqbl
cNgAHRtsWxoNo6ufvLMB+yBAnFlU6agPnnfgtHNJDjD1hshAR1Xz/dUI68WXeTLC
pz0oJi5ORYWsWuyzMgdFJK5yrQTVHWOGLjmkS0FTYQKBgQDNUNm/trKoJ9N1aM6i
/kwD3P3PH8U+HGji98hKLw8LXBKiKAhyUdUjrJbq0fvgZl2ZY2TLsDlN/vDF9EBk
RHLqfzJmNiSgmhykaA6UDh3oErdzseHIVxf0Zme4AzyBlg0THqsVAJSpm7NrwefW
Pq0yuAT0hvMds7f24EUAy1YUrQKBgQDGRLZ5FHL9kIiazPNF9fBil5G+qtMAgcsS
rgQWAR5lfPVEh7JVQ5tiatP/dFgQ5BDzpp7yGwAkHTkq15sH+B/BHCF72QujTPrf
rdlvf0lA6HbliC+ksbqTDVvuBeFQw+lH5+qpZwuUeQLZ2h+DH7ITYTdrp43iUEe6
zQlLamuT2QKBgG1pJGCRj2skrf7nNxaMxR1Z6rcxiv6qTQqGWGmP4kh/bD6Vbsrc
6OP12QaRl9PhOQfAe7o/0onJzazvmFDWWRa1abomKCadeZ3zBbHIRA+jybcRl+wW
3WEUITliICA+QgFqWmj6wj4QBvDpiA4XoFxiy+Ey+ONfHi2lHaBquxiRAoGAO7Hs
jsANbzLZLmKOzH2kBstD4nhkVz68+b7TFBz6HexlnGCO3QUh/5vSgJNzAILqZ7G/
IX3nqPfzgmawEtIuHWJu4m8TBfPjhP0+/kcAsz5Krgk27wtj9WqMRzoWAM87qZ62
FJMl9WoJ5bW6zyv33cXjfdJQ8dbiAehB6Cb+hOECgYBdRB5PMXymV+12Rn8evMeL
0dRNWQUwBn4vNY+Uu3TTGrrIE6hqVT3Rvlpges7Xwbq4l8MMr7PM2m91MIZLVrWR
q7f5NwE+Ao9ACGcMB4h+dsT1Teu6c5d19NbC11QwBfsw47udTHFHANWJa111UmYJ
1QsNRtBNXX5z2pRod8mopA==
-----END PRIVATE KEY-----
', '2026-11-28 19:10:07+00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIOSUINSMNm+YI09rpYGYoa6uvej4kqfnOEqCZUDwlztt
-----END PRIVATE KEY-----
');
INSERT INTO public.actor_keys VALUES ('https://here.test/relay', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC65oqj88k2sMEe
R4Pt9JpKUwnfCZXyT/kUVIaRxtif4pE98zFdkcjWx9F58KKMZAzurTPw0PW7y7sX
WLJpYw4VBYdR5wheqm5AdnpnTc6AStNwRy88IyXmDSMCCUcrDtyvJc/fpO8HpHDI
AZCZybJCL9ttl56GllycoQobzGufksq9UbQ0I3x9vP+FEB3Oj7H0Sg37SL09nYxd
1ytfHJV0h3u/mVlsjcZIBEDuK6ELWCgqBIbQ38ajVeCraQVjeCsJFSaWrUTMXWAT
cYGRP8+8WrEbVLE6Y7wedjkEvnFtTmb0hCFLWnnIwVot/Tx4m6IHNFxViduZeRCW
EtViKXnBAgMBAAECggEABuatExd09Crj4JY3q/1ChrDI/iYslhdHnU1vMBoJZOLw
5bqRdbDku3CCnrfoypoFo7j7wF442puvz3GAGfXVPue2usqW86bjngf55k9YSwKo
Sr6oIvZxx2wwARreWLvKYIG7CpkcldnHq8zp/dG1ni3F8oadDP9nkUV9efAK/8fz
t/udsA4xcm9FzWSp7hhGQGQPF+Pp2K9GsxFGoGCeAmV93W6srxOtph5Rik7AoqEN
tkuqBWKuXrKxQRzMEkyrDlQOX5+xIf38aswk7cZOU24IHBCUHOxklKwzURetrGtN
xFVbsfM1obBW1rbYkYgGjj6IWbEvNxirQisqmaWCyQKBgQDrOmhEPj5+Lip0+Tud
GS0zMjepB9UFq8eiXFZd77HMFxvYt5gd2VUkEMryz/VgMTvzuRlrvpM7SR5x7dVn
wQtL08VCxqxBhMrnb5VnIrCK6s+eVwOy0876Pnwn7CwO2Xnehh0btjHbfzPoy02i
N60OIintHoBJb/6pFwrffeKKWQKBgQDLZ6Kom0H/DRKx1HIYtylbqGXkKAQYn0Vx
XkVXQ57Y97Pj/qbBmS+/836v3k9U7NCsh4SMRn+dOwc12IjYZ3YarRhGjIrUr5Ch
J4J5hQ4THJcdtLtmeNRPgiMkHtqIVZnuhJQqOD606SrKT19zEjqKFJxZbL+2ZFzk
Dix4MU6tqQKBgQCqmL+JzsKv7HdqQl9TvjCj0qW/dyitZjnwrJsOoYoHBDNz5yLx
cu9mqq8ljmDdFJfwWKvxElPhSVRFOEHvb3fr1HhZx5CiK9akJq7qD6SN+2H76guK
pEaWAr80jPofAuZ51jZCJM7f688P5HI3Vb2yZGCX0ekkWY8NvuJp1/h2cQKBgFM3
8l+jLcwo0BY7gfbEsUIT0qQXDx33w9SPKjV6r/m61jmYjSc2Akg5WgKgJLrtLK75
vuwZR8rPRLLuBYbsRXDCkuUCSSadMcINRR9spYaCMv1vXSCenNZuuuvjR6txwknI
qknfuyAPKXeeI8ITmim2JwWbLZB03WBcwCromXUJAoGAfCa69htpEcW8nXoGMUm9
NcGlOxvMkQBSYORfVNQtFy7SW+ySnKiVYxOdtsdQ3xpdFsMIUfSb2XnynR6Mvop5
6LonNE2fUfKWOvTo0rRACtwZ7ctEbGIF/ujDFZXtR7QxEpBBx2YcMwqKtDdeS8q2
ym7yMoFojiqQRteYG2/FrLI=
-----END PRIVATE KEY-----
', '2026-11-28 19:10:07+00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIN+L0TTxWETP3t27oIHPBI8sLx2FPHFH/SO4hyK2CL/T
-----END PRIVATE KEY-----
');
INSERT INTO public.actor_keys VALUES ('https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', '-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCljp4/T0iEF97D
xxu7MfdsSlNwjPrZ6sHijMZmsm2PJTTeqzLIOZrYk2PIbLo34KZGq2aGS5CD26YP
QVXqP2UcNFlZ1aRdiFDmzVeG/tlOJ72y27yL6lUlKPxebrCHSeoTvcB+GW+0Y4fL
q888NjCdYNpz+4RKznda87SqDYkCi9NNUsjK7jUL98tOa+8VtvHuMDiNWugfVGDI
pihy9gG+qU3gAOPyLGBFkTkz/aPM5JeGoF9REubmAjFYErgdAF8e7YVzgr03+2I4
xD5qjrJyO2DkjOSQB76PDisUPPrsB91Jm850btJY596HSyaUPCcUos+uOP43tLC1
8D2UKOXDAgMBAAECggEADh2jYNWDOClgMoQjA//Qz026YIx8r6DkXXXQTXL62Wt8
NFzCIdqbg8oesLjohcQkmT5Fqb9T9+d9+KtYRnaXnziCwnXvTj7wWvAjfYdJgvBA
1zkEvKSYaZMy4AsDB9NQXyoyI+5KR8X8DuxmvoUGTxzcyL/SD0jHBMe7szYf5PS2
Tl9+XZz8NoDdENjuWBbiE2uP2gfekerm6WBIAI09cwFbP24TlvZ0pDmJFJWpj2bE
3yLXEGmY+LtfmbdOw7CJ2gjE/wt5kDp7Mrjesf0l91LU03T6AiTbIJl1PNhqxpi/
Kf8blWnXSsYfalpva1lzpLvwgTec49iLDChMORRadQKBgQDNj6Lt1gyrn5VvRoWz
2rB9KwQrfkPFS7lDpOSDe1TxtrCeidHD5Q0syU/h6rrupNKz/qumrqNXy2L3of9T
Gadjncn8VrQqyszcWrtl211aeNnoy+6K+zGAaHx8WrPY+zWw9pPYUANYVG8dYJXp
OIF0Q7VIiuAlGBXIWsLqY2Xh/QKBgQDOLh+LzPf+WTE+cNQSm6i4mUjHcr+LBFhw
i9gfJSgwwP3nWpUm1HSrbtbFjAIBFwrnqpLoPSBaKpKBJ16yuJiZxckHbA77M3Y/
cTFs7R5FmqWkEHEztfODVOIIOyayL1U6Fn+jiAXEporAKtSWNXUvGbrW1tz2cEli
wP12bz+SvwKBgQCXsmReeBQpoz84Oyb4L28HL/OH1UpWEyfJT6qDjUSGjHeSx8pR
cntijb2xzvPcoS4NPueVvlM0uxdx/87YmJn63brtyV50Je1AwISDCnu+BGlrbvO/
BNjnFjSn4JfQjLJ2wcEhZQrS6JyHZXu7/MMr9buWqUX4memZTcGCD5BkUQKBgB9Y
y9sJcrrs/Juts9CQcfp+852/SHfuVTPnTxiNIasn7HJ8Ryj8LDDUTTsDqlpYEoRe
Xq+Ie5650kRoo/EwN6NJeuLx/uUaUeQbZZRWCMA0XvKuvUdLZpaVFTiDJcL5h0+p
lAZc6+OWHopQ+LlNr19V3h5D1JxzPfURuneDOnspAoGAazrrkoKMfcgGdW6qnEUz
sx/tAk2DwLX/yHpaHpfOtVHdesLCuXjxbBuMHWLELCUyIV0It41iiB+qGRH9f2lC
Apx9uQe4HSsB+Vl0sjJK001NE0GIwAPXbKiLqmk1HXxr/bgZnGW70+rauyoDwTkP
mAaBWg6PeFJfasJbyNXZuOY=
-----END PRIVATE KEY-----
', '2026-11-28 19:10:07+00', '-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIOy3CYj9NiILrsJpF0h4sKwtATLXy3tU6ekZN2gqQ7vJ
-----END PRIVATE KEY-----
');
INSERT INTO public.actors VALUES ('https://here.test/ap/instance', 'Application', true, 'here.test', 'instance', 'instance@here.test', 'Musterdorf', '', 'https://here.test/', 'https://here.test/ap/instance/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/instance/outbox', 'https://here.test/ap/instance/followers', '', '', '', 'https://here.test/ap/instance#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnwOkPLSmd2SaACQvxqcF
+NbO5spDP4vWWa/tiDTVaaoAOUT5Ljn0gZPRFQqMI7iBrKQgQ6QKKDKZZrsCJ/0K
TVevf+09wC92OiScLfhFP0Jz+sHuofLOtoI1AnciK4G0Gr0VZodu9Q0Yp9dwwT5c
LkOmO3Ml2/lKhRqCRV/rwb/yk2uvYMm0VKj9iJfveANajAkZTC/y30estfxYCm6g
C3n0WMdlIKwXNqa7FAmtdPS3r4dKbwiWq+NcWx5eSax7U1gjwKwdugLe/ycG27Bh
luXSl9YhPsowRnqy7yGKfPOFFMc3QLAVf3Tlw/CDlNJDSM+KH00Nb1MQu7eoECXd
pQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', false, '2026-11-28 19:10:07+00', NULL, NULL, '[{"id":"https://here.test/ap/instance#ed25519-key","type":"Multikey","controller":"https://here.test/ap/instance","publicKeyMultibase":"z6MkwUF7FjsTsY1z1bHZtfz965Ds1ef5Ny4rtMHAmesrqiWg"}]', NULL, '[]', NULL, false, false, 0, NULL);
INSERT INTO public.actors VALUES ('https://here.test/relay', 'Application', true, 'here.test', 'relay', 'relay@here.test', 'Musterdorf', '', 'https://here.test/region/verbund', 'https://here.test/relay/inbox', 'https://here.test/ap/inbox', 'https://here.test/relay/outbox', 'https://here.test/relay/followers', '', '', '', 'https://here.test/relay#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuuaKo/PJNrDBHkeD7fSa
SlMJ3wmV8k/5FFSGkcbYn+KRPfMxXZHI1sfRefCijGQM7q0z8ND1u8u7F1iyaWMO
FQWHUecIXqpuQHZ6Z03OgErTcEcvPCMl5g0jAglHKw7cryXP36TvB6RwyAGQmcmy
Qi/bbZeehpZcnKEKG8xrn5LKvVG0NCN8fbz/hRAdzo+x9EoN+0i9PZ2MXdcrXxyV
dId7v5lZbI3GSARA7iuhC1goKgSG0N/Go1Xgq2kFY3grCRUmlq1EzF1gE3GBkT/P
vFqxG1SxOmO8HnY5BL5xbU5m9IQhS1p5yMFaLf08eJuiBzRcVYnbmXkQlhLVYil5
wQIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', false, '2026-11-28 19:10:07+00', NULL, NULL, '[{"id":"https://here.test/relay#ed25519-key","type":"Multikey","controller":"https://here.test/relay","publicKeyMultibase":"z6MkfFFYZJFCgxrcccCdVfurqY5cEdtcMxupSNiAdCi7RR7n"}]', NULL, '[]', NULL, false, false, 0, NULL);
INSERT INTO public.actors VALUES ('https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'Group', true, 'here.test', 'tsv', 'tsv@here.test', 'TSV', '<p><strong>Sport</strong> und „mehr“</p>', 'https://here.test/vereine/tsv', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644/inbox', 'https://here.test/ap/inbox', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644/outbox', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644/followers', '', '', '', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644#main-key', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApY6eP09IhBfew8cbuzH3
bEpTcIz62erB4ozGZrJtjyU03qsyyDma2JNjyGy6N+CmRqtmhkuQg9umD0FV6j9l
HDRZWdWkXYhQ5s1Xhv7ZTie9stu8i+pVJSj8Xm6wh0nqE73AfhlvtGOHy6vPPDYw
nWDac/uESs53WvO0qg2JAovTTVLIyu41C/fLTmvvFbbx7jA4jVroH1RgyKYocvYB
vqlN4ADj8ixgRZE5M/2jzOSXhqBfURLm5gIxWBK4HQBfHu2Fc4K9N/tiOMQ+ao6y
cjtg5IzkkAe+jw4rFDz67AfdSZvOdG7SWOfeh0smlDwnFKLPrjj+N7SwtfA9lCjl
wwIDAQAB
-----END PUBLIC KEY-----
', '[]', '', 'active', false, '2026-11-28 19:10:07+00', NULL, NULL, '[{"id":"https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644#ed25519-key","type":"Multikey","controller":"https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644","publicKeyMultibase":"z6MkwCN9E8uvPzVQdPp5ZFnWzXroovf6boeYt6k6cDVwmxsd"}]', NULL, '[]', NULL, false, false, 0, NULL);
INSERT INTO public.actors VALUES ('https://far.test/users/anna', 'Person', false, 'far.test', 'anna', 'anna@far.test', 'Anna „ß“', '', '', 'https://far.test/users/anna/inbox', '', '', 'https://far.test/users/anna/followers', '', '', '', '', '', '[]', '', 'active', false, '2026-01-02 03:04:05+00', '2026-02-03 04:05:06.123456+00', NULL, '[]', NULL, '[]', NULL, false, false, 0, NULL);
INSERT INTO public.audience VALUES ('https://far.test/notes/1', 'https://www.w3.org/ns/activitystreams#Public');
INSERT INTO public.blocks VALUES ('bad.test', '2026-01-02 03:04:05+00', 'block', false, false, '', '', false, '', '', false);
INSERT INTO public.bun_migrations VALUES (1, '20261124000001', 1, '2026-11-28 19:10:06.930236+00');
INSERT INTO public.bun_migrations VALUES (2, '20261124000002', 1, '2026-11-28 19:10:06.945676+00');
INSERT INTO public.bun_migrations VALUES (3, '20261127000010', 1, '2026-11-28 19:10:06.947647+00');
INSERT INTO public.bun_migrations VALUES (4, '20261127000020', 1, '2026-11-28 19:10:06.950001+00');
INSERT INTO public.bun_migrations VALUES (5, '20261127000021', 1, '2026-11-28 19:10:06.952728+00');
INSERT INTO public.bun_migrations VALUES (6, '20261127000030', 1, '2026-11-28 19:10:06.958931+00');
INSERT INTO public.bun_migrations VALUES (7, '20261127000040', 1, '2026-11-28 19:10:06.962638+00');
INSERT INTO public.bun_migrations VALUES (8, '20261127000041', 1, '2026-11-28 19:10:06.963339+00');
INSERT INTO public.bun_migrations VALUES (9, '20261127000050', 1, '2026-11-28 19:10:07.09158+00');
INSERT INTO public.bun_migrations VALUES (10, '20261127000060', 1, '2026-11-28 19:10:07.092337+00');
INSERT INTO public.bun_migrations VALUES (11, '20261127000080', 1, '2026-11-28 19:10:07.094002+00');
INSERT INTO public.bun_migrations VALUES (12, '20261127000090', 1, '2026-11-28 19:10:07.094466+00');
INSERT INTO public.bun_migrations VALUES (13, '20261127000100', 1, '2026-11-28 19:10:07.097216+00');
INSERT INTO public.bun_migrations VALUES (14, '20261128000010', 1, '2026-11-28 19:10:07.103907+00');
INSERT INTO public.bun_migrations VALUES (15, '20261128000020', 1, '2026-11-28 19:10:07.10906+00');
INSERT INTO public.bun_migrations VALUES (16, '20261128000030', 1, '2026-11-28 19:10:07.11027+00');
INSERT INTO public.bun_migrations VALUES (17, '20261128000040', 1, '2026-11-28 19:10:07.118627+00');
INSERT INTO public.bun_migrations VALUES (18, '20261129000100', 1, '2026-11-28 19:10:07.123182+00');
INSERT INTO public.bun_migrations VALUES (19, '20261129000101', 1, '2026-11-28 19:10:07.128238+00');
INSERT INTO public.bun_migrations VALUES (20, '20261129000110', 1, '2026-11-28 19:10:07.158351+00');
INSERT INTO public.bun_migrations VALUES (21, '20261129000120', 1, '2026-11-28 19:10:07.161744+00');
INSERT INTO public.bun_migrations VALUES (22, '20261129000121', 1, '2026-11-28 19:10:07.171524+00');
INSERT INTO public.bun_migrations VALUES (23, '20261129000130', 1, '2026-11-28 19:10:07.180839+00');
INSERT INTO public.bun_migrations VALUES (24, '20261129000140', 1, '2026-11-28 19:10:07.188231+00');
INSERT INTO public.bun_migrations VALUES (25, '20261129000150', 1, '2026-11-28 19:10:07.1969+00');
INSERT INTO public.bun_migrations VALUES (26, '20261129000160', 1, '2026-11-28 19:10:07.198998+00');
INSERT INTO public.bun_migrations VALUES (27, '20261129000161', 1, '2026-11-28 19:10:07.200529+00');
INSERT INTO public.bun_migrations VALUES (28, '20261130000110', 1, '2026-11-28 19:10:07.204595+00');
INSERT INTO public.bun_migrations VALUES (29, '20261130000120', 1, '2026-11-28 19:10:07.205437+00');
INSERT INTO public.bun_migrations VALUES (30, '20261130000121', 1, '2026-11-28 19:10:07.210487+00');
INSERT INTO public.bun_migrations VALUES (31, '20261130000130', 1, '2026-11-28 19:10:07.222131+00');
INSERT INTO public.bun_migrations VALUES (32, '20261130000140', 1, '2026-11-28 19:10:07.232967+00');
INSERT INTO public.bun_migrations VALUES (33, '20261130000141', 1, '2026-11-28 19:10:07.23793+00');
INSERT INTO public.bun_migrations VALUES (34, '20261130000150', 1, '2026-11-28 19:10:07.245524+00');
INSERT INTO public.bun_migrations VALUES (35, '20261130000151', 1, '2026-11-28 19:10:07.248267+00');
INSERT INTO public.bun_migrations VALUES (36, '20261130000160', 1, '2026-11-28 19:10:07.250207+00');
INSERT INTO public.bun_migrations VALUES (37, '20261130000161', 1, '2026-11-28 19:10:07.250751+00');
INSERT INTO public.bun_migrations VALUES (38, '20261201000100', 1, '2026-11-28 19:10:07.251691+00');
INSERT INTO public.bun_migrations VALUES (39, '20261201000101', 1, '2026-11-28 19:10:07.254526+00');
INSERT INTO public.bun_migrations VALUES (40, '20261201000102', 1, '2026-11-28 19:10:07.255041+00');
INSERT INTO public.bun_migrations VALUES (41, '20261201000110', 1, '2026-11-28 19:10:07.264116+00');
INSERT INTO public.bun_migrations VALUES (42, '20261201000111', 1, '2026-11-28 19:10:07.266175+00');
INSERT INTO public.bun_migrations VALUES (43, '20261201000120', 1, '2026-11-28 19:10:07.268344+00');
INSERT INTO public.bun_migrations VALUES (44, '20261201000121', 1, '2026-11-28 19:10:07.27028+00');
INSERT INTO public.bun_migrations VALUES (45, '20261201000122', 1, '2026-11-28 19:10:07.279094+00');
INSERT INTO public.bun_migrations VALUES (46, '20261201000130', 1, '2026-11-28 19:10:07.282548+00');
INSERT INTO public.bun_migrations VALUES (47, '20261201000131', 1, '2026-11-28 19:10:07.284233+00');
INSERT INTO public.bun_migrations VALUES (48, '20261201000140', 1, '2026-11-28 19:10:07.290376+00');
INSERT INTO public.bun_migrations VALUES (49, '20261201000150', 1, '2026-11-28 19:10:07.297762+00');
INSERT INTO public.bun_migrations VALUES (50, '20261201000151', 1, '2026-11-28 19:10:07.301906+00');
INSERT INTO public.bun_migrations VALUES (51, '20261201000152', 1, '2026-11-28 19:10:07.307659+00');
INSERT INTO public.bun_migrations VALUES (52, '20261201000160', 1, '2026-11-28 19:10:07.320985+00');
INSERT INTO public.bun_migrations VALUES (53, '20261202000200', 1, '2026-11-28 19:10:07.330679+00');
INSERT INTO public.bun_migrations VALUES (54, '20261202000201', 1, '2026-11-28 19:10:07.337281+00');
INSERT INTO public.bun_migrations VALUES (55, '20261202000210', 1, '2026-11-28 19:10:07.340573+00');
INSERT INTO public.bun_migrations VALUES (56, '20261202000220', 1, '2026-11-28 19:10:07.354476+00');
INSERT INTO public.bun_migrations VALUES (57, '20261202000230', 1, '2026-11-28 19:10:07.357457+00');
INSERT INTO public.bun_migrations VALUES (58, '20261202000240', 1, '2026-11-28 19:10:07.359226+00');
INSERT INTO public.bun_migrations VALUES (59, '20261202000250', 1, '2026-11-28 19:10:07.360238+00');
INSERT INTO public.bun_migrations VALUES (60, '20261202000260', 1, '2026-11-28 19:10:07.368451+00');
INSERT INTO public.changes VALUES (1, '', '852');
INSERT INTO public.changes VALUES (2, '', '853');
INSERT INTO public.changes VALUES (3, '', '854');
INSERT INTO public.changes VALUES (4, '', '854');
INSERT INTO public.changes VALUES (5, '', '854');
INSERT INTO public.changes VALUES (6, 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', '858');
INSERT INTO public.changes VALUES (7, '', '858');
INSERT INTO public.changes VALUES (8, '/transparenz', '858');
INSERT INTO public.changes VALUES (9, '', '858');
INSERT INTO public.changes VALUES (10, '', '858');
INSERT INTO public.changes VALUES (11, '', '859');
INSERT INTO public.changes VALUES (12, '', '859');
INSERT INTO public.changes VALUES (13, '', '861');
INSERT INTO public.changes VALUES (14, '', '861');
INSERT INTO public.changes VALUES (15, '', '863');
INSERT INTO public.changes VALUES (16, '', '863');
INSERT INTO public.changes VALUES (17, '', '863');
INSERT INTO public.changes VALUES (18, '', '863');
INSERT INTO public.changes VALUES (19, 'https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', '865');
INSERT INTO public.changes VALUES (20, 'https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', '865');
INSERT INTO public.changes VALUES (21, '', '866');
INSERT INTO public.clubs VALUES ('https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', '**Sport** und „mehr“', '', '', NULL, '');
INSERT INTO public.deliveries VALUES (1, 'https://here.test/ap/activities/01a22390-9927-767f-a9f4-6720b2c22d49', 'https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 19:10:08+00', NULL, 0, '', '2026-11-28 19:10:08+00');
INSERT INTO public.deliveries VALUES (2, 'https://here.test/ap/activities/01a22390-9a1d-704f-b5ba-588d98d6851d', 'https://here.test/ap/objects/01a22390-9a09-7d6e-9d9d-e41dcf8b4a1f', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 19:10:08+00', NULL, 0, '', '2026-11-28 19:10:08+00');
INSERT INTO public.deliveries VALUES (3, 'https://here.test/ap/activities/01a22390-9b33-74cc-8e5b-b4b23db3c02b', 'https://here.test/ap/objects/01a22390-9b0b-73b0-8451-77175ce7bcfe', 'far.test', 'https://far.test/users/anna/inbox', 'waiting', 0, '2026-11-28 19:10:09+00', NULL, 0, '', '2026-11-28 19:10:09+00');
INSERT INTO public.editors VALUES ('01a22390-9726-7c64-ada0-63033fb6f2ee', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'owner', '2026-11-28 19:10:08+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', 'operator', 'Create', '2026-11-28 19:10:08+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a22390-9a09-7d6e-9d9d-e41dcf8b4a1f', 'operator', 'Create', '2026-11-28 19:10:08+00');
INSERT INTO public.edits VALUES ('https://here.test/ap/objects/01a22390-9b0b-73b0-8451-77175ce7bcfe', 'operator', 'Create', '2026-11-28 19:10:09+00');
INSERT INTO public.events VALUES ('https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', '2027-07-10 17:00:00+00', '2027-07-10 21:00:00+00', 'Europe/Berlin', false, 'Marktplatz', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO public.events VALUES ('https://here.test/ap/objects/01a22390-9a09-7d6e-9d9d-e41dcf8b4a1f', '2027-07-31 22:00:00+00', '2027-08-01 21:59:59+00', 'Europe/Berlin', true, '', 'CONFIRMED', '', '', '', NULL, NULL);
INSERT INTO public.follows VALUES ('https://far.test/follows/1', 'https://far.test/users/anna', 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'accepted', '2026-01-02 03:04:05+00');
INSERT INTO public.hosts VALUES ('slow.test', '2026-01-02 03:04:05+00', NULL, '', 3, 2, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO public.hosts VALUES ('far.test', '2026-11-28 19:10:08+00', NULL, '', 3, 0, NULL, 0, NULL, NULL, 0, NULL, '', 1, 0, NULL);
INSERT INTO public.inbox VALUES (1, 'https://far.test/likes/2', 'https://far.test/users/anna', 'Like', '\x7b2274797065223a224c696b65227d', 'pending', 1, '2026-01-02 03:04:05+00', NULL, '', '', '2026-01-02 03:04:05+00', '');
INSERT INTO public.inbox VALUES (2, 'https://far.test/likes/1', 'https://far.test/users/anna', 'Like', NULL, 'applied', 1, NULL, NULL, '', '', '2026-01-02 03:04:05+00', '');
INSERT INTO public.ledger VALUES (1, '2026-11-28 19:10:07+00', 'operator', 'club.add', 'tsv', '', '', '0a561aa562a6b0f0fdd0d6ad114bc471', '', '66557d28d59d5f1baa4eff2f4705e614e2330fcac4c4e1d3949cd067e3b68212');
INSERT INTO public.ledger VALUES (2, '2026-11-28 19:10:08+00', 'operator', 'person.add', '', '01a22390-9726-7c64-ada0-63033fb6f2ee', 'townhall', 'f9b559ca596ad620dba6827307c725d7', '29885d7b961706da5dee8637e81200f8', '944d08e7664c813b9a9c7716166829356c76a4abe72f6768ca330940c0718438');
INSERT INTO public.ledger VALUES (3, '2026-11-28 19:10:08+00', 'operator', 'club.editor', 'tsv', '01a22390-9726-7c64-ada0-63033fb6f2ee', 'owner', 'c45ed059c9a265a375ac687e1642b458', '2f3bde0c3a65f20f3be720e0962e4fa1', '4b82eff55fa978c4eb13cb55083ad122c95bb82dc0c5a6c35981686bfca8b26e');
INSERT INTO public.ledger VALUES (4, '2026-11-28 19:10:09+00', 'operator', 'town.text', 'impressum', '', 'de', 'e4c6daf190025f1980ecf49e25b14fce', '', '3a068f0325b15e598b4cef7bd976383553e913f086c1924ba2ce209f4f9fd18c');
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', 'Event', true, 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'Sommerfest', '', '<p>Musik.</p>', 'Musik.', 'de', 'https://here.test/veranstaltungen/01a22390-9917-7a73-979a-30b8285f88b7', '', 'public', false, false, '2026-11-28 19:10:08+00', NULL, NULL, '2026-11-28 19:10:08+00', '', 0);
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a22390-9a09-7d6e-9d9d-e41dcf8b4a1f', 'Event', true, 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', 'Ausflug', '', '', '', 'de', 'https://here.test/veranstaltungen/01a22390-9a09-7d6e-9d9d-e41dcf8b4a1f', '', 'public', false, false, '2026-11-28 19:10:08+00', NULL, NULL, '2026-11-28 19:10:08+00', '', 0);
INSERT INTO public.objects VALUES ('https://here.test/ap/objects/01a22390-9b0b-73b0-8451-77175ce7bcfe', 'Note', true, 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', '', '', '<p>Schlüssel <em>gefunden</em> 😀</p>', 'Schlüssel *gefunden* 😀', 'de', 'https://here.test/pinnwand/01a22390-9b0b-73b0-8451-77175ce7bcfe', '', 'public', false, false, '2026-11-28 19:10:09+00', NULL, NULL, '2026-11-28 19:10:09+00', '', 0);
INSERT INTO public.objects VALUES ('https://far.test/notes/1', 'Note', false, 'https://far.test/users/anna', '', '', '<p>Schön! 😀</p>', '', '', '', 'https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', 'public', false, false, '2026-01-02 03:04:05+00', NULL, NULL, NULL, '', 0);
INSERT INTO public.posts VALUES ('https://here.test/ap/objects/01a22390-9b0b-73b0-8451-77175ce7bcfe', 'announcement', '2026-11-28 19:10:09+00');
INSERT INTO public.reactions VALUES ('Like', 'https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', 'https://far.test/users/anna', 'https://far.test/likes/1', '2026-01-02 03:04:05+00', NULL);
INSERT INTO public.reports VALUES ('https://far.test/flags/1', 'https://far.test/users/anna', '[]', 'spam', '2026-01-02 03:04:05+00', '', NULL, '', '', '', '', '', '', '');
INSERT INTO public.river_migration VALUES ('main', 1, '2026-11-28 19:10:07.372848+00');
INSERT INTO public.river_migration VALUES ('main', 2, '2026-11-28 19:10:07.375033+00');
INSERT INTO public.river_migration VALUES ('main', 3, '2026-11-28 19:10:07.38685+00');
INSERT INTO public.river_migration VALUES ('main', 4, '2026-11-28 19:10:07.390296+00');
INSERT INTO public.river_migration VALUES ('main', 5, '2026-11-28 19:10:07.398802+00');
INSERT INTO public.river_migration VALUES ('main', 6, '2026-11-28 19:10:07.409878+00');
INSERT INTO public.search_things VALUES (7662476800, 'https://here.test/ap/actors/01a22390-95b5-770d-8d1c-3d80b7e1b644', '''g0tsv'' ''g2mehr'' ''g2sport''');
INSERT INTO public.search_things VALUES (7745080320, 'https://here.test/ap/objects/01a22390-9917-7a73-979a-30b8285f88b7', '''e0sommerfest'' ''e1erfest'' ''e1est'' ''e1fest'' ''e1merfest'' ''e1rfest'' ''e2marktplatz'' ''e2musik'' ''e2tsv'' ''e3atz'' ''e3ktplatz'' ''e3latz'' ''e3platz'' ''e3tplatz''');
INSERT INTO public.search_things VALUES (7753205504, 'https://here.test/ap/objects/01a22390-9a09-7d6e-9d9d-e41dcf8b4a1f', '''e0ausflug'' ''e1flug'' ''e1lug'' ''e2tsv''');
INSERT INTO public.search_things VALUES (7662476801, 'https://here.test/ap/objects/01a22390-9b0b-73b0-8451-77175ce7bcfe', '''p0gefunden'' ''p0schlussel'' ''p1den'' ''p1lussel'' ''p1nden'' ''p1sel'' ''p1ssel'' ''p1unden'' ''p1ussel'' ''p2tsv''');
INSERT INTO public.settings VALUES ('a setting', 'its value');
INSERT INTO public.sign_in_links VALUES ('c4f7e37434cc485153fc508dc28843e0a65ef14c9b5894fa61c2c76a1ff5c406', '01a22390-9726-7c64-ada0-63033fb6f2ee', '2026-12-05 19:10:08+00');
INSERT INTO public.town_look VALUES ('town', 'Dorf „ß“', '#1b4f8a', '', true, 'Rathaus', '', '2026-01-02 03:04:05+00');
INSERT INTO public.town_pictures VALUES ('arms', 'image/png', 'https://here.test/media/0123456789abcdef0123456789abcdef.png', 'Fische', 40, 50, 0, 0.5, 'x');
INSERT INTO public.town_texts VALUES ('impressum', 'de', '2026-11-28 19:10:09+00', '## Rathaus', 'operator');
SELECT pg_catalog.setval('public.bun_migration_locks_id_seq', 1, false);
SELECT pg_catalog.setval('public.bun_migrations_id_seq', 60, true);
SELECT pg_catalog.setval('public.changes_seq_seq', 21, true);
SELECT pg_catalog.setval('public.deliveries_id_seq', 3, true);
SELECT pg_catalog.setval('public.inbox_seq_seq', 2, true);
SELECT pg_catalog.setval('public.key_changes_seq_seq', 1, false);
SELECT pg_catalog.setval('public.river_job_id_seq', 1, false);
SELECT pg_catalog.setval('public.search_due_seq_seq', 6, true);
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
ALTER TABLE ONLY public.direct_notes
    ADD CONSTRAINT direct_notes_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY public.help_agents
    ADD CONSTRAINT help_agents_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.help_consents
    ADD CONSTRAINT help_consents_pkey PRIMARY KEY (account_id, club_id);
ALTER TABLE ONLY public.help_figures
    ADD CONSTRAINT help_figures_pkey PRIMARY KEY (month, what);
ALTER TABLE ONLY public.help_notes
    ADD CONSTRAINT help_notes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.help_offers
    ADD CONSTRAINT help_offers_id_key UNIQUE (id);
ALTER TABLE ONLY public.help_offers
    ADD CONSTRAINT help_offers_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.help_proposals
    ADD CONSTRAINT help_proposals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.helper_messages
    ADD CONSTRAINT helper_messages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.helper_receipts
    ADD CONSTRAINT helper_receipts_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY public.peer_objects
    ADD CONSTRAINT peer_objects_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.peers
    ADD CONSTRAINT peers_pkey PRIMARY KEY (host);
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
ALTER TABLE ONLY public.pledge_acts
    ADD CONSTRAINT pledge_acts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY public.residents
    ADD CONSTRAINT residents_actor_id_key UNIQUE (actor_id);
ALTER TABLE ONLY public.residents
    ADD CONSTRAINT residents_pkey PRIMARY KEY (account_id);
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
ALTER TABLE ONLY public.town_words
    ADD CONSTRAINT town_words_pkey PRIMARY KEY (id);
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
CREATE INDEX direct_notes_actor ON public.direct_notes USING btree (actor_id);
CREATE INDEX direct_notes_helper ON public.direct_notes USING btree (helper_id, created);
CREATE UNIQUE INDEX direct_notes_once ON public.direct_notes USING btree (opportunity_id, actor_id) WHERE (helper_id IS NULL);
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
CREATE INDEX help_consents_club ON public.help_consents USING btree (club_id);
CREATE INDEX help_notes_account ON public.help_notes USING btree (account_id, created);
CREATE INDEX help_offers_state ON public.help_offers USING btree (state, until);
CREATE INDEX help_proposals_account ON public.help_proposals USING btree (account_id, created);
CREATE UNIQUE INDEX help_proposals_once ON public.help_proposals USING btree (account_id, opportunity_id, club_id, by_club) WHERE (state = ANY (ARRAY['open'::text, 'declined'::text]));
CREATE INDEX help_proposals_state ON public.help_proposals USING btree (state, created);
CREATE INDEX helper_messages_created ON public.helper_messages USING btree (created);
CREATE INDEX helper_messages_helper ON public.helper_messages USING btree (helper_id, created, id);
CREATE UNIQUE INDEX helper_receipts_act ON public.helper_receipts USING btree (helper_id, act_id);
CREATE INDEX helper_receipts_helper ON public.helper_receipts USING btree (helper_id, created);
CREATE INDEX helpers_account ON public.helpers USING btree (account_id) WHERE (account_id <> ''::text);
CREATE INDEX helpers_actor ON public.helpers USING btree (actor_id) WHERE (actor_id <> ''::text);
CREATE INDEX helpers_club ON public.helpers USING btree (club_id, state);
CREATE INDEX helpers_email ON public.helpers USING btree (email) WHERE (email <> ''::text);
CREATE UNIQUE INDEX helpers_once_account ON public.helpers USING btree (opportunity_id, account_id) WHERE ((account_id <> ''::text) AND (state = ANY (ARRAY['asked'::text, 'talking'::text, 'accepted'::text])));
CREATE UNIQUE INDEX helpers_once_actor ON public.helpers USING btree (opportunity_id, actor_id) WHERE ((actor_id <> ''::text) AND (state = ANY (ARRAY['asked'::text, 'talking'::text, 'accepted'::text])));
CREATE UNIQUE INDEX helpers_once_email ON public.helpers USING btree (opportunity_id, email) WHERE ((email <> ''::text) AND (state = ANY (ARRAY['asked'::text, 'talking'::text, 'accepted'::text])));
CREATE INDEX helpers_opportunity ON public.helpers USING btree (opportunity_id, created, id);
CREATE UNIQUE INDEX helpers_origin ON public.helpers USING btree (origin_id) WHERE (origin_id <> ''::text);
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
CREATE INDEX opportunities_untold ON public.opportunities USING btree (untold) WHERE (untold IS NOT NULL);
CREATE INDEX passkeys_account ON public.passkeys USING btree (account_id);
CREATE INDEX peer_objects_host ON public.peer_objects USING btree (host, scope);
CREATE INDEX peers_actor ON public.peers USING btree (actor_id);
CREATE INDEX pins_actor ON public.pins USING btree (actor_id, "position");
CREATE INDEX place_codes_place ON public.place_codes USING btree (place_id);
CREATE INDEX place_names_place ON public.place_names USING btree (place_id);
CREATE INDEX places_latitude ON public.places USING btree (latitude, longitude);
CREATE INDEX places_source ON public.places USING btree (source, version);
CREATE INDEX pledge_acts_pledge ON public.pledge_acts USING btree (pledge_id, created, id);
CREATE INDEX pledges_account ON public.pledges USING btree (account_id, created);
CREATE INDEX pledges_actor ON public.pledges USING btree (actor_id);
CREATE UNIQUE INDEX pledges_once ON public.pledges USING btree (opportunity_id, account_id) WHERE (state = ANY (ARRAY['asked'::text, 'talking'::text, 'accepted'::text]));
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
CREATE TRIGGER changes_town_words_any AFTER INSERT OR DELETE OR UPDATE ON public.town_words FOR EACH ROW EXECUTE FUNCTION public.changes_all();
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
ALTER TABLE ONLY public.direct_notes
    ADD CONSTRAINT direct_notes_helper_id_fkey FOREIGN KEY (helper_id) REFERENCES public.helpers(id) ON DELETE CASCADE;
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
ALTER TABLE ONLY public.help_agents
    ADD CONSTRAINT help_agents_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.help_consents
    ADD CONSTRAINT help_consents_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.help_notes
    ADD CONSTRAINT help_notes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.help_offers
    ADD CONSTRAINT help_offers_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.help_proposals
    ADD CONSTRAINT help_proposals_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.helper_messages
    ADD CONSTRAINT helper_messages_helper_id_fkey FOREIGN KEY (helper_id) REFERENCES public.helpers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.helper_receipts
    ADD CONSTRAINT helper_receipts_helper_id_fkey FOREIGN KEY (helper_id) REFERENCES public.helpers(id) ON DELETE CASCADE;
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
ALTER TABLE ONLY public.peer_objects
    ADD CONSTRAINT peer_objects_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_object_id_fkey FOREIGN KEY (object_id) REFERENCES public.objects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.place_codes
    ADD CONSTRAINT place_codes_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.place_names
    ADD CONSTRAINT place_names_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.places
    ADD CONSTRAINT places_source_fkey FOREIGN KEY (source) REFERENCES public.place_sources(name) ON DELETE CASCADE;
ALTER TABLE ONLY public.pledge_acts
    ADD CONSTRAINT pledge_acts_pledge_id_fkey FOREIGN KEY (pledge_id) REFERENCES public.pledges(id) ON DELETE CASCADE;
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
