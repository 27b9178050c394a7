-- What was pointed away from an absorbed record to its survivor, so that it can be put back.
create table moved_reference (
    seq bigint generated always as identity primary key,
    absorbed_id uuid not null,
    survivor_id uuid not null,
    kind text not null,
    field text not null,
    record_id uuid not null,
    before jsonb
);
create index moved_reference_absorbed on moved_reference (absorbed_id, seq);
create index moved_reference_record on moved_reference (record_id);
