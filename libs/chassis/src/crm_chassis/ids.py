"""The only place that makes identifiers."""

import hashlib
from uuid import UUID

import uuid_utils.compat as uuid_utils


def new() -> UUID:
    """Return a UUIDv7: unique, and ordered by the time it was made."""
    return uuid_utils.uuid7()


def derived(*parts: object) -> UUID:
    """Return the same id for the same parts, for effects that must exist once.

    The layout is UUIDv8 (RFC 9562): 122 bits of SHA-256 over the parts.
    """
    digest = bytearray(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))
