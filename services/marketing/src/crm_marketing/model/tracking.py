"""Addresses in mails that tell of opens, clicks and who wants no more; signed, so that nobody else can tell."""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from uuid import UUID

from crm_marketing.model.errors import LinkUnknown

_SIGNATURE = 16
_OPEN, _CLICK, _UNSUBSCRIBE = b"o", b"c", b"u"


@dataclass(frozen=True, slots=True)
class Tracking:
    """Without a public address nothing is tracked."""

    public_url: str | None
    key: bytes = field(repr=False)

    def pixel(self, message_id: UUID) -> str | None:
        """The address of the picture that tells of an open."""
        if self.public_url is None:
            return None
        return f"{self.public_url}/t/o/{self.open_token(message_id)}.gif"

    def link(self, message_id: UUID, url: str) -> str:
        """The address that tells of a click and leads to `url`."""
        if self.public_url is None:
            return url
        return f"{self.public_url}/t/c/{self.click_token(message_id, url)}"

    def unsubscription(self, message_id: UUID) -> str | None:
        """The address at which a contact says that they want no more."""
        if self.public_url is None:
            return None
        return f"{self.public_url}/t/u/{self.unsubscribe_token(message_id)}"

    def open_token(self, message_id: UUID) -> str:
        return self._signed(_OPEN + message_id.bytes)

    def click_token(self, message_id: UUID, url: str) -> str:
        return self._signed(_CLICK + message_id.bytes + url.encode())

    def unsubscribe_token(self, message_id: UUID) -> str:
        return self._signed(_UNSUBSCRIBE + message_id.bytes)

    def opened(self, token: str) -> UUID:
        """The message a picture's address names. Raises LinkUnknown."""
        return UUID(bytes=self._read(token, _OPEN))

    def unsubscribed(self, token: str) -> UUID:
        """The message in which an address to unsubscribe stood. Raises LinkUnknown."""
        return UUID(bytes=self._read(token, _UNSUBSCRIBE))

    def clicked(self, token: str) -> tuple[UUID, str]:
        """The message and the address a link leads to. Raises LinkUnknown."""
        body = self._read(token, _CLICK)
        return UUID(bytes=body[:16]), body[16:].decode()

    def _signed(self, body: bytes) -> str:
        return base64.urlsafe_b64encode(self._signature(body) + body).decode().rstrip("=")

    def _read(self, token: str, kind: bytes) -> bytes:
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (ValueError, binascii.Error) as error:
            raise LinkUnknown from error
        signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(body)) or body[:1] != kind:
            raise LinkUnknown
        return body[1:]

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self.key, body, "sha256")[:_SIGNATURE]
