"""Imports and exports in JSON."""

from datetime import datetime
from typing import Any

import orjson
from flask_smorest.fields import Upload
from marshmallow import Schema, ValidationError, fields, post_load, validate

from crm_chassis.paging import PageIn
from crm_chassis.web import Moment, Name, RecordOut
from crm_contacts.model.interchange import (
    DuplicatesRule,
    ExportStatus,
    ImportMode,
    ImportSettings,
    ImportStatus,
    MatchKey,
    RowStatus,
)
from crm_contacts.model.values import ContactLifecycle
from crm_contacts.schemas.values import choice, email, ids, phone
from crm_interchange import DayOrder

_MOST_COLUMNS = 300

# What a route answers that hands out people as the table or the cards they came as.
FILE_OF_PEOPLE = {
    "200": {
        "description": "A table or cards",
        "content": {kind: {"schema": {"type": "string"}} for kind in ("text/csv", "text/vcard")},
    }
}


class SettingsIn(Schema):
    """What is done with a file; what is left out is as the file suggests."""

    mapping = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 250)),
        values=fields.String(validate=validate.Length(1, 120)),
        validate=validate.Length(max=_MOST_COLUMNS),
        metadata={"description": "Column to field: `emails.work`, `custom.size`, `ignore`"},
    )
    mode = choice(ImportMode)
    match_keys = fields.List(choice(MatchKey), validate=validate.Length(1, len(MatchKey)))
    duplicates = choice(DuplicatesRule)
    date_order = fields.String(validate=validate.OneOf([each.value for each in DayOrder]))
    source = Name(longest=60)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> ImportSettings:
        """Build the value."""
        if "match_keys" in found:
            found["match_keys"] = tuple(dict.fromkeys(found["match_keys"]))
        return ImportSettings(**found)


class _Settings(fields.Field[ImportSettings]):
    """The settings as JSON in a form's field."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> ImportSettings:
        text = str(value)
        try:
            found = orjson.loads(text or "{}")
        except ValueError as error:
            reason = "Not JSON."
            raise ValidationError(reason) from error
        if b"\\u0000" in orjson.dumps(found).replace(rb"\\", b""):
            reason = "NUL is not text."
            raise ValidationError(reason)
        if not isinstance(found, dict):
            reason = "Not an object."
            raise ValidationError(reason)
        built: ImportSettings = SettingsIn().load(found)
        return built


class FileIn(Schema):
    """A file of people."""

    file = Upload(required=True)


class ImportFormIn(Schema):
    """What may come with a file."""

    settings = _Settings(
        load_default=ImportSettings(),
        metadata={"type": "string", "description": "JSON as `PUT …/start` takes it"},
    )


class ImportQueryIn(Schema):
    """Query parameters of an import."""

    preview = fields.Boolean(load_default=False)


class ImportsIn(PageIn):
    """Query parameters of the list of imports."""

    status = choice(ImportStatus)


class RowsIn(Schema):
    """Query parameters of the rows of a file."""

    status = choice(RowStatus)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))


class ColumnOut(Schema):
    """A column of a file and the field it is read as."""

    header = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)


class ImportOut(RecordOut):
    """A file of people and what became of it."""

    file_name = fields.String(required=True)
    size = fields.Integer(required=True)
    format = fields.String(required=True)
    system = fields.String(required=True)
    encoding = fields.String(required=True)
    delimiter = fields.String(required=True, allow_none=True)
    columns = fields.List(fields.Nested(ColumnOut), required=True)
    mode = fields.String(required=True)
    match_keys = fields.List(fields.String(), required=True)
    duplicates = fields.String(required=True)
    source = fields.String(required=True)
    date_order = fields.String(required=True, allow_none=True)
    date_order_because = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    job_id = fields.UUID(required=True)
    message = fields.String(required=True, allow_none=True)
    forgotten_at = fields.AwareDateTime(required=True, allow_none=True)


class ImportsOut(Schema):
    """A page of imports."""

    items = fields.List(fields.Nested(ImportOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RowOut(Schema):
    """A row of a file, what it would become or became, and why not."""

    number = fields.Integer(required=True)
    line = fields.Integer(required=True)
    status = fields.String(required=True)
    reasons = fields.List(fields.String(), required=True)
    contact_id = fields.UUID(required=True, allow_none=True)
    fields_ = fields.Dict(data_key="fields", keys=fields.String(), required=True)
    company = fields.String(required=True, allow_none=True)
    external_id = fields.String(required=True, allow_none=True)


class RowsOut(Schema):
    """A page of rows."""

    items = fields.List(fields.Nested(RowOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ExportFilterIn(Schema):
    """Whom to export; as in the list of contacts."""

    q = Name()
    ids = ids()
    email = email()
    phone = phone()
    owner_id = fields.UUID()
    team_id = fields.UUID()
    account_id = fields.UUID()
    lifecycle = choice(ContactLifecycle)
    source = Name()
    tag = Name()
    created_since = Moment()
    created_before = Moment()
    archived = fields.Boolean()

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, str]:
        """Write each as text."""
        return {name: _text(value) for name, value in found.items()}


class ExportIn(Schema):
    """People to be written to a file."""

    format = fields.String(required=True, validate=validate.OneOf(["csv", "vcard"]))
    filter = fields.Nested(ExportFilterIn, load_default=dict)


class ExportsIn(PageIn):
    """Query parameters of the list of exports."""

    status = choice(ExportStatus)


class ExportOut(RecordOut):
    """People in a file."""

    file_name = fields.String(required=True)
    format = fields.String(required=True)
    filter = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    status = fields.String(required=True)
    rows = fields.Integer(required=True)
    size = fields.Integer(required=True)
    job_id = fields.UUID(required=True)
    message = fields.String(required=True, allow_none=True)
    forgotten_at = fields.AwareDateTime(required=True, allow_none=True)


class ExportsOut(Schema):
    """A page of exports."""

    items = fields.List(fields.Nested(ExportOut), required=True)
    next = fields.String(required=True, allow_none=True)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value.isoformat() if isinstance(value, datetime) else str(value)
