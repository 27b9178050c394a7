"""A mail taken apart: its notice, its delivery reports, and the mail it returns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from html import unescape

_TAGS = re.compile(r"<(style|script|title)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BREAKS = re.compile(r"<\s*/?\s*(br|p|div|tr|li|h\d|pre|td)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>@]*>", re.IGNORECASE)
_LONGEST_TEXT = 200_000
# A parameter on a line of its own that was not moved in.
_UNFOLDED = re.compile(rb"(;)[ \t]*\n((?:boundary|charset|report-type|name)=)", re.IGNORECASE)
# Where a text stops being the notice and starts being the mail that came back.
_RETURNED = re.compile(
    r"^[\s>*=_-]*("
    r"(this is (a copy of )?)?(the )?(body of the |unsent |original |returned |your |undelivered "
    r"|copy of (the |your )?(original )?)+(message|mail|e-?mail)( headers?)?( text)?"
    r"( as it was received| follows?| begins| below| including all| in full|, including| is attached)"
    r"|(below|following) (this line )?is (a copy of )?(the|your) (original )?(message|mail|header)"
    r"|-+ ?(below|this) (this )?(line )?is a copy"
    r"|included is a copy of the (message|mail)"
    r"|(message|mail) ?(header|text)s? follows?"
    r"|(unsent|original|returned|undelivered) (message|mail)( (follows|below|is below))?[\s:*=_-]*$"
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
    parts = list(_parts(message))
    text = "\n".join(_texts(parts))[:_LONGEST_TEXT]
    kinds = {part.get_content_type() for part in parts}
    notice = text[: match.start()] if (match := _cut(text)) else text
    return Mail(
        headers=_headers(message),
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
    for part in _parts(message_from_bytes(content)):
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


def _parts(message: Message) -> Iterator[Message]:
    """Leaves and embedded messages, not what is inside the latter."""
    kind = message.get_content_type()
    embedded = message.get_content_maintype() == "message"
    if message.is_multipart() and not embedded:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)
        if (
            isinstance(message.preamble, str)
            and kind == "multipart/mixed"
            and not any(isinstance(part, Message) for part in message.get_payload())
        ):
            yield message
        return
    yield message


def _texts(parts: list[Message]) -> Iterator[str]:
    plain = [part for part in parts if _kind(part) in _PLAIN and not _is_file(part)]
    chosen = plain or [part for part in parts if _kind(part) == "text/html"]
    for part in chosen:
        text = _decoded(part)
        if _kind(part) == "text/html" or text.lstrip()[:15].lower().startswith(
            ("<html", "<!doctype")
        ):
            text = _without_tags(text)
        yield text.replace("\r\n", "\n").replace("\r", "\n")  # what was encoded


_PLAIN = frozenset({"text/plain", "text", "plain/text", "application/text"})


def _kind(part: Message) -> str:
    """A part's type, also where its parameters follow without the semicolon.

    What is called several parts and has none is a text.
    """
    kind = part.get_content_type().split()[0]
    has_none = kind.startswith("multipart/") and isinstance(part.get_payload(), str)
    return "text/plain" if has_none else kind


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(part.get_payload() or "")
    for charset in (part.get_content_charset(), _charset(payload), "utf-8"):
        try:
            return payload.decode(charset or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    return payload.decode("latin-1")


def _charset(payload: bytes) -> str:
    return "iso-2022-jp" if b"\x1b$" in payload else "utf-8"


def _without_tags(text: str) -> str:
    spread = _BREAKS.sub("\n", _TAGS.sub(" ", text))
    return unescape(_TAG.sub(" ", spread))


def _headers(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.items():
        found.setdefault(name.lower(), _header(value))
    return found


def _header(value: object) -> str:
    try:
        return " ".join(str(make_header(decode_header(str(value)))).split())
    except (MessageError, LookupError, ValueError):
        return " ".join(str(value).split())


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
    return _decoded(part)


def _whole(message: Message) -> str:
    """A part as text; one whose headers were torn in transport as its headers."""
    try:
        return message.as_string()
    except MessageError:
        return "\n".join(f"{name}: {value}" for name, value in message.raw_items())


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
            return _headers(payload[0]) if isinstance(payload[0], Message) else {}
        if kind in {"text/rfc822-headers", "message/rfc822", "message/rfc822-headers"}:
            return _headers(message_from_bytes(_decoded(part).lstrip().encode()))
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(rest):
        found.setdefault(name.lower(), _header(value))
    return found
