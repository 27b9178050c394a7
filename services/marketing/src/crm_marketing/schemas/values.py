"""Fields and schemas that several of ours use."""

from typing import Any

from marshmallow import fields, validate

from crm_chassis.paging import PageIn
from crm_marketing.model.values import Visibility

LONGEST_BODY = 24_000


def visibility(**options: Any) -> fields.String:
    """Who of us may see the record."""
    return fields.String(validate=validate.OneOf([each.value for each in Visibility]), **options)


def body(**options: Any) -> fields.String:
    """The text of a mail; a record with all its texts stays below 64 KB."""
    return fields.String(validate=validate.Length(1, LONGEST_BODY), **options)


class SearchIn(PageIn):
    """A page of a list whose names contain `q`."""

    q = fields.String(load_default=None, validate=validate.Length(1, 200))
    owner_id = fields.UUID()
