create extension if not exists unaccent;
create extension if not exists pg_trgm;

-- The facts this service tells, in the order it told them; written with the change itself.
create table outbox (
    seq bigint generated always as identity,
    created_at timestamptz not null,
    id uuid not null,
    xid xid8 not null default pg_current_xact_id(),
    type text not null,
    subject uuid not null,
    subject_version bigint not null,
    bulk boolean not null default false,
    body text not null,
    sent_at timestamptz,
    primary key (seq, created_at)
) partition by range (created_at);
create table outbox_default partition of outbox default;
create index outbox_unsent on outbox (bulk, seq) where sent_at is null;
create index outbox_cursor on outbox (xid, seq);
create index outbox_subject on outbox (subject);

-- Keeps a week of daily partitions ahead and drops those older than 30 days that are wholly sent.
create function outbox_partitions(today date) returns void language plpgsql as $$
declare
    day date;
    part record;
    unsent boolean;
begin
    for day in select generate_series(today, today + 7, interval '1 day')::date loop
        continue when to_regclass('outbox_' || to_char(day, 'YYYYMMDD')) is not null;
        begin
            execute format('create table %I partition of outbox for values from (%L) to (%L)',
                'outbox_' || to_char(day, 'YYYYMMDD'),
                day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
        exception when check_violation then
            null;  -- the default partition already holds rows of that day: they stay there
        end;
    end loop;
    for part in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$'
          and to_date(substr(c.relname, 8), 'YYYYMMDD') < today - 30
    loop
        execute format('select exists (select from %I where sent_at is null)', part.relname) into unsent;
        if not unsent then
            execute format('drop table %I', part.relname);
        end if;
    end loop;
end $$;
select outbox_partitions(current_date);

-- Whether the relay sleeps until it is notified.
create table relay_state (one boolean primary key default true check (one), idle boolean not null);
insert into relay_state (idle) values (true);

-- The published shape of every aggregate as it was last told: what GET answers and others copy.
create table record (
    kind text not null,
    id uuid not null,
    version bigint not null,
    body text,
    customer_ids uuid[] not null default '{}',
    owner_id uuid,
    team_id uuid,
    visibility text not null default 'all',
    archived_at timestamptz,
    updated_at timestamptz not null,
    erased boolean not null default false,
    primary key (kind, id)
);
create index record_customers on record using gin (customer_ids);

-- Property history: metadata is sealed, values can be erased.
create table history (
    seq bigint generated always as identity primary key,
    kind text not null,
    record_id uuid not null,
    version bigint not null,
    fact_id uuid not null,
    at timestamptz not null,
    actor text not null,
    on_behalf_of text,
    source text not null,
    fields text[] not null,
    unique (kind, record_id, version)
);
create table history_value (
    fact_id uuid primary key,
    record_id uuid not null,
    old jsonb not null,
    new jsonb not null
);
create index history_value_record on history_value (record_id);

-- What each reaction has dealt with, each fact once.
create table inbox (
    handler text not null,
    event_id uuid not null,
    state text not null check (state in ('done', 'parked', 'superseded', 'discarded')),
    handled_at timestamptz not null,
    primary key (handler, event_id)
);
create index inbox_age on inbox (handled_at);

-- Messages that could not be dealt with, with their cause; nothing leaves this table unseen.
create table parked (
    id uuid primary key,
    consumer text not null,
    event_id uuid,
    type text,
    subject uuid,
    body bytea not null,
    cause text not null,
    detail text not null,
    attempts int not null default 0,
    state text not null default 'waiting' check (state in ('waiting', 'done', 'discarded')),
    parked_at timestamptz not null,
    next_try_at timestamptz,
    decided_at timestamptz,
    decided_by text,
    reason text,
    unique (consumer, event_id)
);
create index parked_due on parked (next_try_at) where state = 'waiting';
create index parked_subject on parked (subject);

-- From where each reaction compares its inbox with a producer's facts.
create table registration (
    handler text not null,
    producer text not null,
    registered_at timestamptz not null,
    position text not null,
    primary key (handler, producer)
);

-- Until when each producer's facts have arrived here.
create table watermark (
    service text primary key,
    at timestamptz not null
);

-- Answers of writes, repeated for the same Idempotency-Key.
create table idempotency (
    principal text not null,
    method text not null,
    path text not null,
    key text not null,
    body_hash bytea not null,
    subject uuid,
    status int not null,
    headers jsonb not null,
    body text not null,
    created_at timestamptz not null,
    primary key (principal, method, path, key)
);
create index idempotency_age on idempotency (created_at);
create index idempotency_subject on idempotency (subject);
