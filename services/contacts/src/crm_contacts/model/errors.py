"""What contacts refuses, one class per refusal."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from crm_chassis.problems import Refusal


class ContactsError(Refusal):
    """Contacts refuses."""


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


class ContactMerged(ContactsError):
    """The contact was merged into another."""

    slug = "merged"

    def __init__(self, contact_id: UUID, survivor_id: UUID) -> None:
        """Name the survivor."""
        super().__init__(contact_id)
        self.survivor_id = survivor_id

    def extra(self) -> dict[str, Any]:
        """Give the survivor's id, so that it can be changed instead."""
        return {"survivor_id": str(self.survivor_id)}


class MergeRefused(ContactsError):
    """These contacts cannot be merged."""

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


class DoesNotAddUp(ContactsError):
    """The sums do not add up."""

    slug, status = "does-not-add-up", HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: dict[str, list[str]]) -> None:
        """Name each field with what it comes to."""
        super().__init__(errors=errors)


class BuyerUnknown(ContactsError):
    """There is no such customer to have bought."""

    slug, status = "buyer-unknown", HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: dict[str, list[str]]) -> None:
        """Name the field that points at nobody."""
        super().__init__(errors=errors)


class FileTooLarge(ContactsError):
    """The file is larger than documents may be."""

    slug, status = "file-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class FileTypeRefused(ContactsError):
    """Files of this type are not taken, or the file is not what its name says."""

    slug, status = "file-type-refused", HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class FileInfected(ContactsError):
    """The virus scanner found something in the file."""

    slug, status = "file-infected", HTTPStatus.UNPROCESSABLE_ENTITY


class ScannerAway(ContactsError):
    """The virus scanner does not answer; nothing is taken in unscanned."""

    slug, status = "scanner-away", HTTPStatus.SERVICE_UNAVAILABLE


class StoreAway(ContactsError):
    """Contents of documents cannot be reached now."""

    slug, status = "store-away", HTTPStatus.SERVICE_UNAVAILABLE


class DocumentNotAllowed(ContactsError):
    """A document cannot do that where it stands."""

    slug = "document-not-allowed"


class DocumentSigned(ContactsError):
    """A signed document stays as it was signed."""

    slug = "document-signed"


class DocumentHasNoSuchVersion(ContactsError):
    """The document has no such version."""

    slug, status = "no-such-version", HTTPStatus.NOT_FOUND


class LastVersion(ContactsError):
    """A document keeps its last version; archive the document instead."""

    slug = "last-version"


class RelationshipNotAllowed(ContactsError):
    """These two cannot be that to one another."""

    slug, status = "relationship-not-allowed", HTTPStatus.UNPROCESSABLE_ENTITY


class RelationshipTypeUnknown(ContactsError):
    """There is no such type of relationship."""

    slug, status = "relationship-type-unknown", HTTPStatus.UNPROCESSABLE_ENTITY
