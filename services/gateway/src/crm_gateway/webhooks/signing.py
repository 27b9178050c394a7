"""Signatures of Standard Webhooks: HMAC-SHA256 over id, time and body, in base 64."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

_PREFIX, _BYTES = "whsec_", 32


def new_secret() -> str:
    """Return a fresh secret: `whsec_` and 32 random bytes in base 64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(fact_id: UUID, body: bytes, keys: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Return the three headers by which a receiver tells that a message is ours and recent.

    Several secrets give several signatures: the receiver may know any one of them.
    """
    name, at = str(fact_id), str(int(now.timestamp()))
    signed = b".".join((name.encode(), at.encode(), body))
    signatures = " ".join(f"v1,{_signature(key, signed)}" for key in keys)
    return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": signatures}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
