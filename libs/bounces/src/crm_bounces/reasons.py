"""Why a mail was not delivered: from status codes, and from what the other side said."""

import re
from enum import StrEnum

from crm_bounces import words


class Class(StrEnum):
    """What a reason means for the address: retire it, wait, or look at ourselves."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"
    NONE = "none"


class Reason(StrEnum):
    """Why a mail was not delivered."""

    USER_UNKNOWN = "user unknown"
    HOST_UNKNOWN = "host unknown"
    MOVED = "has moved"
    DISABLED = "mailbox disabled"
    NOT_ACCEPTING = "does not accept mail"
    FULL = "mailbox full"
    TOO_LARGE = "message too large"
    EXPIRED = "expired"
    NETWORK = "network error"
    SYSTEM = "system error"
    BUSY = "too many connections"
    GREYLISTED = "greylisted"
    SENDER = "sender refused"
    BLOCKED = "blocked"
    SPAM = "spam"
    CONTENT = "content"
    AUTHENTICATION = "authentication failed"
    RELAYING = "relaying denied"
    UNCLEAR = "unclear"


_HARD = frozenset(
    {
        *(Reason.USER_UNKNOWN, Reason.HOST_UNKNOWN, Reason.MOVED, Reason.DISABLED),
        Reason.NOT_ACCEPTING,
    }
)
_POLICY = frozenset(
    {
        *(Reason.SENDER, Reason.BLOCKED, Reason.SPAM, Reason.CONTENT, Reason.AUTHENTICATION),
        Reason.RELAYING,
    }
)
_WORDS = (
    (Reason.AUTHENTICATION, words.AUTHENTICATION),
    (Reason.GREYLISTED, words.GREYLISTED),
    (Reason.SENDER, words.SENDER),
    (Reason.SPAM, words.SPAM),
    (Reason.FULL, words.FULL),
    (Reason.BLOCKED, words.BLOCKED),
    (Reason.CONTENT, words.CONTENT),
    (Reason.RELAYING, words.RELAYING),
    (Reason.TOO_LARGE, words.TOO_LARGE),
    (Reason.MOVED, words.MOVED),
    (Reason.NOT_ACCEPTING, words.NOT_ACCEPTING),
    (Reason.HOST_UNKNOWN, words.HOST_UNKNOWN),
    (Reason.DISABLED, words.DISABLED),
    (Reason.USER_UNKNOWN, words.USER_UNKNOWN),
    (Reason.EXPIRED, words.EXPIRED),
    (Reason.BUSY, words.BUSY),
    (Reason.NETWORK, words.NETWORK),
    (Reason.BLOCKED, words.REFUSED),
    (Reason.SYSTEM, words.SYSTEM),
)
_PATTERNS = tuple(
    (reason, re.compile("|".join(f"(?:{line})" for line in lines.strip().splitlines())))
    for reason, lines in _WORDS
)
_BY_STATUS: tuple[tuple[str, Reason], ...] = (
    (r"5\.1\.[1346]|5\.1\.10|5\.2\.1|5\.1\.0|5\.4\.310", Reason.USER_UNKNOWN),
    (r"5\.1\.2|5\.4\.4|5\.4\.312", Reason.HOST_UNKNOWN),
    (r"[45]\.2\.2", Reason.FULL),
    (r"[45]\.(2\.3|3\.4)", Reason.TOO_LARGE),
    (r"5\.1\.[78]|[45]\.7\.1\d\d", Reason.SENDER),
    (r"[45]\.7\.(2\d|9|8)", Reason.AUTHENTICATION),
    (r"[45]\.7\.\d+", Reason.BLOCKED),
    (r"[45]\.6\.\d+", Reason.CONTENT),
    (r"[45]\.4\.7", Reason.EXPIRED),
    (r"[45]\.4\.\d+", Reason.NETWORK),
    (r"[45]\.3\.\d+|4\.\d+\.\d+", Reason.SYSTEM),
)
# Codes that mail systems give for what they mean, whatever they write beside them.
_DECISIVE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "4.2.2", "5.2.2", "5.3.4"})
_VAGUE = frozenset({Reason.SYSTEM, Reason.NETWORK, Reason.BUSY})


def class_of(reason: Reason) -> Class:
    """Return what a reason means for the address."""
    if reason in _HARD:
        return Class.HARD
    return Class.POLICY if reason in _POLICY else Class.SOFT


def reason_of(text: str, status: str = "") -> Reason:
    """Return why: a status code that says it, else the words, else the kind of the code.

    `status` is an enhanced status code or empty. A code that mail systems give for anything (5.0.0,
    5.7.1, 5.4.1, ...) yields to words; words that say little yield to a code.
    """
    by_status = next((why for code, why in _BY_STATUS if re.fullmatch(code, status)), None)
    if status in _DECISIVE and by_status is not None:
        return by_status
    by_words = in_words(text)
    if by_words is None or (by_words in _VAGUE and by_status is not None):
        return by_status or by_words or Reason.UNCLEAR
    return by_words


def is_clear(text: str) -> bool:
    """Whether the text alone gives a reason that says something."""
    return in_words(text) not in {None, *_VAGUE}


def in_words(text: str) -> Reason | None:
    """Return the reason that a text gives, None if it gives none."""
    line = " ".join(text.lower().split())
    return next((reason for reason, pattern in _PATTERNS if pattern.search(line)), None)
