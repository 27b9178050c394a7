"""Values of contacts and how they are normalised."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm_matching.reach import FREE_MAIL

_LEGAL_SUFFIXES = frozenset(
    {
        *("ab", "ag", "aps", "as", "bv", "co", "company", "corp", "corporation", "gmbh", "inc"),
        *("incorporated", "kg", "limited", "llc", "llp", "ltd", "nv", "oy", "oyj", "plc", "pty"),
        *("sa", "sarl", "sas", "se", "sl", "spa", "srl"),
    }
)
_NOT_WORD = re.compile(r"[^\w@.+-]+")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class ContactLifecycle(StrEnum):
    """How far a person has come with us."""

    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    MQL = "mql"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    EVANGELIST = "evangelist"
    OTHER = "other"


class AccountLifecycle(StrEnum):
    """How far an organisation has come with us."""

    LEAD = "lead"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    CHURNED = "churned"


class AccountType(StrEnum):
    """What an organisation is to us."""

    CUSTOMER = "customer"
    PROSPECT = "prospect"
    PARTNER = "partner"
    SUPPLIER = "supplier"
    COMPETITOR = "competitor"
    OTHER = "other"


class PointKind(StrEnum):
    """How a contact can be reached."""

    EMAIL = "email"
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    CHAT = "chat"
    SOCIAL = "social"


class InteractionType(StrEnum):
    """What passed between a customer and us."""

    EMAIL = "email"
    CALL = "call"
    MEETING = "meeting"
    CHAT = "chat"
    NOTE = "note"
    VISIT = "visit"
    WEB = "web"
    POST = "post"


class TaskStatus(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"


class ReminderKind(StrEnum):
    """What a reminder counts from."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"


class MemberRole(StrEnum):
    """What somebody may do on a board."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class Priority(StrEnum):
    """How much a task matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class ConversionStatus(StrEnum):
    """How a lead's conversion was answered."""

    MATCHED = "matched"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A pointer at any record of the platform."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An e-mail address or telephone number as asked for, its value normalised."""

    value: str
    label: str | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A contact's place in an account as asked for."""

    account_id: UUID
    role: str | None = None
    is_primary: bool = False
    active: bool = True


def web_domain(text: str) -> str:
    """The host of a web address or domain, without `www.`. Raises ValueError."""
    host = text.strip().lower().partition("://")[2] or text.strip().lower()
    host = host.partition("/")[0].rpartition("@")[2].partition(":")[0].removeprefix("www.")
    try:
        wanted = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError as error:
        message = "Not a domain."
        raise ValueError(message) from error
    if not _HOST.fullmatch(wanted):
        message = "Not a domain."
        raise ValueError(message)
    return wanted


def sort_key(text: str) -> str:
    """Text for sorting and searching: no accents, one case, words parted by one space."""
    if text.isascii():
        return " ".join(_NOT_WORD.sub(" ", text.lower()).split())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(each for each in plain.casefold() if not unicodedata.combining(each))
    return " ".join(_NOT_WORD.sub(" ", letters).split())


def search_words(*texts: str | None) -> str:
    """What `?q=` looks in: sort keys of the texts, each word after a space."""
    return " " + " ".join(filter(None, (sort_key(text.replace("+", "")) for text in texts if text)))


def company_key(name: str) -> str:
    """What two spellings of one organisation's name have in common."""
    words = sort_key(name).replace(".", "").replace("-", " ").split()
    kept = [word for word in words if word not in _LEGAL_SUFFIXES]
    return " ".join(kept or words)


def corporate_domain(email: str) -> str | None:
    """The domain of an address, None when it belongs to a mail host for everybody."""
    domain = email.rpartition("@")[2]
    return None if domain in FREE_MAIL else domain


def merged(old: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`old` after a JSON merge patch (RFC 7396): null takes a member away."""
    result = dict(old)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            before = result.get(name)
            result[name] = merged(before if isinstance(before, dict) else {}, value)
        else:
            result[name] = value
    return result
