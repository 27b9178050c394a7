"""What is hashed: a row's digest, and each link over the one before."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

# The order is part of what is sealed. `detail` comes as the database's own text of it.
COLUMNS = (
    "seq", "id", "at", "actor", "on_behalf_of", "credential", "address", "agent", "request_id",
    "source", "action", "kind", "object_id", "version", "fields", "values_hash", "detail",
    "expires_at",
)  # fmt: skip
SELECTED = ", ".join("a.detail::text" if name == "detail" else f"a.{name}" for name in COLUMNS)
START = bytes(32)


def digest(row: Sequence[Any]) -> bytes:
    """Return the hash of a row, its values in the order of `COLUMNS`."""
    told = orjson.dumps([_canonical(value) for value in row])
    return hashlib.sha256(told).digest()


def link(before: bytes, seq: int, expires_at: datetime | None, digest_: bytes) -> bytes:
    """Return the hash that continues a chain."""
    until = _canonical(expires_at) or ""
    return hashlib.sha256(before + f"{seq} {until} ".encode() + digest_).digest()


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.hex() if isinstance(value, bytes) else value
