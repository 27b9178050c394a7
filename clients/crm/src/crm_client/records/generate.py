"""`python -m crm_client.records.generate [--check]`: the records' types, written from the contracts.

Needs crm-contracts; the client itself does not.
"""

import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# The kinds the client has resources of.
KINDS = {
    "contacts": (
        "contact", "account", "interaction", "note", "task", "order", "invoice",
    ),
    "sales": ("pipeline", "deal", "lead"),
    "marketing": ("segment", "template", "campaign"),
    "support": ("ticket",),
    "gateway": ("user", "team", "webhook"),
}  # fmt: skip
_PLAIN = {"str": "str", "int": "int", "bool": "bool", "float": "float", "NoneType": "None"}
_LONGEST_LINE = 100
_WRITTEN = "written by `python -m crm_client.records.generate`, do not edit."


def main() -> int:
    """Write the modules, or say which differ."""
    made = {f"{service}.py": _module(service) for service in KINDS}
    made |= {"shared.py": _shared(), "__init__.py": _package()}
    stale = [n for n, text in made.items() if not _path(n).exists() or _path(n).read_text() != text]
    if "--check" in sys.argv:
        sys.stderr.writelines(f"{name} is not as the contracts are\n" for name in stale)
        return 1 if stale else 0
    for name, text in made.items():
        _path(name).write_text(text)
    return 0


def _path(name: str) -> Path:
    return HERE / name


def _records(service: str) -> list[type]:
    from crm_contracts import RECORDS

    return [RECORDS[service, kind] for kind in KINDS[service]]


def _shared() -> str:
    """Return the module of what all records have, and of values that several are made of."""
    from crm_contracts.base import Money, Record, SubjectRef

    classes = "".join(f"\n\n{_class(each)}" for each in (Record, Money, SubjectRef))
    return f'"""What records share; {_WRITTEN}"""\n\nfrom typing import TypedDict\n{classes}'


def _package() -> str:
    named = {service: sorted(e.__name__ for e in _records(service)) for service in KINDS}
    imports = "".join(_import(service, names) for service, names in sorted(named.items()))
    every = sorted(name for names in named.values() for name in names)
    told = "".join(f'    "{name}",\n' for name in every)
    return f'"""The shapes of records; {_WRITTEN}"""\n\n{imports}\n__all__ = [\n{told}]\n'


def _import(service: str, names: list[str]) -> str:
    line = f"from crm_client.records.{service} import {', '.join(names)}\n"
    if len(line) <= _LONGEST_LINE:
        return line
    told = "".join(f"    {name},\n" for name in names)
    return f"from crm_client.records.{service} import (\n{told})\n"


def _module(service: str) -> str:
    from crm_contracts.base import Money, SubjectRef

    found: dict[str, type] = {}
    for record in _records(service):
        for each in (*_parts(record), record):
            found[each.__name__] = each
    shared = {
        "Record",
        *(each.__name__ for each in (Money, SubjectRef) if found.pop(each.__name__, 0)),
    }
    classes = "".join(f"\n\n{_class(each)}" for each in found.values())
    typing_names = [name for name in ("Any", "TypedDict") if name in classes]
    lines = [f"from typing import {', '.join(typing_names)}\n\n"] if typing_names else []
    lines.append(f"from crm_client.records.shared import {', '.join(sorted(shared))}\n")
    return f'"""The shapes of records of {service}; {_WRITTEN}"""\n\n{"".join(lines)}{classes}'


def _parts(record: type) -> Iterator[type]:
    """Yield the classes a record is made of, inner ones first."""
    for hint in typing.get_type_hints(record).values():
        for each in _inside(hint):
            if is_dataclass(each):
                yield from _parts(typing.cast("type", each))
                yield typing.cast("type", each)


def _inside(hint: Any) -> Iterator[Any]:
    yield from (each for part in typing.get_args(hint) for each in _inside(part))
    if not typing.get_args(hint):
        yield hint


def _class(of: Any) -> str:
    from crm_contracts.base import Record

    hints, renames = typing.get_type_hints(of), getattr(of, "renames", {})
    is_record = issubclass(of, Record) and of is not Record
    known = {each.name for each in fields(Record)} if is_record else set()
    said = (of.__doc__ or of.__name__).partition("\n")[0].rstrip()
    lines = "".join(
        f"    {renames.get(each.name, each.name)}: {_told(hints[each.name])}\n"
        for each in fields(of)
        if each.name not in known
    )
    base = "Record" if is_record else "TypedDict"
    return f'class {of.__name__}({base}, total=False):\n    """{said}"""\n\n{lines}'


def _told(hint: Any) -> str:
    """Return how JSON tells a value: instants, decimals and ids as text."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return " | ".join(_told(each) for each in inner)
    if origin is tuple:
        return f"list[{_told(inner[0])}]"
    if origin is dict:
        return f"dict[str, {_told(inner[1])}]"
    if hint is Any:
        return "Any"
    if is_dataclass(hint):
        return typing.cast("type", hint).__name__
    return _PLAIN.get(hint.__name__, "str")


if __name__ == "__main__":
    sys.exit(main())
