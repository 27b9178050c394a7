"""How people want to be told."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_gateway.model import Channels, Mailing, News, Preference


def preferences(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, Preference]:
    """Return how these people want to be told, as far as they said."""
    rows = session.execute(text(_PREFERENCES), {"ids": list(user_ids)})
    return {row.user_id: _preference(row) for row in rows}


def keep_preference(session: Session, user_id: UUID, wanted: Preference) -> None:
    """Keep how somebody wants to be told."""
    kinds = {
        str(kind): {"console": each.console, "mail": each.mail}
        for kind, each in wanted.kinds.items()
    }
    session.execute(text(_KEEP_PREFERENCE), {
        "user": user_id, "kinds": orjson.dumps(kinds).decode(), "hour": wanted.hour,
        "days": list(wanted.days), "zone": wanted.time_zone, "digest_on": wanted.digest_on,
    })  # fmt: skip


def _preference(row: Any) -> Preference:
    kinds = {
        News(kind): Channels(console=given["console"], mail=Mailing(given["mail"]))
        for kind, given in row.kinds.items()
    }
    return Preference(
        kinds=kinds, hour=row.hour, days=tuple(row.days), time_zone=row.time_zone,
        digest_on=row.digest_on,
    )  # fmt: skip


_PREFERENCES = """
select user_id, kinds, hour, days, time_zone, digest_on from notification_preference
where user_id = any(:ids)
"""
_KEEP_PREFERENCE = """
insert into notification_preference (user_id, kinds, hour, days, time_zone, digest_on)
values (:user, cast(:kinds as jsonb), :hour, cast(:days as smallint[]), :zone, :digest_on)
on conflict (user_id) do update set kinds = excluded.kinds, hour = excluded.hour,
    days = excluded.days, time_zone = excluded.time_zone, digest_on = excluded.digest_on
"""
