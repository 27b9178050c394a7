-- Who is assigned to a record sees it, whoever owns it.
alter table record add column assignee_id uuid;
update record set assignee_id = (body::json ->> 'assignee_id')::uuid
where body like '%"assignee_id":"%';
