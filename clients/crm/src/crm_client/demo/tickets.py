"""Tickets with their conversations."""

import random
from datetime import timedelta
from typing import Any

from crm_client.demo.conversations import SCENARIOS, Scenario
from crm_client.demo.people import STARS, Person
from crm_client.demo.plan import MARK, Calendar, Wish, moment

TICKETS = 500
_OF_A_STAR = 4
_ENDINGS = {"closed": 9, "resolved": 3, "pending_customer": 2, "open": 2, "new": 1}
_PRIORITIES = {"low": 3, "normal": 8, "high": 2}


def tickets(dice: random.Random, calendar: Calendar, persons: list[Person]) -> list[Wish]:
    """Return the tickets, most of them settled."""
    made: list[Wish] = []
    names: set[str] = set()
    while len(made) < TICKETS:
        is_star = len(made) < STARS * _OF_A_STAR
        person = persons[len(made) % STARS] if is_star else dice.choice(persons)
        scenario, number = dice.choice(SCENARIOS), dice.randint(2, 980)
        name = f"{scenario.subject.format(n=number)} {person.email}"
        if name in names:
            continue
        names.add(name)
        ending = dice.choices(tuple(_ENDINGS), tuple(_ENDINGS.values()))[0]
        if is_star and len(made) < STARS:
            ending = "open"
        body = _ticket(dice, calendar, scenario, number, ending)
        links = {
            "requester_id": ("contact", person.email),
            "account_id": ("account", person.firm.name),
        }
        made.append(Wish(name=name, body=body, links=links))
    return made


def _ticket(
    dice: random.Random, calendar: Calendar, scenario: Scenario, number: int, ending: str
) -> dict[str, Any]:
    is_settled = ending in {"closed", "resolved"}
    at = calendar.ago(dice.uniform(15, 360) if is_settled else dice.uniform(1, 6))
    body: dict[str, Any] = {
        "subject": scenario.subject.format(n=number), "kind": scenario.kind, "imported": True,
        "channel": dice.choice(("email", "email", "web", "phone", "chat")),
        "priority": dice.choices(tuple(_PRIORITIES), tuple(_PRIORITIES.values()))[0], "tags": [MARK], "opened_at": moment(at),
        "messages": [],
    }  # fmt: skip
    for text, direction, visibility in _conversation(scenario, ending):
        message = {"body": text.format(n=number), "direction": direction, "sent_at": moment(at)}
        body["messages"].append({**message, "visibility": visibility})
        at = min(at + timedelta(hours=dice.lognormvariate(0.6, 0.9)), calendar.today)
    if is_settled:
        body |= {"status": ending, "resolved_at": moment(at)}
    if ending == "closed":
        body["closed_at"] = moment(min(at + timedelta(days=4), calendar.today))
    return body


def _conversation(scenario: Scenario, ending: str) -> list[tuple[str, str, str]]:
    """Return text, direction and who may read it: as much of the conversation as has happened."""
    said = [(scenario.opening, "in", "public")]
    if ending == "new":
        return said
    if scenario.note:
        said.append((scenario.note, "out", "internal"))
    said.append((scenario.answer, "out", "public"))
    if ending != "pending_customer":
        said.append((scenario.reply, "in", "public"))
    if ending in {"closed", "resolved"}:
        said.append((scenario.ending, "out", "public"))
    return said
