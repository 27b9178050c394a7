"""How people want to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_gateway.model import Channels, Mailing, News, Preference
from crm_gateway.queries import wishes as queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Change what is named: kinds of news with their channels; hour, days, time zone of the digest."""

    user_id: UUID
    kinds: Mapping[str, Mapping[str, Any]]
    digest: Mapping[str, Any]


def wish(session: Session, command: Wish) -> Preference:
    """Keep how somebody wants to be told from now on."""
    known = preference_of(session, command.user_id)
    kinds = dict(known.kinds)
    for name, given in command.kinds.items():
        was = known.channels(News(name))
        kinds[News(name)] = Channels(
            console=given.get("console", was.console), mail=Mailing(given.get("mail", was.mail))
        )
    digest = {name: value for name, value in command.digest.items() if name != "days"}
    days = tuple(sorted(set(command.digest.get("days", known.days))))
    wanted = replace(known, kinds=kinds, days=days, **digest)
    queries.keep_preference(session, command.user_id, wanted)
    return wanted


def preference_of(session: Session, user_id: UUID) -> Preference:
    """Return how somebody wants to be told; as is usual, as far as they said nothing."""
    return queries.preferences(session, [user_id]).get(user_id, Preference())
