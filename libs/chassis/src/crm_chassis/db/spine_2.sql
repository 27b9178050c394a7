-- What operators did here, for ever: rows are only added. No personal data in `detail`.
create table operation (
    seq bigint generated always as identity primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail jsonb not null default '{}'
);
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are only added', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger operation_is_only_added_to before update or delete on operation
    for each row execute function refuse_change();

-- Each return of this database from a backup: every version below `lift` was raised to it.
create table restoration (
    lift bigint primary key,
    actor text not null,
    began_at timestamptz not null,
    records bigint not null,
    finished_at timestamptz
);

-- The copy an operator edited is what is tried again; the body as it came stays.
alter table parked add column edited bytea;

-- What the last comparison of copies (or of the view) with their sources found.
create table verification (
    what text primary key,
    at timestamptz not null,
    differences bigint not null
);

-- The watermark the relay told last: the next one names it, so that a queue sees what went past it.
alter table relay_state add column told text;
