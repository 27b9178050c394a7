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


class Quantity(fields.Decimal):
    """A decimal from 0 to `largest` with four decimals at most; text keeps it exact."""

    def __init__(self, *, largest: int, **options: Any) -> None:
        # The limits are not told as such: a text has none in JSON Schema.
        types = {"type": ["string", "number"]}
        super().__init__(validate=self._check, metadata=types, **options)
        self._largest = largest

    def _check(self, number: Decimal) -> None:
        exponent = number.as_tuple().exponent
        if not 0 <= number <= self._largest:
            raise ValidationError(f"Must be from 0 to {self._largest}.")
        if isinstance(exponent, int) and exponent < -4:
            raise ValidationError("At most four decimals.")


def probability(**options: Any) -> Quantity:
    """A decimal from 0 to 1."""
    return Quantity(largest=1, as_string=True, **options)


def currency(**options: Any) -> fields.String:
    """An ISO 4217 code."""
    return fields.String(
        validate=[validate.Length(equal=3), validate.Regexp("^[A-Z]{3}$")], **options
    )


def visibility(**options: Any) -> fields.String:
    """Who of us may see the record."""
    return fields.String(validate=validate.OneOf([each.value for each in Visibility]), **options)


class MoneyIn(Schema):
    """An amount of one currency, never negative."""

    amount = Quantity(required=True, largest=LARGEST_AMOUNT)
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
