"""Who works here and which time the clock on the wall shows."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g

from crm_chassis import web
from crm_gateway.console import deeds
from crm_gateway.queries import identity as queries

_REMEMBERED_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class House:
    """The company: people's names by id, those who still work here, the time zone."""

    names: Mapping[str, str]
    active: tuple[tuple[str, str], ...]
    zone: ZoneInfo
    given: frozenset[str] = frozenset()  # whose password came with the deployment

    def person(self, actor: str | None) -> str:
        """Return the name of an actor (`user:…`, `key:…`, `service:…`) or of a user's id."""
        kind, _, rest = (actor or "").rpartition(":")
        if kind == "service":
            return f"{rest.capitalize()} (automatic)"
        if kind == "key":
            return "An integration"
        return self.names.get(rest, "Somebody" if rest else "Nobody")


def house() -> House:
    """Return the company as it was at most 5 s ago."""
    if "house" not in g:
        g.house = _remembered()
    return g.house  # type: ignore[no-any-return]


def context() -> dict[str, Any]:
    """Return what templates may use: `person`, and the visitor's name."""
    who = g.get("principal")
    if who is None or g.get("plain"):
        return {"me": None}
    return {
        "me": house().person(who.actor),
        "person": house().person,
        "my_id": str(who.user_id),
        "is_admin": who.is_admin,
        "may_audit": "audit" in who.rights.special,
        "keeps_rules": "manage_rules" in who.rights.special,
        "settings_entries": deeds.settings_of(who),
        "must_change_password": str(who.user_id) in house().given,
    }


def forget() -> None:
    """Look everybody up anew."""
    current_app.extensions.setdefault("console", {}).pop("house", None)


def _remembered() -> House:
    kept: dict[str, tuple[float, House]] = current_app.extensions.setdefault("console", {})
    until, found = kept.get("house", (0.0, None))
    if found is None or until < time.monotonic():
        found = _looked_up()
        kept["house"] = (time.monotonic() + _REMEMBERED_SECONDS, found)
    return found


def _looked_up() -> House:
    with web.sessions()() as session:
        people, zone = queries.people(session), queries.time_zone(session)
        given = queries.with_given_password(session)
    return House(
        names={str(id_): name for id_, name, _ in people},
        active=tuple((str(id_), name) for id_, name, may in people if may),
        zone=ZoneInfo(zone or "UTC"),
        given=frozenset(map(str, given)),
    )
