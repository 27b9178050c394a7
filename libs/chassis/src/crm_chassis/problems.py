"""Refusals, and how they read as application/problem+json (RFC 9457)."""

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

Errors = Mapping[str, Sequence[str]]
TYPE_PREFIX = "https://rapport.example/problems/"


class Refusal(Exception):
    """The request was understood and is refused."""

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = HTTPStatus.CONFLICT
    retry_after: int | None = None  # seconds, where it is known when to ask again

    def __init__(
        self, subject: object = None, *, detail: str | None = None, errors: Errors | None = None
    ) -> None:
        """Name what is refused (`subject`), in words (`detail`), and which fields (`errors`)."""
        self.subject, self.errors = subject, errors
        title = (type(self).__doc__ or self.slug).split("\n", 1)[0].rstrip(".")
        self.title = title
        self.detail = detail or (f"{title}: {subject}" if subject is not None else title)
        super().__init__(self.detail)

    def extra(self) -> dict[str, Any]:
        """Further members of the problem."""
        return {}

    def named(self) -> tuple[str, Sequence[UUID]] | None:
        """Which records these members name, by kind and id: not everybody may see them."""
        return None

    def leave_out(self, ids: Collection[UUID]) -> None:
        """Name these of the records no more."""


class NotFound(Refusal):
    """There is no such record."""

    slug, status = "not-found", HTTPStatus.NOT_FOUND


class Invalid(Refusal):
    """Some fields are not acceptable."""

    slug, status = "invalid", HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: Errors, *, detail: str | None = None) -> None:
        """Give the reasons for each field."""
        super().__init__(detail=detail, errors=errors)


class StaleVersion(Refusal):
    """The record has changed since you read it."""

    slug, status = "stale-version", HTTPStatus.PRECONDITION_FAILED

    def __init__(
        self, subject: object = None, *, current: int | None = None, detail: str | None = None
    ) -> None:
        """Tell the version the record has now, where it is known."""
        super().__init__(subject, detail=detail)
        self.current = current

    def extra(self) -> dict[str, Any]:
        """Give the current version, so that a client can re-read just once."""
        return {} if self.current is None else {"current_version": self.current}


class PreconditionRequired(Refusal):
    """Send If-Match with the version you read."""

    slug, status = "precondition-required", HTTPStatus.PRECONDITION_REQUIRED


class Forbidden(Refusal):
    """You may not do this."""

    slug, status = "forbidden", HTTPStatus.FORBIDDEN


class Unauthenticated(Refusal):
    """Sign in first."""

    slug, status = "unauthenticated", HTTPStatus.UNAUTHORIZED


class RecordTooLarge(Refusal):
    """The record would be larger than 64 KB."""

    slug, status = "record-too-large", HTTPStatus.UNPROCESSABLE_ENTITY


class Unavailable(Refusal):
    """Something this needs is away; try again soon."""

    slug, status = "unavailable", HTTPStatus.SERVICE_UNAVAILABLE


def problem(refusal: Refusal, *, instance: str, request_id: str) -> dict[str, Any]:
    """Return the members of the problem document for a refusal."""
    members: dict[str, Any] = {
        "type": TYPE_PREFIX + refusal.slug,
        "title": refusal.title,
        "status": int(refusal.status),
        "detail": refusal.detail,
        "instance": instance,
        "request_id": request_id,
        "errors": {field: list(reasons) for field, reasons in (refusal.errors or {}).items()},
    }
    return members | refusal.extra()
