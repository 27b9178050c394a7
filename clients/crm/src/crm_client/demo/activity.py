"""Calls, meetings and mails with a few hundred contacts; notes and tasks about them."""

import random

from crm_client.demo import words
from crm_client.demo.people import STARS, Person
from crm_client.demo.plan import MARK, Calendar, Wish

INTERACTIONS, NOTES, TASKS = 600, 260, 240
_TEXTS = {"call": words.CALLS, "meeting": words.MEETINGS, "email": words.MAILS}


def interactions(dice: random.Random, calendar: Calendar, persons: list[Person]) -> list[Wish]:
    """Return what passed between us, three years back at most."""
    made: dict[str, Wish] = {}
    while len(made) < INTERACTIONS:
        person = _somebody(dice, persons, len(made))
        kind = dice.choices(tuple(_TEXTS), (4, 2, 3))[0]
        subject, summary = dice.choice(_TEXTS[kind])
        body = {
            "type": kind, "direction": dice.choice(("in", "out")), "subject": subject,
            "summary": summary, "at": calendar.text(dice.uniform(0.5, 500)),
            "source_service": MARK,
            **({} if kind == "email" else {"duration_seconds": 60 * dice.randint(4, 70)}),
        }  # fmt: skip
        name = f"{kind} {subject} {person.email}"
        made.setdefault(name, Wish(name=name, body=body, subjects=_about(person)))
    return list(made.values())


def notes(dice: random.Random, persons: list[Person]) -> list[Wish]:
    """Return what colleagues wrote down."""
    made: dict[str, Wish] = {}
    while len(made) < NOTES:
        person, text = _somebody(dice, persons, len(made)), dice.choice(words.NOTES)
        name = f"{text} {person.email}"
        body = {"body": text, "pinned": dice.random() < 0.1}
        made.setdefault(name, Wish(name=name, body=body, subjects=_about(person)))
    return list(made.values())


def tasks(dice: random.Random, calendar: Calendar, persons: list[Person]) -> list[Wish]:
    """Return what is to be done, some of it late, some of it done."""
    made: dict[str, Wish] = {}
    while len(made) < TASKS:
        person, title = _somebody(dice, persons, len(made)), dice.choice(words.TASKS)
        due = calendar.today.timestamp() + 86_400 * dice.uniform(-20, 30)
        body = {
            "title": title, "priority": dice.choice(("low", "normal", "normal", "high")),
            "due_at": calendar.today.fromtimestamp(due, calendar.today.tzinfo).isoformat(),
            "status": dice.choice(("open", "open", "in_progress", "waiting", "done")),
            "department": dice.choice(("sales", "support", "finance")),
        }  # fmt: skip
        name = f"{title} {person.email}"
        made.setdefault(name, Wish(name=name, body=body, subjects=_about(person)))
    return list(made.values())


def _somebody(dice: random.Random, persons: list[Person], index: int) -> Person:
    return persons[index % STARS] if index < 5 * STARS else dice.choice(persons[:400])


def _about(person: Person) -> tuple[tuple[str, str], ...]:
    return (("contact", person.email),)
