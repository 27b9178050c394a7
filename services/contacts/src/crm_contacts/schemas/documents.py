"""Documents in forms and in JSON."""

from datetime import date
from typing import Any

import orjson
from flask_smorest.fields import Upload
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crm_chassis.web import Name, RecordOut
from crm_contacts.model.document import DocumentKind, DocumentStatus
from crm_contacts.model.values import Subject
from crm_contacts.schemas.values import (
    AboutIn,
    OwnedIn,
    SubjectIn,
    SubjectOut,
    choice,
    subjects,
)

_LONGEST_TEXT, _DEEPEST = 5000, 10
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


class FolderName(fields.String):
    """A path like `Contracts/2026`, without slashes at its ends."""

    def _deserialize(self, *arguments: Any, **options: Any) -> str:
        text = super()._deserialize(*arguments, **options)
        parts = [part.strip() for part in text.split("/") if part.strip()]
        is_dotted = any(part in {".", ".."} for part in parts)
        if len(text) > 200 or len(parts) > _DEEPEST or is_dotted or not text.isprintable():
            reason = "A path of at most ten names and 200 letters, like Contracts/2026."
            raise ValidationError(reason)
        return "/".join(parts)


class DocumentStateIn(OwnedIn):
    """What is said of a document; where it stands changes by its own resources."""

    title = Name()
    kind = choice(DocumentKind)
    folder = FolderName()
    description = Name(longest=_LONGEST_TEXT, allow_none=True)
    valid_from = fields.Date(allow_none=True, validate=validate.Range(_EARLIEST, _LATEST))
    valid_to = fields.Date(allow_none=True, validate=validate.Range(_EARLIEST, _LATEST))

    @validates_schema
    def check_days(self, found: dict[str, Any], **_: Any) -> None:
        """Refuse an end before the beginning."""
        first, last = found.get("valid_from"), found.get("valid_to")
        if first and last and last < first:
            reason = "Before the first day."
            raise ValidationError(reason, "valid_to")


class DocumentPatchIn(DocumentStateIn):
    """Fields of a document to change."""

    subjects = subjects()


class _Subjects(fields.Field[list[Subject]]):
    """Subjects as JSON in a form's field."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Subject]:
        try:
            found = orjson.loads(str(value) or "[]")
        except ValueError as error:
            reason = "Not JSON."
            raise ValidationError(reason) from error
        if not isinstance(found, list) or len(found) > 50:
            reason = "Not a list of at most 50."
            raise ValidationError(reason)
        built: list[Subject] = SubjectIn(many=True).load(found)
        return built


class DocumentFileIn(Schema):
    """The file of a document."""

    file = Upload(required=True)


class VersionFormIn(Schema):
    """What may come with the file of a new version."""

    comment = Name(longest=500, allow_none=True)


class DocumentFormIn(DocumentStateIn):
    """What may come with the file of a new document; `subjects` as JSON."""

    comment = Name(longest=500, allow_none=True)
    status = choice(
        DocumentStatus, validate=validate.OneOf([DocumentStatus.DRAFT, DocumentStatus.ACTIVE])
    )
    subjects = _Subjects(metadata={"type": "string", "description": "as in JSON"})


class DocumentsIn(AboutIn):
    """Query parameters of the list of documents."""

    q = Name()
    kind = choice(DocumentKind)
    status = choice(DocumentStatus)
    folder = FolderName()
    valid_before = fields.Date(
        metadata={"description": "Only those whose last day is before this one"}
    )


class VersionOut(Schema):
    """One version."""

    number = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    file_name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True)
    comment = fields.String(required=True, allow_none=True)
    added_at = fields.AwareDateTime(required=True)
    added_by = fields.String(required=True)


class DocumentOut(RecordOut):
    """A document."""

    title = fields.String(required=True)
    kind = fields.String(required=True)
    folder = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_to = fields.Date(required=True, allow_none=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True)
    published_at = fields.AwareDateTime(required=True, allow_none=True)
    subjects = fields.List(fields.Nested(SubjectOut), required=True)
    versions = fields.List(fields.Nested(VersionOut), required=True)


class DocumentsOut(Schema):
    """A page of documents."""

    items = fields.List(fields.Nested(DocumentOut), required=True)
    next = fields.String(required=True, allow_none=True)


class FolderOut(Schema):
    """A folder and how many documents are right in it."""

    folder = fields.String(required=True)
    documents = fields.Integer(required=True)


class FoldersOut(Schema):
    """Every folder."""

    items = fields.List(fields.Nested(FolderOut), required=True)
