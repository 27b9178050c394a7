"""What every published record and fact has, and the registry of them all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar
from uuid import UUID

_CENTS = Decimal("0.01")
SERVICES = ("contacts", "sales", "marketing", "support", "gateway")


class ContractError(Exception):
    """A body is not a fact that this release can read."""


class Undecodable(ContractError):
    """The body is not a CloudEvent of the promised shape."""


class UnknownType(ContractError):
    """No fact of this type was ever published, as far as this release knows."""


class UnknownMajor(UnknownType):
    """The fact is known, but not in this major version."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its ISO 4217 currency; written with 2 to 4 decimals."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", _two_to_four_decimals(self.amount))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRef:
    """A pointer at any record: its kind and id."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that may be the one meant, and why; no personal data."""

    type: str
    id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The published shape of one aggregate after a change."""

    service: ClassVar[str]
    kind: ClassVar[str]
    plural: ClassVar[str]
    # Python name -> JSON name, where the JSON name is taken by the class (a ticket's "kind").
    renames: ClassVar[dict[str, str]] = {}

    id: UUID
    public_no: int
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    archived_at: datetime | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"

    def customers(self) -> frozenset[UUID]:
        """Ids of the contacts and accounts whose page shows this record."""
        return frozenset()


R_co = TypeVar("R_co", bound=Record, covariant=True)
RecordType: TypeAlias = type[Record]  # in Fact, `type` is the fact's name
FACTS: dict[str, "type[Fact[Any]]"] = {}
RECORDS: dict[tuple[str, str], type[Record]] = {}


@dataclass(frozen=True, kw_only=True)
class Fact(Generic[R_co]):
    """What happened to a record. A subclass names its type; `title` puts it on the timeline.

    `at` names the record's field that says when it happened, where that is not the time of writing.
    `restated`: nothing happened; the record is told again because its database was restored.
    """

    type: ClassVar[str]
    record_type: ClassVar[RecordType]
    title: ClassVar[str | None]
    at: ClassVar[str | None]

    id: UUID
    time: datetime
    actor: str
    correlation_id: UUID
    record: R_co
    changed: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None
    hops: int = 0
    restated: bool = False

    def __init_subclass__(
        cls,
        *,
        type: str,  # noqa: A002
        title: str | None = None,
        at: str | None = None,
    ) -> None:
        super().__init_subclass__()
        cls.type, cls.title, cls.at = type, title, at
        cls.record_type = cls.__orig_bases__[0].__args__[0]  # type: ignore[attr-defined]
        FACTS[type] = cls
        RECORDS[cls.record_type.service, cls.record_type.kind] = cls.record_type

    @property
    def subject(self) -> UUID:
        return self.record.id

    @property
    def subject_version(self) -> int:
        return self.record.version


def facts_of(record_type: type[Record]) -> tuple[type[Fact[Any]], ...]:
    """Every fact that carries this record, in order of declaration."""
    return tuple(fact for fact in FACTS.values() if fact.record_type is record_type)


def subjects_on_a_page(subjects: Iterable[SubjectRef]) -> Iterator[UUID]:
    """Ids of those subjects that are customers, or may turn out to be: contacts, accounts, visitors."""
    return (each.id for each in subjects if each.type in {"contact", "account", "visitor"})


def ids_of(*ids: UUID | None) -> frozenset[UUID]:
    """The given ids without the absent ones."""
    return frozenset(each for each in ids if each is not None)


def _two_to_four_decimals(amount: Decimal) -> Decimal:
    exponent = amount.as_tuple().exponent
    if exponent == _CENTS.as_tuple().exponent:
        return amount
    normal = round(amount, 4).normalize()
    return normal if normal.as_tuple().exponent in {-3, -4} else normal.quantize(_CENTS)
