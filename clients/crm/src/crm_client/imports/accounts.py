"""The accounts the rows of a file belong to: found, or made once before their contacts."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from crm_client.client import LARGEST_BATCH, Client
from crm_client.errors import reasons
from crm_client.imports.rows import Row

_NOT_WORD = re.compile(r"[\W_]+")


class Accounts:
    """Ids by name; `faults` says why one could not be made."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.ids: dict[str, str] = {}
        self.faults: dict[str, list[str]] = {}
        self.created = 0

    def id_of(self, name: str | None) -> str | None:
        """Return the account's id, None for nobody's."""
        return self.ids.get(key(name)) if name else None

    def fault_of(self, name: str | None) -> list[str]:
        """Return why there is no account of this name."""
        return self.faults.get(key(name), []) if name else []


def key(name: str) -> str:
    """Return what spellings of one name share: letters and digits, no case, no accents."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(each for each in parts if not unicodedata.combining(each))
    return _NOT_WORD.sub(" ", letters).strip() or name.strip()


def settle(
    client: Client, rows: Iterable[Row], *, sent: Callable[[int], None] = lambda _: None
) -> Accounts:
    """Return the accounts of these rows, making those the platform does not have."""
    wanted: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.company:
            body = wanted.setdefault(key(row.company), {"name": row.company})
            if row.domain:
                body.setdefault("domain", row.domain)
    found = Accounts()
    if wanted:
        found.ids = _known(client, set(wanted))
    missing = [body for name, body in wanted.items() if name not in found.ids]
    for start in range(0, len(missing), LARGEST_BATCH):
        _make(client, missing[start : start + LARGEST_BATCH], found)
        sent(len(missing[start : start + LARGEST_BATCH]))
    return found


def _known(client: Client, wanted: set[str]) -> dict[str, str]:
    """Return the oldest account of each name."""
    known: dict[str, str] = {}
    for account in client.pages("/v1/accounts", sort="created_at"):
        name = key(account["name"])
        if name in wanted:
            known.setdefault(name, account["id"])
    return known


def _make(client: Client, bodies: list[dict[str, str]], found: Accounts) -> None:
    items, _ = client.batch("/v1/accounts", [{"op": "create", "body": body} for body in bodies])
    for body, item in zip(bodies, items, strict=True):
        if item["status"] == 201:
            found.ids[key(body["name"])] = item["id"]
            found.created += 1
        else:
            found.faults[key(body["name"])] = [f"account: {r}" for r in reasons(item["problem"])]
