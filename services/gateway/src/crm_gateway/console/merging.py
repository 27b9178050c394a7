"""Two records side by side, whose values are kept, and what merging them would move."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from crm_gateway.console import asking

# Fields of which the survivor keeps one; whatever else there is several of is kept together.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "contact": (
        "first_name", "last_name", "job_title", "department", "birthday", "language", "time_zone",
        "lifecycle", "source", "addresses", "owner_id",
    ),
    "account": (
        "name", "legal_name", "domain", "industry", "size_band", "type", "parent_id", "lifecycle",
        "renewal_date", "owner_id",
    ),
}  # fmt: skip
Record = Mapping[str, Any]


def survivor_first(both: Sequence[Record]) -> list[Record]:
    """The one asked for comes first, else the one that was there first; nobody compares with less."""
    wanted = request.values.get("survivor")
    ordered = sorted(both, key=lambda each: (each["id"] != wanted, each["created_at"], each["id"]))
    return ordered if len({each["id"] for each in both}) > 1 else []


def differing(
    kind: str, both: Sequence[Record], foreseen: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Fields in which the two differ, each with both values and whose would be kept."""
    rows = []
    for name in FIELDS[kind] if both else ():
        values = [each.get(name) for each in both]
        if values[0] != values[1]:
            chosen = request.form.get(f"choice.{name}")
            likely = foreseen["survivor"].get(name) if foreseen else values[0]
            kept = chosen or both[1 if values[1] == likely else 0]["id"]
            rows.append({"name": name, "values": values, "kept": kept})
    return rows


def preview(kind: str, both: Sequence[Record]) -> Mapping[str, Any] | None:
    """The survivor as it would be and what moves in each service; None where nobody can say."""
    if not both:
        return None
    survivor, absorbed = both
    body = {"absorbed_ids": [absorbed["id"]], "dry_run": True}
    path = f"/v1/{kind}s/{survivor['id']}/merge"
    outcome = asking.write("contacts", "POST", path, body, version=str(survivor["version"]))
    return outcome.body if outcome.is_good else None


def merge(kind: str) -> asking.Outcome:
    """Make the two of a form one, with the values chosen."""
    given = request.form
    names = FIELDS[kind]
    choices = {name: given[f"choice.{name}"] for name in names if given.get(f"choice.{name}")}
    body = {"absorbed_ids": [given.get("absorbed", "")], "choices": choices}
    path = f"/v1/{kind}s/{given.get('survivor', '')}/merge"
    return asking.write("contacts", "POST", path, body, version=given.get("version"))
