"""Why a mail was not delivered: from status codes, and from what the other side said."""

import re
from enum import StrEnum

from crm_bounces.words import abroad, ours, passing, theirs


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
    TURNED_AWAY = "recipient turned away"
    MOVED = "has moved"
    DISABLED = "mailbox disabled"
    NOT_ACCEPTING = "does not accept mail"
    FULL = "mailbox full"
    TOO_LARGE = "message too large"
    EXPIRED = "expired"
    NETWORK = "network error"
    LOOP = "sent in circles"
    SYSTEM = "system error"
    BUSY = "too many connections"
    TOO_FAST = "sent too fast"
    GREYLISTED = "greylisted"
    SENDER = "sender refused"
    BLOCKED = "blocked"
    CHOICE = "not wanted by the recipient"
    SPAM = "spam"
    CONTENT = "content"
    AUTHENTICATION = "authentication failed"
    RELAYING = "relaying denied"
    UNCLEAR = "unclear"


_HARD = frozenset(
    {
        *(Reason.USER_UNKNOWN, Reason.HOST_UNKNOWN, Reason.MOVED, Reason.DISABLED),
        *(Reason.NOT_ACCEPTING, Reason.TURNED_AWAY),
    }
)
_POLICY = frozenset(
    {
        *(Reason.SENDER, Reason.BLOCKED, Reason.SPAM, Reason.CONTENT, Reason.AUTHENTICATION),
        *(Reason.RELAYING, Reason.CHOICE),
    }
)
_WORDS = (
    (Reason.SYSTEM, passing.BROKEN),
    (Reason.AUTHENTICATION, ours.AUTHENTICATION),
    (Reason.GREYLISTED, passing.GREYLISTED),
    (Reason.SENDER, ours.SENDER),
    (Reason.SPAM, ours.SPAM),
    (Reason.SPAM, abroad.SPAM),
    (Reason.FULL, passing.FULL),
    (Reason.FULL, abroad.FULL),
    (Reason.CHOICE, ours.CHOICE),
    (Reason.BLOCKED, ours.BLOCKED),
    (Reason.CONTENT, ours.CONTENT),
    (Reason.RELAYING, ours.RELAYING),
    (Reason.TOO_LARGE, passing.TOO_LARGE),
    (Reason.MOVED, theirs.MOVED),
    (Reason.NOT_ACCEPTING, theirs.NOT_ACCEPTING),
    (Reason.LOOP, passing.LOOPS),
    (Reason.EXPIRED, passing.LATE),
    (Reason.TOO_FAST, passing.HASTE),
    (Reason.HOST_UNKNOWN, theirs.HOST_UNKNOWN),
    (Reason.DISABLED, theirs.DISABLED),
    (Reason.DISABLED, abroad.DISABLED),
    (Reason.USER_UNKNOWN, theirs.USER_UNKNOWN),
    (Reason.USER_UNKNOWN, abroad.USER_UNKNOWN),
    (Reason.TURNED_AWAY, theirs.TURNED_AWAY),
    (Reason.BUSY, abroad.PASSING),
    (Reason.SYSTEM, passing.LOCAL),
    (Reason.EXPIRED, passing.EXPIRED),
    (Reason.BUSY, passing.BUSY),
    (Reason.NETWORK, passing.UNREACHED),
    (Reason.BLOCKED, ours.REFUSED),
    (Reason.BLOCKED, abroad.REFUSED),
    (Reason.SENDER, ours.HINTED),
    (Reason.NETWORK, passing.NETWORK),
    (Reason.SYSTEM, passing.SYSTEM),
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
_DECISIVE = frozenset(
    {
        *("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"),
        *("5.1.7", "5.1.8", "4.2.2", "5.2.2", "5.3.4"),
    }
)
_WHO_SPOKE = re.compile(r"\bhost \S+ ?\[[^\]]*\]:?( said:)?")
_OF_ADDRESS = frozenset({"501", "511", "550", "551", "553"})
_OF_MAIL = frozenset({"550", "554", "571"})
# What may be mended by tomorrow where a code says so: a mailbox that is locked, or turns us away.
_MENDED = frozenset({Reason.DISABLED, Reason.TURNED_AWAY})
_OF_POLICY = re.compile(r"5\.7\.[1-7]\d\d")
_VAGUE = frozenset({Reason.SYSTEM, Reason.NETWORK, Reason.BUSY})
# What is never said of an address that does not exist, whatever the code.
_CERTAIN = frozenset({Reason.FULL, Reason.CHOICE})
# Before it names a recipient, a session can only fail for what concerns us or the network.
_OF_RECIPIENT = _HARD | {Reason.UNCLEAR, Reason.SYSTEM}


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
    by_words = in_words(text)
    if by_words in _MENDED and _is_passing(text, status):
        return Reason.SYSTEM
    if _is_decisive(status) and by_status is not None:
        return by_words if by_words in _CERTAIN else by_status
    if by_words is None or _yields(by_words, by_status):
        return by_status or by_words or Reason.UNCLEAR
    return by_words


def before_recipient(reason: Reason) -> Reason:
    """Return what a reason becomes if the session had not come to name a recipient yet."""
    return Reason.SENDER if reason in _OF_RECIPIENT else reason


def _is_passing(text: str, status: str) -> bool:
    return status.startswith("4") or bool(re.match(r"\s*4\d\d\b", text))


def of_stage(code: str, *, is_at_recipient: bool, is_at_content: bool) -> Reason:
    """Return what a refusal means whose words say nothing: by where in the session it came.

    Who is refused when named is mostly not there; what is refused when sent does not please.
    `code` is the SMTP reply; those that are not refusals for good stay unclear.
    """
    if is_at_recipient and code in _OF_ADDRESS:
        return Reason.USER_UNKNOWN
    if is_at_content and code in _OF_MAIL:
        return Reason.BLOCKED
    return Reason.UNCLEAR


def _is_decisive(status: str) -> bool:
    """Whether the code says all: also those of three digits, which one maker gives for policies."""
    return status in _DECISIVE or bool(_OF_POLICY.fullmatch(status))


def _yields(by_words: Reason, by_status: Reason | None) -> bool:
    """Whether words say less than the code: a code of policy is given for haste as well."""
    if by_status is Reason.BLOCKED:
        return by_words in {*_VAGUE, Reason.TURNED_AWAY} and by_words is not Reason.BUSY
    return by_words in _VAGUE and by_status is not None


def is_clear(text: str) -> bool:
    """Whether the text alone gives a reason that says something."""
    return in_words(text) not in {None, *_VAGUE}


def in_words(text: str) -> Reason | None:
    """Return the reason that a text gives, None if it gives none."""
    line = _WHO_SPOKE.sub(" ", " ".join(text.lower().split()))
    return next((reason for reason, pattern in _PATTERNS if pattern.search(line)), None)
