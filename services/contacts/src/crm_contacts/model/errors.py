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


class RulesBroken(ContactsError):
    """The company's rules do not allow this."""

    slug, status = "rules-broken", HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, findings: list[dict[str, Any]]) -> None:
        """Name each rule that is broken, by field; what would keep it is suggested."""
        errors: dict[str, list[str]] = {}
        for each in findings:
            errors.setdefault(each["field"], []).append(each["message"])
        super().__init__(errors=errors)
        self.findings = findings

    def extra(self) -> dict[str, Any]:
        """Give the rules, and a text for each field that a naming rule would have otherwise."""
        suggested = {
            each["field"]: each["suggestion"] for each in self.findings if "suggestion" in each
        }
        return {"rules": self.findings} | ({"suggestions": suggested} if suggested else {})


class ValueTaken(ContactsError):
    """Another record has this value, which is to be unique."""

    slug = "value-taken"


class FieldKeyTaken(ContactsError):
    """There is a field of this key, perhaps an archived one: restore that, or choose another key."""

    slug = "field-key-taken"

    def __init__(self, subject: object = None) -> None:
        """Name the key as what is at fault."""
        super().__init__(subject, errors={"key": ["taken by another field"]})


class OptionInUse(ContactsError):
    """An option that records have cannot be taken away."""

    slug = "option-in-use"

    def __init__(self, counts: dict[str, int]) -> None:
        """Say how many records have each."""
        told = [f"{value} is in use by {count} records" for value, count in counts.items()]
        super().__init__(detail="; ".join(told), errors={"options": told})
        self.counts = counts

    def extra(self) -> dict[str, Any]:
        """Give the numbers."""
        return {"in_use": self.counts}


class ValuesNotUnique(ContactsError):
    """Records share values; a field cannot be unique that is not."""

    slug = "values-not-unique"

    def __init__(self, count: int = 0) -> None:
        """Say how many records there are whose value another has."""
        reason = f"{count} records share their value" if count else "records share their value"
        super().__init__(errors={"unique": [reason]})
