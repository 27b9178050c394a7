"""The whole sample company as wishes: bodies of the API with names where ids will stand."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SEED = 20_240_229
MARK = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A record to have: `name` is how others refer to it, `links` are references by name.

    `stages` are names of the linked pipeline's stages, for the body's `stage_history`.
    """

    name: str
    body: dict[str, Any]
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    subjects: tuple[tuple[str, str], ...] = ()
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Wishes by kind, in the order they can be made in; `stars` are worth opening."""

    wishes: Mapping[str, list[Wish]]
    stars: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Moments before today, so that the company looks alive whenever it is loaded."""

    today: datetime

    def ago(self, days: float) -> datetime:
        """That many days ago; never to come."""
        return self.today - timedelta(days=max(days, 0.05))

    def text(self, days: float) -> str:
        """As JSON."""
        return moment(self.ago(days))


def moment(at: datetime) -> str:
    """Return a time as the API writes it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def make(now: datetime | None = None) -> Plan:
    """Return the plan: always the same people, companies and words, dated before `now`."""
    from crm_client.demo import activity, dealings, mailings, people, tickets

    dice = random.Random(SEED)  # noqa: S311 - the same every time is the point
    calendar = Calendar((now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0))
    firms = people.firms(dice)
    persons = people.persons(dice, firms)
    deals = dealings.deals(dice, calendar, persons)
    wishes = {
        "account": people.accounts(dice, calendar, firms, deals),
        "contact": people.contacts(dice, persons, deals),
        "pipeline": dealings.pipelines(),
        "deal": [deal.wish for deal in deals],
        "lead": dealings.leads(dice, calendar),
        "segment": mailings.segments(),
        "campaign": mailings.campaigns(calendar),
        "message": mailings.messages(dice, calendar, persons),
        "ticket": tickets.tickets(dice, calendar, persons),
        "interaction": activity.interactions(dice, calendar, persons),
        "note": activity.notes(dice, persons),
        "task": activity.tasks(dice, calendar, persons),
    }
    return Plan(wishes=wishes, stars=tuple(person.email for person in persons[: people.STARS]))
