"""A mail taken apart: its notice, its delivery reports, and the mail it returns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message

from crm_bounces.parts import decoded, header, headers, leaves, texts, unescaped

_LONGEST_TEXT = 60_000
# Patterns may look at a line once for each of its characters: none is longer than mail allows.
_TOO_LONG = re.compile(r"([^\n]{998})(?=[^\n])")
# A parameter on a line of its own that was not moved in.
_UNFOLDED = re.compile(rb"(;)[ \t]*\n((?:boundary|charset|report-type|name)=)", re.IGNORECASE)
# Where a text stops being the notice and starts being the mail that came back.
_RETURNED = re.compile(
    r"^[ \t>*=_-]*("
    r"(this is (a copy of )?)?(the )?(body of the |unsent |original |returned |your |undelivered "
    r"|copy of (the |your )?(original )?)+(message|mail|e-?mail)( headers?)?( text)?"
    r"( as it was received| follows?| begins| below| including all| in full|, including| is attached)"
    r"|(below|following) (this line )?is (a copy of )?(the|your) (original )?(message|mail|header)"
    r"|-+ ?(below|this) (this )?(line )?is a copy"
    r"|included is a copy of the (message|mail)"
    r"|(message|mail) ?(header|text)s? follows?"
    r"|(old|unsent|original|returned|undelivered) (message|mail)( (follows|below|is below))?[\s:*=_-]*$"
    r"|start of (the )?(returned|original|forwarded) (message|mail)"
    r"|your (original )?(message|mail) (reads|follows|begins)[\w ,(]*:?\s*$"
    r"|received: ?(from|by|\()"
    r"|return-path: ?<"
    r"|the first \d+ (bytes|lines) of (the|your)"
    r"|text of (the )?message"
    r"|---+ ?(元|以下)"
    r")",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Headers by lower-case name (the first of each), texts, reports, and the returned headers."""

    headers: dict[str, str]
    kind: str
    report_type: str
    text: str
    notice: str
    reports: tuple[dict[str, str], ...] = ()
    returned: dict[str, str] = field(default_factory=dict)
    has_report: bool = False
    has_disposition: bool = False

    def header(self, name: str) -> str:
        """The header's value, empty when there is none."""
        return self.headers.get(name, "")


def read(content: bytes) -> Mail:
    """Take a mail apart; whatever the bytes, it raises nothing."""
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if content.startswith(b"From ") and b"\n" in content:
        content = content.partition(b"\n")[2]
    content = _UNFOLDED.sub(rb"\1\n \2", content.lstrip(b"\r\n"))
    message = message_from_bytes(content)
    parts = list(leaves(message))
    text = _TOO_LONG.sub(r"\1\n", "\n".join(texts(parts))[:_LONGEST_TEXT])
    kinds = {part.get_content_type() for part in parts}
    notice = text[: match.start()] if (match := _cut(text)) else text
    return Mail(
        headers=headers(message),
        kind=message.get_content_type(),
        report_type=_report_type(message),
        text=text,
        notice=notice,
        reports=tuple(_reports(parts, text)),
        returned=_returned(parts, text[match.start() :] if match else ""),
        has_report=bool(kinds & _REPORT_KINDS),
        has_disposition="message/disposition-notification" in kinds,
    )


def returned_whole(content: bytes) -> bytes | None:
    """The whole mail that a mail carries as a part, if it carries one."""
    for part in leaves(message_from_bytes(content)):
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            return _bytes(payload[0]) if isinstance(payload[0], Message) else None
    return None


def _bytes(message: Message) -> bytes | None:
    try:
        return bytes(message)
    except MessageError:
        return None  # its headers were torn in transport


_REPORT_KINDS = frozenset({"message/delivery-status", "message/global-delivery-status"})


def _cut(text: str) -> re.Match[str] | None:
    """The first sign of the returned mail that is not the notice's own first line."""
    return next(
        (each for each in _RETURNED.finditer(text) if text[: each.start()].strip()),
        None,
    )


def _report_type(message: Message) -> str:
    found = message.get_param("report-type", "")
    return str(found[2] if isinstance(found, tuple) else found or "").lower()


def _reports(parts: list[Message], text: str) -> Iterator[dict[str, str]]:
    """Blocks of fields about one recipient each, in lower-case names."""
    for part in parts:
        if part.get_content_type() in _REPORT_KINDS:
            yield from _blocks(_inside(part))
    if not any(part.get_content_type() in _REPORT_KINDS for part in parts):
        yield from _blocks(text)


def _inside(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n\n".join(_whole(each) for each in payload if isinstance(each, Message))
    return decoded(part)


def _whole(message: Message) -> str:
    """A part as text; one whose headers were torn in transport, or are bare bytes, as these."""
    bare = "\n".join(f"{name}: {value}" for name, value in message.raw_items())
    try:
        return message.as_string() if bare.isascii() else unescaped(bare)
    except MessageError:
        return bare


_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]+)[ \t]*:[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)


def _blocks(text: str) -> Iterator[dict[str, str]]:
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        fields: dict[str, str] = {}
        for name, value in _FIELD.findall(block):
            key = name.lower()
            if key == "final-recipient" and key in fields:
                yield fields
                fields = {}
            fields.setdefault(key, " ".join(value.split()))
        if any(name in fields for name in _RECIPIENT) and (
            "action" in fields or "status" in fields or "diagnostic-code" in fields
        ):
            yield fields


def _returned(parts: list[Message], rest: str) -> dict[str, str]:
    """Headers of the mail that came back, from its part or from the text that holds it."""
    for part in parts:
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            return headers(payload[0]) if isinstance(payload[0], Message) else {}
        if kind in {"text/rfc822-headers", "message/rfc822", "message/rfc822-headers"}:
            return headers(message_from_bytes(decoded(part).lstrip().encode()))
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(rest):
        found.setdefault(name.lower(), header(value))
    return found
