-- What values hash to without telling what they are: the salt goes when they are erased.
alter table history_value add column salt uuid;
alter table history_value alter column salt set default gen_random_uuid();
create function audit_values_hash(salt uuid, old jsonb, new jsonb) returns bytea
language sql stable as $$
    select sha256(uuid_send(salt) || convert_to(old::text || E'\n' || new::text, 'UTF8'))
$$;

-- Who did what, when and from where: changes of records, and what else is to be accounted for.
-- `xid` stands first: a transaction has its number before it takes a `seq`, which sealing relies on.
create table audit (
    xid xid8 not null default pg_current_xact_id(),
    seq bigint generated always as identity primary key,
    id uuid not null,
    at timestamptz not null,
    actor text not null,
    on_behalf_of text,
    credential text,
    address text,
    agent text,
    request_id text,
    source text not null,
    action text not null,
    kind text,
    object_id uuid,
    version bigint,
    fields text[] not null default '{}',
    values_hash bytea,
    detail jsonb not null default '{}',
    expires_at timestamptz
);
create index audit_time on audit (at, seq);
create index audit_object on audit (object_id, at, seq) where object_id is not null;
create index audit_person on audit (coalesce(on_behalf_of, actor), at, seq);
create index audit_kind on audit (kind, at, seq);
create index audit_expiry on audit (expires_at) where expires_at is not null;

-- The chain: each hash is over the one before, and the digest of a row of `audit`.
create table audit_seal (
    seq bigint primary key,
    expires_at timestamptz,
    digest bytea not null,
    hash bytea not null
);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.expires_at <= now() then
        return old;
    end if;
    raise exception 'rows of % are only added', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_is_only_added_to before update or delete on audit
    for each row execute function refuse_audit_change();
create trigger audit_seal_is_only_added_to before update or delete on audit_seal
    for each row execute function refuse_change();
