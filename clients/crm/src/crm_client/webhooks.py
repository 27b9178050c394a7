"""What a receiver of webhooks does: check who sent a fact, and read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json import loads
from typing import Any

from crm_client.errors import ClientError

_MISSING = "the standardwebhooks package is missing: pip install 'crm-client[webhooks]'"


class NotGenuine(ClientError):
    """What came was not signed by the platform, or long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What happened to a record. The same `id` may come again: whoever acts on it acts once."""

    id: str
    type: str
    subject: str
    subject_version: int
    at: datetime
    actor: str
    record: Mapping[str, Any] = field(repr=False)
    changed: Sequence[str] = ()


def verified(body: bytes, headers: Mapping[str, str], *secrets: str) -> Fact:
    """Return the fact that was sent, if one of the secrets signed it. Raises NotGenuine.

    Several secrets: while one is being replaced. Nothing of the body is read before it is checked.
    """
    try:
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError
    except ImportError as error:
        raise ClientError(_MISSING) from error
    given, reason = {name.lower(): value for name, value in headers.items()}, "no secret is known"
    for secret in secrets:
        try:
            Webhook(secret).verify(body, given)
        except WebhookVerificationError as error:
            reason = str(error)
        else:
            return _fact(body)
    raise NotGenuine(reason)


def _fact(body: bytes) -> Fact:
    told = loads(body)
    return Fact(
        id=told["id"], type=told["type"], subject=told["subject"],
        subject_version=told["subjectversion"], at=datetime.fromisoformat(told["time"]),
        actor=told["actor"], record=told["data"]["record"],
        changed=tuple(told["data"].get("changed", ())),
    )  # fmt: skip
