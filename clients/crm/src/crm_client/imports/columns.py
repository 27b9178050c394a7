"""Which column means what, in one file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_client.errors import ClientError
from crm_client.imports import headers as known

_CUSTOM = "custom."


class MappingWrong(ClientError):
    """The mapping asked for names no column of the file, or no field of ours."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its place, its field, and where its label stands, if anywhere."""

    index: int
    field: str
    label: str | None = None
    label_index: int | None = None


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
        return {self.headers[each.index]: _written(each) for each in self.read}


def recognise(headers: Sequence[str], mapping: Mapping[str, str] | None = None) -> Columns:
    """Return what the columns mean; `mapping` (header to field) comes first. Raises MappingWrong."""
    asked = {known.plain(name): field for name, field in (mapping or {}).items()}
    _refuse_unknown(asked, headers)
    system = known.system_of(list(headers))
    labels = {
        match[1]: index
        for index, header in enumerate(headers)
        if (match := known.LABEL_OF.fullmatch(known.plain(header)))
    }
    found = []
    for index, header in enumerate(headers):
        name = known.plain(header)
        target = asked.get(name) or known.field_of(header, system)
        if target is None or target == "ignore":
            continue
        field, _, label = target.partition(".") if _is_labelled(target) else (target, "", "")
        found.append(Column(index, field, label or None, labels.get(name.removesuffix(" value"))))
    return Columns(system=system, read=tuple(found), headers=tuple(headers))


def _refuse_unknown(asked: Mapping[str, str], headers: Sequence[str]) -> None:
    present = {known.plain(header) for header in headers}
    for name, field in asked.items():
        if name not in present:
            raise MappingWrong(f"there is no column {name!r}")
        is_known = field in known.TARGETS or field == "ignore" or field.startswith(_CUSTOM)
        if not (is_known or _is_labelled(field)):
            fields = ", ".join(sorted(known.TARGETS))
            raise MappingWrong(f"there is no field {field!r}; fields: {fields}, custom.<name>")


def _is_labelled(target: str) -> bool:
    return target.partition(".")[0] in known.LISTS


def _written(column: Column) -> str:
    return f"{column.field}.{column.label}" if column.label else column.field
