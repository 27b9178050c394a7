"""What every change of a field or rule does besides: others wait for it, and read it anew."""

from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, ids
from crm_contacts.model.field import Field
from crm_contacts.queries.own_values import OURS


def renew(session: Session) -> None:
    """Wait for writes that are being held to what counts now, and have later ones read anew."""
    cursor = db.cursor(session)
    cursor.execute("select pg_advisory_xact_lock(hashtextextended('rulebook', 0))")
    cursor.execute(_STAMP, (ids.new(),))


def index_again(session: Session, field: Field) -> None:
    """Have the values of one field found as the field says now: one statement over its records."""
    if field.object not in OURS:
        return  # its owner does, as soon as it is told
    cursor = db.cursor(session)
    cursor.execute(
        "delete from custom_value where object = %s and key = %s", (field.object.value, field.key)
    )
    if field.archived_at is None and not field.sensitive:
        cursor.execute("set local statement_timeout = '10min'")
        statement = _INDEX.replace("@object", field.object.value)
        cursor.execute(statement, {"object": field.object.value, "key": field.key})


def forget_breaches(session: Session, rule_id: UUID) -> None:
    """Forget who broke a rule that no longer counts, or asks for something else."""
    db.cursor(session).execute("delete from rule_breach where rule_id = %s", (rule_id,))


_STAMP = """
insert into rulebook (is_only, stamp) values (true, %s)
on conflict (is_only) do update set stamp = excluded.stamp
"""
_INDEX = """
insert into custom_value
select v.* from @object as r cross join lateral custom_rows(
    %(object)s, r.id, jsonb_build_object(%(key)s::text, r.custom -> %(key)s), r.archived_at is null
) as v
where jsonb_exists(r.custom, %(key)s)
"""
