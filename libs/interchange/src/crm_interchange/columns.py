"""Which column means what, in one file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_interchange import headers as known

_CUSTOM = "custom."
_ADDRESS_DEPTH = 3
IGNORE = "ignore"


class MappingWrong(ValueError):
    """The mapping asked for names no column of the file, or no field of ours."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its place, its field, and where its label stands, if anywhere."""

    index: int
    field: str
    label: str | None = None
    label_index: int | None = None

    @property
    def target(self) -> str:
        """The field as a person maps it: `emails.work`."""
        return f"{self.field}.{self.label}" if self.label else self.field


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """All columns that are read, and the headers of those that are not."""

    system: str
    read: tuple[Column, ...]
    headers: tuple[str, ...]

    @property
    def ignored(self) -> list[str]:
        """Headers nothing is taken from."""
        taken = {each.index for each in self.read}
        taken |= {each.label_index for each in self.read if each.label_index is not None}
        return [name for index, name in enumerate(self.headers) if index not in taken and name]

    @property
    def fields(self) -> dict[str, str]:
        """Header to field, as a person checks it."""
        return {self.headers[each.index]: each.target for each in self.read}

    @property
    def settled(self) -> dict[str, str]:
        """Every header to its field or to `ignore`: recognised again, it means the same."""
        return dict.fromkeys(filter(None, self.headers), IGNORE) | self.fields

    def index_of(self, field: str) -> list[int]:
        """Return the places of the columns that are read as this field."""
        return [each.index for each in self.read if each.field == field]


def recognise(headers: Sequence[str], mapping: Mapping[str, str] | None = None) -> Columns:
    """Return what the columns mean; `mapping` (header to field) comes first. Raises MappingWrong.

    A header that stands there again is called `Phone (2)`; it still means what `Phone` means.
    """
    named = distinct(headers)
    asked = dict(mapping or {})
    loosely = {known.plain(name): asked[name] for name in asked if name not in named}
    _refuse_unknown(asked, loosely, named)
    system = known.system_of(list(headers))
    labels = {
        match[1]: index
        for index, header in enumerate(headers)
        if (match := known.LABEL_OF.fullmatch(known.plain(header)))
    }
    found = []
    for index, (header, name) in enumerate(zip(headers, named, strict=True)):
        target = asked.get(name) or loosely.get(known.plain(name)) or known.field_of(header, system)
        if target is None or target == IGNORE:
            continue
        field, _, label = target.partition(".") if _is_labelled(target) else (target, "", "")
        numbered = known.plain(header).removesuffix(" value")
        found.append(Column(index, field, label or None, labels.get(numbered)))
    return Columns(system=system, read=tuple(found), headers=tuple(named))


def distinct(headers: Sequence[str]) -> list[str]:
    """Return the headers with a number behind each that stood there before."""
    seen: Counter[str] = Counter()
    found = []
    for header in headers:
        name = header.strip()[:200]
        seen[name] += 1
        found.append(name if seen[name] == 1 or not name else f"{name} ({seen[name]})")
    return found


def _refuse_unknown(
    asked: Mapping[str, str], loosely: Mapping[str, str], headers: Sequence[str]
) -> None:
    present = {known.plain(header) for header in headers}
    for name in loosely:
        if name not in present:
            raise MappingWrong(f"there is no column {name!r}")
    for field in asked.values():
        if not is_field(field):
            fields = ", ".join(sorted(each for each in known.TARGETS if "." not in each))
            raise MappingWrong(f"there is no field {field!r}; fields: {fields}, custom.<name>")


def is_field(target: str) -> bool:
    """Say whether a column may be read as this."""
    parts = target.split(".")
    if parts[0] == "address":
        return len(parts) == _ADDRESS_DEPTH and parts[2] in known.ADDRESS_PARTS and bool(parts[1])
    is_custom = target.startswith(_CUSTOM) and len(target) > len(_CUSTOM)
    return target in known.TARGETS or target == IGNORE or is_custom or _is_labelled(target)


def _is_labelled(target: str) -> bool:
    return target.partition(".")[0] in known.LISTS
