"""Sending the rows of a file in sets, and counting what became of each."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from crm_client.client import LARGEST_BATCH, Client
from crm_client.errors import ClientError, reasons, slug
from crm_client.imports import accounts, natural
from crm_client.imports.rows import Refusal, Row

AT_ONCE = 3
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(kw_only=True)
class Outcome:
    """What became of a file: `read` is always `created + already_there + refused`."""

    read: int = 0
    created: int = 0
    already_there: int = 0
    accounts_created: int = 0
    not_sent: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows are in the list of refusals."""
        return len(self.refusals)

    def as_dict(self) -> dict[str, int]:
        """The counts."""
        names = ("read", "created", "already_there", "refused", "accounts_created", "not_sent")
        return {name: int(getattr(self, name)) for name in names}


def load(
    client: Client,
    rows: Sequence[Row | Refusal],
    *,
    fingerprint: str,
    done: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Create the contacts the platform does not have; the same rows again create nothing."""
    outcome = Outcome(read=len(rows), refusals=[row for row in rows if isinstance(row, Refusal)])
    wanted = [row for row in rows if isinstance(row, Row)]
    found = accounts.settle(client, wanted)
    outcome.accounts_created = found.created
    fresh = natural.without_known(client, _placed(wanted, found, outcome))
    unknown = _first_of_each(fresh)
    outcome.already_there = outcome.read - outcome.refused - len(unknown)
    done(outcome.read - len(unknown))
    starts = range(0, len(unknown), LARGEST_BATCH)
    sets = [unknown[start : start + LARGEST_BATCH] for start in starts]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for result in pool.map(lambda each: _sent(client, each, fingerprint), sets):
            outcome.created += result.created
            outcome.already_there += result.already_there
            outcome.not_sent += result.not_sent
            outcome.refusals += result.refusals
            done(result.read)
    outcome.refusals.sort(key=lambda refusal: refusal.line)
    return outcome


def _placed(rows: list[Row], found: accounts.Accounts, outcome: Outcome) -> list[Row]:
    """Give every row its account; refuse those whose account cannot be made."""
    placed = []
    for row in rows:
        if fault := found.fault_of(row.company):
            outcome.refusals.append(Refusal(line=row.line, cells=row.cells, reasons=fault))
            continue
        if account_id := found.id_of(row.company):
            row.body["account_id"] = account_id
        placed.append(row)
    return placed


def _first_of_each(rows: list[Row]) -> list[Row]:
    """Leave out rows whose address stands in an earlier row; what is none is refused each time."""
    seen: set[str] = set()
    kept = []
    for row in rows:
        if not seen.intersection(row.emails):
            kept.append(row)
        seen.update(filter(_ADDRESS.fullmatch, row.emails))
    return kept


def _sent(client: Client, rows: list[Row], fingerprint: str) -> Outcome:
    operations = [{"op": "create", "body": row.body} for row in rows]
    try:
        items, is_repeat = client.batch(
            "/v1/contacts", operations, key=set_key(fingerprint, rows[0].line, operations)
        )
        if is_repeat and _is_gone(client, items):
            items, is_repeat = client.batch("/v1/contacts", operations)
    except ClientError as error:
        refusals = [_refusal(row, [f"not sent: {error}"]) for row in rows]
        return Outcome(read=len(rows), not_sent=len(rows), refusals=refusals)
    outcome = Outcome(read=len(rows))
    for row, item in zip(rows, items, strict=True):
        _count(outcome, row, item, is_repeat=is_repeat)
    return outcome


def set_key(fingerprint: str, line: int, operations: list[dict[str, Any]]) -> str:
    """Return a set's idempotency key: the same for the same part of the same file, read alike."""
    content = json.dumps(operations, sort_keys=True).encode()
    digest = hashlib.sha256(fingerprint.encode() + content).hexdigest()
    return f"import-{digest[:32]}-{line}"


def _is_gone(client: Client, items: list[dict[str, Any]]) -> bool:
    """Say whether what a set created before was archived since: then it is created anew."""
    made = next((item["id"] for item in items if item["status"] == 201), None)
    return made is not None and client.get(f"/v1/contacts/{made}")["archived_at"] is not None


def _count(outcome: Outcome, row: Row, item: dict[str, Any], *, is_repeat: bool) -> None:
    if item["status"] == 201 and not is_repeat:
        outcome.created += 1
    elif item["status"] == 201 or slug(item["problem"]) == "email-taken":
        outcome.already_there += 1
    else:
        outcome.refusals.append(_refusal(row, reasons(item["problem"])))


def _refusal(row: Row, why: list[str]) -> Refusal:
    return Refusal(line=row.line, cells=row.cells, reasons=why)
