"""Segments, campaigns that ran, and what their readers did with the mails."""

import random
from typing import Any

from crm_client.demo.people import STARS, Person
from crm_client.demo.plan import MARK, Calendar, Wish, moment

_TAGGED = {"field": "tags", "op": "contains", "value": MARK}
_SEGMENTS: dict[str, dict[str, Any]] = {
    "Sample: customers": {"field": "lifecycle", "op": "eq", "value": "customer"},
    "Sample: in talks": {"field": "has_open_deal", "op": "eq", "value": True},
    "Sample: needs help": {"field": "open_tickets", "op": "gte", "value": 1},
}
_GREETING = 'Hello {{ first_name|default("there") }},\n\n'
# Name: subject, text, days ago it started, days it ran, how many got it, how many opened it.
_CAMPAIGNS: dict[str, tuple[str, str, int, int, int, float]] = {
    "Sample: spring release": (
        "Wave picking is here",
        "the spring release brings wave picking and a faster returns station.\n\nYour team",
        190, 6, 320, 0.46,
    ),
    "Sample: user day": (
        "Meet us at the user day",
        "one day, six talks, many warehouses. Seats are limited; reply to keep one.\n\nYour team",
        85, 12, 260, 0.38,
    ),
    "Sample: scanner trade-in": (
        "Trade in your old scanners",
        "until the end of the month we take old scanners back, whoever made them.\n\nYour team",
        21, 4, 180, 0.29,
    ),
}  # fmt: skip
_DRAFT = "Sample: winter checklist"


def segments() -> list[Wish]:
    """Return three segments that keep themselves."""
    return [
        Wish(name=name, body={"name": name, "predicate": {"all": [_TAGGED, condition]}})
        for name, condition in _SEGMENTS.items()
    ]


def campaigns(calendar: Calendar) -> list[Wish]:
    """Return three campaigns that have run, and a draft."""
    made = []
    for name, (subject, text, start, days, *_) in _CAMPAIGNS.items():
        body = {
            "name": name, "subject": subject, "body_text": _GREETING + text, "imported": True,
            "started_at": calendar.text(start), "completed_at": calendar.text(start - days),
        }  # fmt: skip
        made.append(Wish(name=name, body=body))
    draft = {
        "name": _DRAFT, "subject": "Is your dock ready for winter?",
        "body_text": _GREETING + "five things to check before the first frost.\n\nYour team",
    }  # fmt: skip
    links = {"segment_id": ("segment", "Sample: customers")}
    return [*made, Wish(name=_DRAFT, body=draft, links=links)]


def messages(dice: random.Random, calendar: Calendar, persons: list[Person]) -> list[Wish]:
    """Return the mails sent; those worth opening got and opened every one."""
    made = []
    for name, (_subject, _text, start, days, size, opened) in _CAMPAIGNS.items():
        others = dice.sample(persons[STARS:], size - STARS)
        for index, person in enumerate([*persons[:STARS], *others]):
            sent = calendar.ago(start - dice.uniform(0, days) * 0.8)
            body: dict[str, Any] = {"sent_at": moment(sent)}
            if index < STARS or dice.random() < opened:
                opened_at = min(calendar.today, sent + (calendar.today - sent) * dice.random() / 9)
                body |= {"opened_at": moment(opened_at), "open_count": dice.randint(1, 4)}
                if index < STARS or dice.random() < 0.3:
                    body["clicked_at"] = moment(opened_at)
            links = {"campaign_id": ("campaign", name), "contact_id": ("contact", person.email)}
            made.append(Wish(name=f"{name} {person.email}", body=body, links=links))
    return made
