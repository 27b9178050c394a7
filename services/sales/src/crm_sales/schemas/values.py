"""Fields and schemas that several of ours use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from crm_chassis.db import Money
from crm_chassis.paging import PageIn
from crm_chassis.web import Name
from crm_sales.model.values import Visibility

LARGEST_AMOUNT = 10**14
MOST_CONTACTS = 50
LONGEST_TEXT = 10_000


def at_most_four_decimals(number: Decimal) -> None:
    """Raise ValidationError for more decimals than we keep."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -4:
        raise ValidationError("At most four decimals.")


def probability(**options: Any) -> fields.Decimal:
    """A decimal from 0 to 1."""
    return fields.Decimal(
        as_string=True, validate=[validate.Range(0, 1), at_most_four_decimals], **options
    )


def currency(**options: Any) -> fields.String:
    """An ISO 4217 code."""
    return fields.String(validate=validate.Regexp(r"^[A-Z]{3}\Z"), **options)


def visibility(**options: Any) -> fields.String:
    """Who of us may see the record."""
    return fields.String(validate=validate.OneOf([each.value for each in Visibility]), **options)


class MoneyIn(Schema):
    """An amount of one currency, never negative."""

    amount = fields.Decimal(
        required=True,
        as_string=True,
        validate=[validate.Range(0, LARGEST_AMOUNT), at_most_four_decimals],
    )
    currency = currency(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **_: Any) -> Money:
        return Money(**loaded)


class MoneyOut(Schema):
    """An amount as a decimal string, with its currency."""

    amount = fields.String(required=True)
    currency = fields.String(required=True)


class ReasonIn(Schema):
    """Why, in words; compulsory."""

    reason = Name(required=True, longest=2000)


class SearchIn(PageIn):
    """A page of a list whose names contain `q`."""

    q = fields.String(load_default=None, validate=validate.Length(1, 200))
