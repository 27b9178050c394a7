"""Templates in JSON."""

from typing import Any

from marshmallow import Schema, fields, post_load

from crm_chassis.web import Name, RecordOut
from crm_marketing.commands.templates import CreateTemplate
from crm_marketing.schemas.values import body, visibility


class TemplateIn(Schema):
    """A new template; `{{ first_name|default("there") }}` is filled in for each contact."""

    name = Name(required=True)
    subject = Name(required=True, longest=300)
    body_text = body(required=True)
    body_html = body(allow_none=True)
    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = visibility()

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> CreateTemplate:
        return CreateTemplate(**loaded)


class TemplatePatch(Schema):
    """What to change."""

    name = Name()
    subject = Name(longest=300)
    body_text = body()
    body_html = body(allow_none=True)
    owner_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    visibility = visibility()


class TemplateOut(RecordOut):
    """A template as it is published."""

    name = fields.String(required=True)
    subject = fields.String(required=True)
    body_text = fields.String(required=True)
    body_html = fields.String(required=True, allow_none=True)
