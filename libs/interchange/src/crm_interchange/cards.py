"""vCards 2.1, 3.0 and 4.0 as telephones and mail programs write them."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm_interchange.tables import OpenAt, Record
from crm_interchange.text import Line

_SKIPPED = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_LONGEST_CARD = 1_000_000
_NAME = re.compile(r"(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9-]+)\s*(?=[;:])")
_PARAMETER = re.compile(
    r';\s*([A-Za-z0-9-]+)(?:=((?:"[^"]*"|[^";:,])*(?:,(?:"[^"]*"|[^";:,])*)*))?'
)
_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One line of a card, unfolded and decoded; `types` in lower case, other parameters by name."""

    name: str
    value: str
    group: str = ""
    types: frozenset[str] = frozenset()
    parameters: dict[str, str] = field(default_factory=dict)


def is_card(text: str) -> bool:
    """Say whether a file that begins like this holds cards."""
    return _bare(text.lstrip("\ufeff \t\n").partition("\n")[0]) == _BEGIN


def records(open_at: OpenAt, *, start: int = 0, number: int = 1) -> Iterator[Record]:
    """Yield the cards from a place on; `cells` are their unfolded lines, pictures left out."""
    card: _Open | None = None
    for line in open_at(start, number):
        bare = _bare(line.text)
        if card is None:
            card = _begun(line, bare)
            if card is None and bare:
                yield Record(
                    line=line.number, start=line.start, end=line.end, next_line=line.number + 1,
                    cells=[line.text], fault="stands outside of any card",
                )  # fmt: skip
        elif bare == _BEGIN and not card.is_agent:
            yield card.record(line.start, line.number, fault="the card does not end")
            card = _Open(line)
        else:
            card.take(line, bare)
            if card.depth == 0:
                yield card.record(line.end, line.number + 1)
                card = None
    if card is not None:
        yield card.record(card.last.end, card.last.number + 1, fault="the card does not end")


def _begun(line: Line, bare: str) -> "_Open | None":
    return _Open(line) if bare == _BEGIN else None


def _bare(text: str) -> str:
    return text.replace(" ", "").strip("\ufeff\t").upper()


class _Open:
    """A card whose end was not met yet."""

    def __init__(self, first: Line) -> None:
        self.first = self.last = first
        self.lines: list[str] = []
        self.depth, self.length = 1, 0
        self.is_agent = self.is_skipping = self.is_soft = self.is_overlong = False

    def take(self, line: Line, bare: str) -> None:
        """Take one more line: a fold belongs to the line before, as does what a soft break parts."""
        self.last = line
        if bare in {_BEGIN, _END}:
            self.depth += 1 if bare == _BEGIN else -1
            self.is_soft = self.is_skipping = False
            self.is_agent = self.depth > 1
            return
        if self.depth > 1:
            return
        is_fold = line.text[:1] in {" ", "\t"} and bool(self.lines or self.is_skipping)
        if self.is_skipping and (is_fold or ":" not in line.text):
            return
        if self.is_soft:
            self.lines[-1] = self.lines[-1][:-1] + line.text
        elif is_fold:
            self.lines[-1] += line.text[1:]
        else:
            self._begin(line)
        self._measure(line)

    def _begin(self, line: Line) -> None:
        match = _NAME.match(line.text)
        self.is_skipping = bool(match) and match[2].upper() in _SKIPPED  # type: ignore[index]
        self.is_agent = bool(match) and match[2].upper() == "AGENT"  # type: ignore[index]
        if not self.is_skipping and not self.is_agent and line.text.strip():
            self.lines.append(line.text)

    def _measure(self, line: Line) -> None:
        if self.is_skipping or not self.lines:
            self.is_soft = False
            return
        self.length += len(line.text)
        self.is_overlong |= line.is_overlong or self.length > _LONGEST_CARD
        head = self.lines[-1].partition(":")[0].upper()
        self.is_soft = line.text.endswith("=") and "QUOTED-PRINTABLE" in head

    def record(self, end: int, next_line: int, *, fault: str | None = None) -> Record:
        """Return the card as far as it was met."""
        if self.is_overlong:
            fault = "longer than 1 MB"
        return Record(
            line=self.first.number, start=self.first.start, end=end, next_line=next_line,
            cells=self.lines, fault=fault,
        )  # fmt: skip


def properties(lines: list[str], *, encoding: str = "utf-8") -> list[Property]:
    """Return what a card's lines say; `encoding` is what the file was read as."""
    version = next((line for line in lines if line.upper().startswith("VERSION")), "")
    is_old = version.partition(":")[2].strip().startswith("2")
    found = (_property(line, encoding, is_old=is_old) for line in lines)
    return [each for each in found if each is not None]


def _property(line: str, encoding: str, *, is_old: bool) -> Property | None:
    match = _NAME.match(line)
    if match is None:
        return None
    at, types, others = match.end(), set(), {}
    while parameter := _PARAMETER.match(line, at):
        at = parameter.end()
        name, text = parameter[1].upper(), parameter[2]
        if text is None:  # 2.1 writes the value alone
            name, text = ("ENCODING" if name in _ENCODINGS else "TYPE"), name
        if name == "TYPE":
            types |= {each.strip(' "').lower() for each in text.split(",")}
        else:
            others[name] = text.strip('"')
    if line[at : at + 1] != ":":
        return None
    value = _decoded(line[at + 1 :], others, encoding)
    return Property(
        name=match[2].upper(), group=(match[1] or "").lower(), types=frozenset(types),
        parameters=others, value=value if not is_old else value.replace("\\,", ","),
    )  # fmt: skip


def _decoded(value: str, parameters: dict[str, str], encoding: str) -> str:
    charset = parameters.get("CHARSET", "")
    if parameters.get("ENCODING", "").upper() == "QUOTED-PRINTABLE":
        content = quopri.decodestring(value.encode("utf-8", "replace"))
        return _text(content, charset or "utf-8") or content.decode("latin-1")
    if charset and encoding != "utf-8":  # a card of its own encoding in a file of another
        try:
            return _text(value.encode(encoding), charset) or value
        except UnicodeEncodeError:
            return value
    return value


def _text(content: bytes, charset: str) -> str | None:
    try:
        return content.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None


def parts(value: str, separator: str = ";") -> list[str]:
    """Return the parts of a value, its escapes undone."""
    found, part, is_escaped = [], "", False
    for letter in value:
        if is_escaped:
            part += "\n" if letter in "nN" else letter
            is_escaped = False
        elif letter == "\\":
            is_escaped = True
        elif letter == separator:
            found.append(part)
            part = ""
        else:
            part += letter
    return [*found, part]


def text_of(value: str) -> str:
    """Return a value that has one part, its escapes undone."""
    return parts(value, "\0")[0].strip()
