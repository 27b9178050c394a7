"""Judging contacts and accounts by the rules, in sets; reading what audits found."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm_chassis import db, rights
from crm_chassis.auth import Principal
from crm_contacts.model.quality import RULES, QualityAudit, Weights

AUDIT_SORTS = {"created_at": QualityAudit.created_at}


def audits(filters: Mapping[str, Any]) -> Select[Any]:
    """Audits, of one standing if it is named."""
    wanted = [QualityAudit.status == filters["status"]] if filters.get("status") else []
    return select(QualityAudit).where(QualityAudit.archived_at.is_(None), *wanted)


def reasons_of(
    session: Session, kind: str, record_id: UUID, *, fresh_days: int, now: datetime
) -> list[str]:
    """Which rules one record breaks."""
    values = _values(fresh_days, now) | {"id": record_id}
    row = db.cursor(session).execute(f"{_JUDGED[kind]} where r.id = %(id)s", values).fetchone()
    return list(row[3]) if row else []


def weights(session: Session) -> Weights:
    """Weights that differ from the usual ones."""
    rows = db.cursor(session).execute("select kind, reason, weight from quality_weight")
    return {(kind, reason): weight for kind, reason, weight in rows}


def judge(
    session: Session, kind: str, *, audit_id: UUID, after: UUID | None, limit: int,
    fresh_days: int, now: datetime,
) -> tuple[UUID | None, int]:  # fmt: skip
    """Note what the next live records break; return the last of them and how many they are."""
    cursor = db.cursor(session)
    values = _values(fresh_days, now) | {
        "audit": audit_id, "kind": kind, "after": after, "limit": limit,
    }  # fmt: skip
    statement = _JUDGE.replace("@judged", _JUDGED[kind]).replace("@scored", _SCORED[kind])
    last, count = cursor.execute(statement, values).fetchone() or (None, 0)
    return last, int(count)


def counts(session: Session, audit_id: UUID) -> Mapping[str, int]:
    """How many records an audit found for each reason, by `kind.reason`."""
    rows = db.cursor(session).execute(_COUNTS, (audit_id,))
    return {f"{kind}.{reason}": count for kind, reason, count in rows}


def team_scores(session: Session, audit_id: UUID) -> list[dict[str, Any]]:
    """How well each team keeps its records; nobody's come with no team."""
    rows = db.cursor(session).execute(_TEAMS, (audit_id,)).fetchall()
    names = ("kind", "team_id", "records", "score", "completeness", "validity", "freshness")
    return [dict(zip(names, row, strict=True)) for row in rows]


def findings(
    session: Session, audit_id: UUID, filters: Mapping[str, Any], *, who: Principal, limit: int
) -> list[dict[str, Any]]:
    """Findings of an audit that `who` may see, in order of their number, with names as of now."""
    values = {
        "audit": audit_id, "after": filters.get("cursor", 0), "limit": limit,
        "reason": filters.get("reason"), "kind": filters.get("kind"),
        "owner": filters.get("owner_id"), "team": filters.get("team_id"),
        **rights.seen_of_all(who),
    }  # fmt: skip
    rows = db.cursor(session).execute(_FINDINGS, values).fetchall()
    names = ("number", "kind", "record_id", "reason", "name", "public_no", "owner_id", "team_id")
    return [dict(zip(names, row, strict=True)) for row in rows]


def every_finding(
    session: Session, audit_id: UUID, filters: Mapping[str, Any], *, who: Principal
) -> Iterator[dict[str, Any]]:
    """All of them, a page at a time."""
    given, page = dict(filters), 1000
    while found := findings(session, audit_id, given, who=who, limit=page):
        yield from found
        given["cursor"] = found[-1]["number"]


def old_audits(session: Session, *, keep: int) -> Sequence[UUID]:
    """Ended audits whose findings nobody needs any more: all but the newest few."""
    statement = select(QualityAudit.id).where(QualityAudit.status != "running")
    newest = statement.order_by(QualityAudit.created_at.desc(), QualityAudit.id).offset(keep)
    return session.scalars(newest).all()


def newest_start(session: Session) -> datetime | None:
    """When the last audit was asked for."""
    newest = select(QualityAudit.created_at).order_by(QualityAudit.created_at.desc()).limit(1)
    return session.scalar(newest)


def _values(fresh_days: int, now: datetime) -> dict[str, Any]:
    return {"fresh_since": now - timedelta(days=fresh_days), "today": f"{now:%Y-%m-%d}"}


def _scored(kind: str) -> str:
    """The SQL of the share of the weights that a record keeps, for all and by dimension."""
    parts = []
    for name in ("", "completeness", "validity", "freshness"):
        rules = [rule for rule in RULES[kind] if not name or rule.dimension == name]
        weighed = ", ".join(f"('{rule.reason}', {rule.weight})" for rule in rules)
        parts.append(_SHARE.replace("@weighed", weighed).replace("@kind", kind))
    return ", ".join(parts)


