"""Parts, texts and headers of a mail, whatever was done to them on the way."""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from html import unescape

_LONGEST_HTML = 60_000
_TAGS = re.compile(r"<(style|script|title)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BREAKS = re.compile(r"<\s*/?\s*(br|p|div|tr|li|h\d|pre|td)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>@]*>", re.IGNORECASE)


def leaves(message: Message) -> Iterator[Message]:
    """Leaves and embedded messages, not what is inside the latter."""
    kind = message.get_content_type()
    embedded = message.get_content_maintype() == "message"
    if message.is_multipart() and not embedded:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from leaves(part)
        if (
            isinstance(message.preamble, str)
            and kind == "multipart/mixed"
            and not any(isinstance(part, Message) for part in message.get_payload())
        ):
            yield message
        return
    yield message


def texts(parts: list[Message]) -> Iterator[str]:
    """What is there to read: plain texts, else those with tags, without them."""
    plain = [part for part in parts if _kind(part) in _PLAIN and not _is_file(part)]
    chosen = plain or [part for part in parts if _kind(part) == "text/html"]
    for part in chosen:
        text = decoded(part)
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


def decoded(part: Message) -> str:
    """A part's text, in whatever charset it can be read."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(part.get_payload() or "")
    return _in_some_charset(payload, part.get_content_charset())


def _in_some_charset(content: bytes, named: str | None) -> str:
    for charset in (named, _charset(content), "utf-8"):
        try:
            return content.decode(charset or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("latin-1")


def _charset(payload: bytes) -> str:
    return "iso-2022-jp" if b"\x1b$" in payload else "utf-8"


def _without_tags(text: str) -> str:
    spread = _BREAKS.sub("\n", _TAGS.sub(" ", text[:_LONGEST_HTML]))
    return unescape(_TAG.sub(" ", spread))


def headers(message: Message) -> dict[str, str]:
    """Headers by lower-case name, the first of each."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), header(value))
    return found


def header(value: object) -> str:
    """A header's value in one line, its words decoded, also where they came as bare bytes."""
    plain = unescaped(str(value))
    try:
        return " ".join(str(make_header(decode_header(plain))).split())
    except (MessageError, LookupError, ValueError):
        return " ".join(plain.split())


def unescaped(value: str) -> str:
    """Text that came as bare bytes, in the charset it can be read in."""
    if value.isascii() and "\x1b$" not in value:
        return value
    return _in_some_charset(value.encode("utf-8", "surrogateescape"), None)
