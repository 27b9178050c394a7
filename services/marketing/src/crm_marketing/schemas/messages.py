"""Messages in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from crm_chassis.paging import PageIn
from crm_chassis.web import Moment, Name, RecordOut
from crm_marketing.commands.imports import ImportMessage
from crm_marketing.model.values import MessageStatus


class MessageImportIn(Schema):
    """A mail that was sent elsewhere; it is never mailed again."""

    campaign_id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True)
    subject = Name(longest=300)
    sent_at = Moment(required=True)
    opened_at = Moment(allow_none=True)
    clicked_at = Moment(allow_none=True)
    open_count = fields.Integer(strict=True, validate=validate.Range(0, 10_000))

    @validates_schema
    def check_opens(self, loaded: dict[str, Any], **_: Any) -> None:
        is_opened = loaded.get("opened_at") or loaded.get("clicked_at")
        if loaded.get("open_count") and not is_opened:
            raise ValidationError("Say when it was opened first.", "opened_at")

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> ImportMessage:
        return ImportMessage(**loaded)


class MessageQuery(PageIn):
    """Filters of the list of messages."""

    campaign_id = fields.UUID()
    contact_id = fields.UUID()
    status = fields.Enum(MessageStatus, by_value=True)


class MessageOut(RecordOut):
    """A message as it is published."""

    campaign_id = fields.UUID(required=True)
    campaign_name = fields.String(required=True)
    contact_id = fields.UUID(required=True)
    subject = fields.String(required=True)
    status = fields.Enum(MessageStatus, by_value=True, required=True)
    suppress_reason = fields.String(required=True, allow_none=True)
    queued_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True, allow_none=True)
    clicked_at = fields.AwareDateTime(required=True, allow_none=True)
    open_count = fields.Integer(required=True)
    unsubscribed_at = fields.AwareDateTime(required=True, allow_none=True)
    complained_at = fields.AwareDateTime(required=True, allow_none=True)


class DeliveryOut(Schema):
    """How handing a mail over to the mail server goes."""

    status = fields.Enum(MessageStatus, by_value=True, required=True)
    attempts = fields.Integer(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    failure = fields.String(required=True, allow_none=True)