_SHARE = """
(select coalesce(round(100.0 * sum(w.n) filter (where not j.reasons @> array[w.reason])
     / nullif(sum(w.n), 0)), 0)
 from (select d.reason, coalesce(q.weight, d.n) as n from (values @weighed) as d(reason, n)
       left join quality_weight q on q.kind = '@kind' and q.reason = d.reason) w)
"""
_SCORED = {kind: _scored(kind) for kind in RULES}
_LATEST = """
    (select max(i.at) from interaction i
     where i.subjects @> jsonb_build_array(jsonb_build_object('type', '@kind', 'id', r.id::text)))
"""
_JUDGED = {
    "contact": """
select r.id, r.owner_id, coalesce(r.team_id, u.team_id) as team_id, array_remove(array[
    case when r.first_name is null or r.last_name is null then 'no-name' end,
    case when p.emails = 0 then 'no-email' end,
    case when p.phones = 0 then 'no-phone' end,
    case when not exists (select from account_contact l where l.contact_id = r.id and l.is_active)
        then 'no-account' end,
    case when r.job_title is null then 'no-job-title' end,
    case when r.owner_id is null then 'no-owner' end,
    case when p.emails > 0 and p.working = 0 then 'email-does-not-work' end,
    case when p.local > 0 then 'phone-without-country' end,
    case when exists (select from duplicate d where d.a_id = r.id and d.status = 'open')
        or exists (select from duplicate d where d.b_id = r.id and d.status = 'open')
        then 'may-be-double' end,
    case when r.updated_at < %(fresh_since)s
        and coalesce(@latest, '-infinity') < %(fresh_since)s then 'nothing-new' end
], null) as reasons
from contact r
left join user_copy u on u.id = r.owner_id
cross join lateral (
    select count(*) filter (where kind = 'email') as emails,
        count(*) filter (where kind = 'phone') as phones,
        count(*) filter (where kind = 'email'
            and deliverability not in ('invalid', 'complained')) as working,
        count(*) filter (where kind = 'phone' and value not like '+%%') as local
    from contact_point where contact_id = r.id
) p
""".replace("@latest", _LATEST.replace("@kind", "contact")),
    "account": """
select r.id, r.owner_id, coalesce(r.team_id, u.team_id) as team_id, array_remove(array[
    case when r.domain is null then 'no-domain' end,
    case when r.industry is null then 'no-industry' end,
    case when r.size_band is null then 'no-size' end,
    case when not exists (select from account_contact l where l.account_id = r.id and l.is_active)
        then 'no-contacts' end,
    case when r.owner_id is null then 'no-owner' end,
    case when exists (select from account o where o.name_key = r.name_key and o.id <> r.id
        and o.archived_at is null) then 'same-name' end,
    case when r.renewal_date < %(today)s then 'renewal-passed' end,
    case when r.updated_at < %(fresh_since)s
        and coalesce(@latest, '-infinity') < %(fresh_since)s then 'nothing-new' end
], null) as reasons
from account r
left join user_copy u on u.id = r.owner_id
""".replace("@latest", _LATEST.replace("@kind", "account")),
}
_JUDGE = """
with judged as materialized (
    @judged
    where r.archived_at is null and (%(after)s::uuid is null or r.id > %(after)s)
    order by r.id limit %(limit)s
), scored as (
    select j.team_id, s.* from judged j
    cross join lateral (select @scored) as s(score, completeness, validity, freshness)
), found as (
    insert into quality_finding (audit_id, kind, record_id, reason, owner_id, team_id)
    select %(audit)s, %(kind)s, j.id, w.reason, j.owner_id, j.team_id
    from judged j cross join lateral unnest(j.reasons) as w(reason)
    where not exists (select from quality_weight q
        where q.kind = %(kind)s and q.reason = w.reason and q.weight = 0)
    order by j.id
), teams as (
    insert into quality_team (audit_id, kind, team_id, records, score, completeness, validity,
        freshness)
    select %(audit)s, %(kind)s, coalesce(team_id, '00000000-0000-0000-0000-000000000000'),
        count(*), sum(score), sum(completeness), sum(validity), sum(freshness)
    from scored group by team_id
    on conflict (audit_id, kind, team_id) do update set
        records = quality_team.records + excluded.records,
        score = quality_team.score + excluded.score,
        completeness = quality_team.completeness + excluded.completeness,
        validity = quality_team.validity + excluded.validity,
        freshness = quality_team.freshness + excluded.freshness
)
select (select id from judged order by id desc limit 1), (select count(*) from judged)
"""
_COUNTS = """
select kind, reason, count(*) from quality_finding where audit_id = %s
group by kind, reason order by kind, reason
"""
_TEAMS = """
select kind, nullif(team_id, '00000000-0000-0000-0000-000000000000'), records,
    round(score::numeric / records)::int, round(completeness::numeric / records)::int,
    round(validity::numeric / records)::int, round(freshness::numeric / records)::int
from quality_team where audit_id = %s order by kind, team_id
"""
_FINDINGS = """
select f.number, f.kind, f.record_id, f.reason, coalesce(r.body::json ->> 'name', ''),
    (r.body::json ->> 'public_no')::bigint, r.owner_id, f.team_id
from quality_finding f
join record r on r.kind = f.kind and r.id = f.record_id and r.body is not null
where f.audit_id = %(audit)s and f.number > %(after)s
    and (%(reason)s::text is null or f.reason = %(reason)s)
    and (%(kind)s::text is null or f.kind = %(kind)s)
    and (%(owner)s::uuid is null or f.owner_id = %(owner)s)
    and (%(team)s::uuid is null or f.team_id = %(team)s)
    and @seen
order by f.number limit %(limit)s
""".replace("@seen", rights.seen_by_kind("record"))
