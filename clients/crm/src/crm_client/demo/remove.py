"""Archiving all of the sample company, and what grew around it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crm_client.client import Client
from crm_client.demo.kinds import KINDS, Kind
from crm_client.demo.plan import MARK, Plan
from crm_client.errors import Refused, reasons

_AT_ONCE = 250
Record = Mapping[str, Any]


def remove(
    client: Client, plan: Plan, *, done: Callable[[int], None] = lambda _: None
) -> tuple[dict[str, int], list[str]]:
    """Archive and return how many of each kind, and what could not be, with the reason.

    Tickets, deals, notes and tasks that others made about sample contacts go too.
    """
    kinds = {kind.name: kind for kind in KINDS if kind.is_archivable}
    found = {name: list(client.pages(kind.path, **kind.filters)) for name, kind in kinds.items()}
    sample = {each["id"] for each in found["contact"]} | {each["id"] for each in found["account"]}
    removed: dict[str, int] = {}
    left: list[str] = []
    for kind in reversed(tuple(kinds.values())):
        names = {wish.name for wish in plan.wishes[kind.name]}
        ours = [each for each in found[kind.name] if _is_ours(kind, each, names, sample)]
        faults = _archive(client, kind, ours)
        removed[kind.plural] = len(ours) - len(faults)
        left += faults
        done(1)
    return removed, left


def _is_ours(kind: Kind, record: Record, names: set[str], sample: set[str]) -> bool:
    match kind.name:
        case "account" | "contact" | "lead":
            return True  # the list held the sample only
        case "deal":
            related = {record["primary_contact_id"], record["account_id"]}
            return record["source"] == MARK or bool(sample & related)
        case "ticket":
            return MARK in record["tags"] or record["requester_id"] in sample
        case "note" | "task":
            about = {each["id"] for each in record["subjects"]}
            return bool(about) and about <= sample
        case _:
            return record["name"] in names


def _archive(client: Client, kind: Kind, records: Iterable[Record]) -> list[str]:
    faults, waiting = [], list(records)
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        if kind.name == "pipeline":  # its batch only creates
            faults += _one_by_one(client, kind, some)
            continue
        operations = [{"op": "archive", "id": each["id"]} for each in some]
        items, _ = client.batch(kind.path, operations)
        for record, item in zip(some, items, strict=True):
            if item["status"] >= 400:
                faults.append(f"{kind.name} {record['id']}: {'; '.join(reasons(item['problem']))}")
    return faults


def _one_by_one(client: Client, kind: Kind, records: Iterable[Record]) -> list[str]:
    faults = []
    for record in records:
        try:
            client.delete(f"{kind.path}/{record['id']}", version=record["version"])
        except Refused as error:
            faults.append(f"{kind.name} {record['name']}: {error}")
    return faults
