"""What contacts refuses about people, organisations and what is done with them."""

from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from crm_contacts.model.errors.base import ContactsError


class EmailTaken(ContactsError):
    """Another contact has this e-mail address."""

    slug = "email-taken"

    def __init__(self, subject: object = None, *, contact_id: UUID | None = None) -> None:
        """Name the contact that has it, where it is known."""
        super().__init__(subject, errors={"emails": ["taken by another contact"]})
        self.contact_id = contact_id

    def extra(self) -> dict[str, Any]:
        """Give the other contact's id, so that an import can update it instead."""
        return {"contact_id": str(self.contact_id)} if self.contact_id else {}

    def named(self) -> tuple[str, Sequence[UUID]] | None:
        """The other contact."""
        return ("contact", [self.contact_id]) if self.contact_id else None

    def leave_out(self, ids: Collection[UUID]) -> None:
        """Do not say who it is."""
        if self.contact_id in ids:
            self.contact_id = None


class ContactUnnamed(ContactsError):
    """A contact needs a name, an e-mail address or a telephone number."""

    slug, status = "contact-unnamed", HTTPStatus.UNPROCESSABLE_ENTITY


class AccountUnknown(ContactsError):
    """There is no such account to belong to."""

    slug, status = "account-unknown", HTTPStatus.UNPROCESSABLE_ENTITY


class ParentUnknown(ContactsError):
    """There is no such account to be part of."""

    slug, status = "parent-unknown", HTTPStatus.UNPROCESSABLE_ENTITY


class ParentCycle(ContactsError):
    """An account cannot be part of itself."""

    slug, status = "parent-cycle", HTTPStatus.UNPROCESSABLE_ENTITY


class Archived(ContactsError):
    """The record is archived; restore it first."""

    slug = "archived"


class TaskCancelled(ContactsError):
    """A cancelled task cannot be completed; open it first."""

    slug = "task-cancelled"


class InteractionBeingLogged(ContactsError):
    """Another request is logging this interaction; ask again."""

    slug = "interaction-being-logged"


class DuplicateSuspected(ContactsError):
    """This person may be there already."""

    slug = "duplicate-suspected"

    def __init__(self, candidates: list[dict[str, Any]]) -> None:
        """Name the contacts it may be, best first, each with its score and evidence."""
        super().__init__(detail=f"{len(candidates)} contacts may be this person")
        self.candidates = candidates

    def extra(self) -> dict[str, Any]:
        """Give the candidates, so that a person can choose one."""
        return {"candidates": self.candidates}

    def named(self) -> tuple[str, Sequence[UUID]]:
        """The candidates."""
        return "contact", [UUID(each["contact_id"]) for each in self.candidates]

    def leave_out(self, ids: Collection[UUID]) -> None:
        """Only count these: `detail` says how many there are in all."""
        self.candidates = [each for each in self.candidates if UUID(each["contact_id"]) not in ids]


class AlreadyMerged(ContactsError):
    """The record was merged into another."""

    slug = "merged"

    def __init__(self, record_id: UUID, survivor_id: UUID) -> None:
        """Name the survivor."""
        super().__init__(record_id)
        self.survivor_id = survivor_id

    def extra(self) -> dict[str, Any]:
        """Give the survivor's id, so that it can be changed instead."""
        return {"survivor_id": str(self.survivor_id)}


class IdentityTaken(ContactsError):
    """The visitor is another contact; say `take_over` if that was a mistake."""

    slug = "identity-taken"

    def __init__(self, identity_id: UUID, *, contact_id: UUID) -> None:
        """Name that contact."""
        super().__init__(identity_id)
        self.contact_id: UUID | None = contact_id

    def extra(self) -> dict[str, Any]:
        """Give that contact's id, to who may see it."""
        return {"contact_id": str(self.contact_id) if self.contact_id else None}

    def named(self) -> tuple[str, Sequence[UUID]]:
        """That contact."""
        return "contact", [self.contact_id] if self.contact_id else []

    def leave_out(self, ids: Collection[UUID]) -> None:
        """Say only that it is another."""
        self.contact_id = None if self.contact_id in ids else self.contact_id


class MergeRefused(ContactsError):
    """These records cannot be merged."""

    slug, status = "merge-refused", HTTPStatus.UNPROCESSABLE_ENTITY


class UndoTooLate(ContactsError):
    """A merge can be undone for 30 days."""

    slug = "undo-too-late"


class MergedSince(ContactsError):
    """The survivor was merged or archived since; undo that first."""

    slug = "merged-since"


class DuplicateDecided(ContactsError):
    """The pair was merged; undo the merge instead."""

    slug = "duplicate-merged"


class FileUnreadable(ContactsError):
    """The file is neither a table nor cards of people."""

    slug, status = "file-unreadable", HTTPStatus.UNPROCESSABLE_ENTITY


class ImportBusy(ContactsError):
    """The import is under way; wait for its job."""

    slug = "import-busy"


class ImportNotReady(ContactsError):
    """The import is not at the point where this can be done."""

    slug = "import-not-ready"


class ExportNotReady(ContactsError):
    """The file is not written yet; wait for its job."""

    slug = "export-not-ready"


class BoardUnknown(ContactsError):
    """There is no such board."""

    slug, status = "board-unknown", HTTPStatus.UNPROCESSABLE_ENTITY


class ColumnUnknown(ContactsError):
    """The board has no such column."""

    slug, status = "column-unknown", HTTPStatus.UNPROCESSABLE_ENTITY


class ColumnInUse(ContactsError):
    """There are tasks in the column; move them first."""

    slug = "column-in-use"

    def __init__(self, column_id: UUID, count: int) -> None:
        """Say how many."""
        super().__init__(column_id, errors={"columns": [f"{count} tasks stand in it"]})


class BoardOwnerless(ContactsError):
    """A board needs a member who owns it."""

    slug, status = "board-ownerless", HTTPStatus.UNPROCESSABLE_ENTITY


class ReplyUnknown(ContactsError):
    """There is no such note to answer."""

    slug, status = "note-unknown", HTTPStatus.UNPROCESSABLE_ENTITY


class TagsBusy(ContactsError):
    """Tags are being renamed; wait for that job."""

    slug = "tags-busy"


class EventNameTaken(ContactsError):
    """There is a type of event of this name, perhaps an archived one: restore that."""

    slug = "event-name-taken"

    def __init__(self, subject: object = None) -> None:
        """Name the name as what is at fault."""
        super().__init__(subject, errors={"name": ["taken by another type of event"]})


class EventQuotaUsedUp(ContactsError):
    """So many events are not taken in a day."""

    slug, status = "event-quota-used-up", HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, most: int, *, seconds: int) -> None:
        """Say how many are, and when the day is over."""
        super().__init__(detail=f"no more than {most} events are taken in a day")
        self.retry_after = seconds
