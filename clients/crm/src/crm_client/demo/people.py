"""The sample company's accounts and contacts."""

import itertools
import random
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_client.demo import words
from crm_client.demo.plan import MARK, Calendar, Wish

if TYPE_CHECKING:
    from crm_client.demo.dealings import Deal

ACCOUNTS, CONTACTS, STARS = 200, 1000, 3
_LANGUAGES = ("de", "en", "en", "fr", "nl", "sv")


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation before it is an account."""

    name: str
    domain: str
    industry: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody before they are a contact."""

    first_name: str
    last_name: str
    email: str
    firm: Firm


def firms(dice: random.Random) -> list[Firm]:
    """Return the organisations, each with a name and a domain of its own."""
    trades = [(industry, word) for industry, some in words.TRADES.items() for word in some]
    pairs = list(itertools.product(words.PLACES, trades))
    dice.shuffle(pairs)
    found = []
    for place, (industry, trade) in pairs[:ACCOUNTS]:
        name = f"{place} {trade} {dice.choice(words.LEGAL_FORMS)}"
        found.append(Firm(name, f"{place}-{trade}.example".lower(), industry))
    return found


def persons(dice: random.Random, firms: list[Firm]) -> list[Person]:
    """Return the people: the first ones at the first firms, every firm has at least one."""
    pairs = list(itertools.product(words.FIRST_NAMES, words.LAST_NAMES))
    dice.shuffle(pairs)
    places = [*firms, *dice.choices(firms, k=CONTACTS - ACCOUNTS)]
    return [
        Person(first, last, f"{plain(first)}.{plain(last)}@{firm.domain}", firm)
        for (first, last), firm in zip(pairs, places, strict=False)
    ]


def accounts(
    dice: random.Random, calendar: Calendar, firms: list[Firm], deals: list["Deal"]
) -> list[Wish]:
    """Return the accounts; who bought is a customer."""
    won = {deal.person.firm for deal in deals if deal.status == "won"}
    open_ = {deal.person.firm for deal in deals if deal.status == "open"}
    made = []
    for firm in firms:
        stage = "customer" if firm in won else "opportunity" if firm in open_ else "lead"
        body: dict[str, Any] = {
            "name": firm.name,
            "domain": firm.domain,
            "industry": firm.industry,
            "size_band": dice.choice(words.SIZES),
            "type": "customer" if firm in won else "prospect",
            "lifecycle": stage,
            "tags": [MARK],
        }
        if firm in won:
            renewal = calendar.today.date().toordinal() + dice.randint(20, 330)
            body["renewal_date"] = calendar.today.date().fromordinal(renewal).isoformat()
        made.append(Wish(name=firm.name, body=body))
    return made


def contacts(dice: random.Random, persons: list[Person], deals: list["Deal"]) -> list[Wish]:
    """Return the contacts with a job, mostly a number, sometimes a second address."""
    won = {deal.person for deal in deals if deal.status == "won"}
    open_ = {deal.person for deal in deals if deal.status == "open"}
    made = []
    for index, person in enumerate(persons):
        stage = "customer" if person in won else "opportunity" if person in open_ else None
        body = _contact(dice, index, person) | {
            "lifecycle": stage or dice.choice(("subscriber", "lead", "mql", "sql"))
        }
        links = {"account_id": ("account", person.firm.name)}
        made.append(Wish(name=person.email, body=body, links=links))
    return made


def _contact(dice: random.Random, index: int, person: Person) -> dict[str, Any]:
    department = dice.choice(tuple(words.JOBS))
    emails = [{"value": person.email, "label": "work", "primary": True}]
    if dice.random() < 0.12:
        private = f"{plain(person.first_name)}{index}@home.example"
        emails.append({"value": private, "label": "home", "primary": False})
    # Numbers that no country gives out: 020 7946 0xxx and 555 01xx are kept for stories.
    number = f"+44 20 7946 0{index % 1000:03}" if index % 3 else f"+1 212 555 01{index % 100:02}"
    body: dict[str, Any] = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "emails": emails,
        "job_title": dice.choice(words.JOBS[department]),
        "department": department,
        "language": dice.choice(_LANGUAGES),
        "source": MARK,
        "tags": [MARK, person.firm.industry.lower()],
    }
    if dice.random() < 0.85:
        body["phones"] = [{"value": number, "label": "work", "primary": True}]
    if dice.random() < 0.2:
        body["birthday"] = f"--{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    return body


def plain(text: str) -> str:
    """Return a name as it stands in an address."""
    spelled = text.replace("ö", "oe").replace("ü", "ue").replace("ä", "ae").lower()
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
