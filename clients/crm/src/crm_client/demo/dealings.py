"""Pipelines, deals with months of history, leads."""

import itertools
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm_client.demo import words
from crm_client.demo.people import STARS, Person, plain
from crm_client.demo.plan import MARK, Calendar, Wish, moment

DEALS, LEADS = 400, 300
NEW, RENEWAL = "Sample: new business", "Sample: renewals"
# Name, category, probability, days a deal stays there usually.
STAGES: dict[str, tuple[tuple[str, str, str, int], ...]] = {
    NEW: (
        ("Qualified", "open", "0.1", 9), ("Needs known", "open", "0.25", 14),
        ("Proposal", "open", "0.5", 21), ("Negotiation", "open", "0.75", 16),
        ("Won", "won", "1", 0), ("Lost", "lost", "0", 0),
    ),
    RENEWAL: (
        ("Due", "open", "0.6", 20), ("Offer sent", "open", "0.8", 12),
        ("Renewed", "won", "1", 0), ("Lapsed", "lost", "0", 0),
    ),
}  # fmt: skip
_STATUSES = {"new": 8, "working": 6, "nurturing": 3, "qualified": 2, "disqualified": 3}


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal, whose it is and how it ended."""

    person: Person
    status: str
    wish: Wish


def pipelines() -> list[Wish]:
    """Return two ways of selling."""
    return [
        Wish(
            name=name,
            body={
                "name": name,
                "currency": "EUR",
                "stages": [
                    {"name": stage, "category": category, "probability": probability}
                    for stage, category, probability, _ in stages
                ],
            },
        )
        for name, stages in STAGES.items()
    ]


def deals(dice: random.Random, calendar: Calendar, persons: list[Person]) -> list[Deal]:
    """Return the deals; those worth opening have one won and one open at least."""
    made: list[Deal] = []
    names: set[str] = set()
    for index in range(DEALS):
        is_star = index < 3 * STARS
        person = persons[index % STARS] if is_star else dice.choice(persons[: len(persons) // 2])
        pipeline = RENEWAL if dice.random() < 0.3 else NEW
        products = words.RENEWALS if pipeline == RENEWAL else words.PRODUCTS
        product = dice.choice(tuple(products))
        name = _unused(f"{person.firm.name}: {product}", names)
        wanted = ("won", "open", "open")[index // STARS] if is_star else _ending(dice)
        body, stages = _history(dice, calendar, pipeline, wanted)
        amount = round(products[product] * dice.lognormvariate(0, 0.45), -2)
        body |= {"name": name, "amount": {"amount": f"{amount:.2f}", "currency": "EUR"}}
        links = {
            "pipeline_id": ("pipeline", pipeline),
            "account_id": ("account", person.firm.name),
            "primary_contact_id": ("contact", person.email),
        }
        made.append(Deal(person, wanted, Wish(name=name, body=body, links=links, stages=stages)))
    return made


def _unused(name: str, names: set[str]) -> str:
    wanted = itertools.chain([name], (f"{name}, phase {number}" for number in itertools.count(2)))
    chosen = next(each for each in wanted if each not in names)
    names.add(chosen)
    return chosen


def _ending(dice: random.Random) -> str:
    return dice.choices(("won", "lost", "open"), (4, 3, 5))[0]


def _history(
    dice: random.Random, calendar: Calendar, pipeline: str, status: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a deal's past: when it entered each stage, up to its end or where it stands."""
    stages = STAGES[pipeline]
    way = [each for each in stages if each[1] == "open"]
    if status != "won":
        way = way[: dice.randint(1, len(way))]
    end = [] if status == "open" else [each for each in stages if each[1] == status]
    stays = [each[3] * dice.lognormvariate(0, 0.5) + 0.3 for each in way]
    last = dice.uniform(1, 25) if status == "open" else dice.uniform(2, 420)
    at: datetime = calendar.ago(last + sum(stays[:-1] if status == "open" else stays))
    created, steps = at, []
    for (_stage, *_), days in zip([*way, *end], [*stays, 0], strict=False):
        steps.append({"entered_at": moment(at)})
        at = min(at + timedelta(days=days), calendar.today - timedelta(minutes=5))
    body: dict[str, Any] = {
        "imported": True, "created_at": moment(created), "stage_history": steps, "source": MARK,
    }  # fmt: skip
    if status == "lost":
        steps[-1]["reason"] = dice.choice(words.LOST_REASONS)
    if status == "open":
        body["next_step"] = dice.choice(words.NEXT_STEPS)
    closing = calendar.today + timedelta(days=dice.randint(5, 90)) if status == "open" else at
    body["expected_close_on"] = closing.date().isoformat()
    return body, tuple(each[0] for each in [*way, *end])


def leads(dice: random.Random, calendar: Calendar) -> list[Wish]:
    """Return people who are not contacts yet, in every state but converted."""
    made = []
    for index in range(LEADS):
        first, last = dice.choice(words.FIRST_NAMES), dice.choice(words.LAST_NAMES)
        place = dice.choice(words.PLACES)
        email = f"{plain(first)}.{plain(last)}.{index}@{place.lower()}-works.example"
        status = dice.choices(tuple(_STATUSES), tuple(_STATUSES.values()))[0]
        body = {
            "first_name": first, "last_name": last, "email": email, "company": f"{place} Works",
            "job_title": dice.choice(words.JOBS["Operations"]), "source": MARK,
            "medium": dice.choice(words.LEAD_SOURCES), "status": status,
            "rating": dice.choice(("cold", "warm", "warm", "hot")),
            "imported": True, "created_at": calendar.text(dice.uniform(0.2, 120)),
        }  # fmt: skip
        if status == "disqualified":
            body["disqualified_reason"] = dice.choice(words.DISQUALIFIED)
        made.append(Wish(name=email, body=body))
    return made
