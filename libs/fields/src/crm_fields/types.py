"""Fields made at run time: their types, and how a value of each is read and described.

A value is read the same whether it comes as JSON, from a form or from a file: `"38"` is the number
38 and `"yes"` is true; what is kept is always of the type.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from crm_fields.kinds import Kind

PREFIX = "custom."
LONGEST_STRING, LONGEST_TEXT, LONGEST_URL = 500, 10_000, 2_000
_LARGEST, _DIGITS = Decimal("1e15"), 15
_TRUE = frozenset({"true", "yes", "1", "on"})
_FALSE = frozenset({"false", "no", "0", "off"})
_EARLIEST, _BEYOND = 1900, 2200


class NoValue(ValueError):
    """What was given is no value of the field's type; says why."""


class FieldType(StrEnum):
    """What a field holds."""

    STRING = "string"
    TEXT = "text"
    NUMBER = "number"
    BOOL = "bool"
    DATE = "date"
    DATETIME = "datetime"
    ENUM = "enum"
    MULTI_ENUM = "multi_enum"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    MONEY = "money"


CHOICES = frozenset({FieldType.ENUM, FieldType.MULTI_ENUM})
SEARCHABLE = frozenset({
    FieldType.STRING, FieldType.TEXT, FieldType.PHONE, FieldType.EMAIL, FieldType.URL,
    FieldType.ENUM, FieldType.MULTI_ENUM,
})  # fmt: skip
# What one value of each may be unique by.
UNIQUE = frozenset({
    FieldType.STRING, FieldType.NUMBER, FieldType.DATE, FieldType.PHONE, FieldType.EMAIL,
    FieldType.URL,
})  # fmt: skip
KINDS: Mapping[FieldType, Kind] = {
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.MONEY: Kind.NUMBER,
    FieldType.BOOL: Kind.FLAG,
    FieldType.DATE: Kind.DAY,
    FieldType.DATETIME: Kind.MOMENT,
    FieldType.MULTI_ENUM: Kind.WORDS,
}
Spelling = Mapping[FieldType, Callable[[str], str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A field as its values are read: `options` are value and label of what can be chosen."""

    key: str
    type: FieldType
    label: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    unique: bool = False
    searchable: bool = False
    sensitive: bool = False
    archived: bool = False
    id: UUID | None = None
    spelling: Spelling = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """What conditions and mappings call it."""
        return PREFIX + self.key


def read(spec: Spec, given: object) -> Any:
    """Return a value in the one form it is kept in, as JSON. Raises ValueError with the reason.

    Telephone numbers and e-mail addresses are spelt by `spec.spelling`, which raises it as well.
    """
    if isinstance(given, str):
        given = given.strip()
        if "\0" in given:
            raise NoValue("NUL is not text.")
    if given in ("", []):
        raise NoValue("Empty; leave it out, or send null to clear it.")
    return _READERS[spec.type](spec, given)


def kinds_of(specs: Iterable[Spec], *, with_archived: bool = False) -> dict[str, Kind]:
    """Return the kinds of fields as conditions name them; of money also `.currency`.

    Sensitive fields cannot be asked for, nor archived ones, but by what asked for them before.
    """
    found: dict[str, Kind] = {}
    for spec in specs:
        if spec.sensitive or (spec.archived and not with_archived):
            continue
        found[spec.name] = KINDS.get(spec.type, Kind.TEXT)
        if spec.type is FieldType.MONEY:
            found[f"{spec.name}.currency"] = Kind.TEXT
    return found


def schema_of(spec: Spec) -> dict[str, Any]:
    """Return the JSON Schema of a field's value, for an OpenAPI document."""
    described: dict[str, Any] = {"title": spec.label or spec.key, **_SCHEMAS[spec.type]}
    values = [value for value, _ in spec.options]
    if spec.type is FieldType.ENUM:
        described["enum"] = [*values, None]
    if spec.type is FieldType.MULTI_ENUM:
        described["items"] = {"type": "string", "enum": values}
    described["type"] = [described["type"], "null"]
    return described


def _string(longest: int) -> Callable[[Spec, object], str]:
    def read_string(_: Spec, given: object) -> str:
        text = given if isinstance(given, str) else None
        if isinstance(given, int | float) and not isinstance(given, bool):
            text = str(given)
        if text is None:
            raise NoValue("Not a text.")
        if len(text) > longest:
            raise NoValue(f"Longer than {longest} characters.")
        return text

    return read_string


def _number(_: Spec, given: object) -> int | float:
    number = _decimal(given)
    if len(number.as_tuple().digits) > _DIGITS:
        raise NoValue(f"More than {_DIGITS} digits.")
    return int(number) if number == number.to_integral_value() else float(number)


def _decimal(given: object) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        raise NoValue("Not a number.")
    try:
        number = Decimal(str(given)).normalize()
    except InvalidOperation as error:
        raise NoValue("Not a number.") from error
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise NoValue("Not a number of less than sixteen digits.")
    return number


def _bool(_: Spec, given: object) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).lower() if isinstance(given, str | int) else ""
    if word not in _TRUE | _FALSE:
        raise NoValue("Not true or false.")
    return word in _TRUE


def _date(_: Spec, given: object) -> str:
    try:
        found = date.fromisoformat(str(given))
    except ValueError as error:
        raise NoValue("Not a date (YYYY-MM-DD).") from error
    if not _EARLIEST <= found.year < _BEYOND:
        raise NoValue("Not between 1900 and 2199.")
    return found.isoformat()


def _datetime(_: Spec, given: object) -> str:
    try:
        found = datetime.fromisoformat(str(given))
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        moment = aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise NoValue("Not a date and time (YYYY-MM-DDThh:mm:ssZ).") from error
    if not _EARLIEST <= moment.year < _BEYOND:
        raise NoValue("Not between 1900 and 2199.")
    return moment.isoformat().replace("+00:00", "Z")


def _enum(spec: Spec, given: object) -> str:
    text = str(given) if isinstance(given, str | int) else ""
    values = [value for value, _ in spec.options]
    if text in values:
        return text
    known = {label.casefold(): value for value, label in spec.options}
    known |= {value.casefold(): value for value in values}
    if text.casefold() not in known:
        raise NoValue(f"Not one of {', '.join(values)}.")
    return known[text.casefold()]


def _multi_enum(spec: Spec, given: object) -> list[str]:
    parts = given.split(";") if isinstance(given, str) else given
    if not isinstance(parts, list | tuple):
        raise NoValue("Not a list.")
    chosen = {_enum(spec, each.strip() if isinstance(each, str) else each) for each in parts}
    return [value for value, _ in spec.options if value in chosen]


def _spelt(spec: Spec, given: object) -> str:
    if not isinstance(given, str):
        raise NoValue("Not a text.")
    if len(given) > LONGEST_STRING:
        raise NoValue(f"Longer than {LONGEST_STRING} characters.")
    spell = spec.spelling.get(spec.type)
    return spell(given) if spell else given


def _url(_: Spec, given: object) -> str:
    text = given if isinstance(given, str) else ""
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url or len(text) > LONGEST_URL or any(each.isspace() for each in text):
        raise NoValue("Not a web address (https://…).")
    return text


def _money(_: Spec, given: object) -> dict[str, str]:
    amount, currency = _parted(given)
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise NoValue("Needs the currency's three letters: 1234.50 EUR.")
    exact = _decimal(amount)
    rounded = exact.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
    if rounded != exact:
        raise NoValue("At most four decimals.")
    cents = rounded.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    written = cents if cents == rounded else rounded.normalize()
    return {"amount": f"{written:f}", "currency": currency.upper()}


def _parted(given: object) -> tuple[object, str]:
    if isinstance(given, Mapping):
        if given.keys() != {"amount", "currency"}:
            raise NoValue('Takes {"amount": "1234.50", "currency": "EUR"}.')
        return given["amount"], str(given["currency"])
    parts = given.split() if isinstance(given, str) else []
    if len(parts) != 2:
        raise NoValue("Needs an amount and a currency: 1234.50 EUR.")
    return (parts[1], parts[0]) if parts[0].isalpha() else (parts[0], parts[1])


_READERS: Mapping[FieldType, Callable[[Spec, object], Any]] = {
    FieldType.STRING: _string(LONGEST_STRING),
    FieldType.TEXT: _string(LONGEST_TEXT),
    FieldType.NUMBER: _number,
    FieldType.BOOL: _bool,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.ENUM: _enum,
    FieldType.MULTI_ENUM: _multi_enum,
    FieldType.PHONE: _spelt,
    FieldType.EMAIL: _spelt,
    FieldType.URL: _url,
    FieldType.MONEY: _money,
}
_TEXT_SCHEMA = {"type": "string"}
_SCHEMAS: Mapping[FieldType, Mapping[str, Any]] = {
    FieldType.STRING: {"type": "string", "maxLength": LONGEST_STRING},
    FieldType.TEXT: {"type": "string", "maxLength": LONGEST_TEXT},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOL: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
    FieldType.ENUM: _TEXT_SCHEMA,
    FieldType.MULTI_ENUM: {"type": "array"},
    FieldType.PHONE: _TEXT_SCHEMA,
    FieldType.EMAIL: {"type": "string", "format": "email"},
    FieldType.URL: {"type": "string", "format": "uri"},
    FieldType.MONEY: {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    },
}
