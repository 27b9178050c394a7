"""Where the fields of deals and leads stand, for lists, rules and trials of rules."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Numeric, Text, case, func, literal, type_coerce

from crm_fields import Kind
from crm_fields.holding.asking import Records, column_place
from crm_fields.holding.books import of_copies
from crm_fields.objects import Held
from crm_fields.sql import Column, Place, WordsPlace
from crm_sales import queries
from crm_sales.model.deal import Deal
from crm_sales.model.lead import Lead
from crm_sales.model.values import CERTAIN, IMPOSSIBLE, DealStatus, ProbabilitySource
from crm_sales.model.vocabulary import values_of

BOOKS = of_copies(Held.DEAL, Held.LEAD)
_DEAL = Deal.__table__.c


def _of_deal(name: str, kind: Kind) -> Place | WordsPlace:
    if name == "amount":
        return Place(column=type_coerce(_DEAL.amount_number, Numeric()))
    if name == "amount.currency":
        return Place(column=type_coerce(_DEAL.amount_currency, Text()))
    if name == "probability":
        return Place(column=_probability())
    if name == "probability_source":
        return Place(column=_probability_source())
    return column_place(Deal, name, kind)


def _probability() -> Column:
    """As `Deal.probability` has it."""
    manual = func.coalesce(Deal.manual_probability, Deal.stage_probability)
    ended = {DealStatus.WON.value: CERTAIN, DealStatus.LOST.value: IMPOSSIBLE}
    status = type_coerce(Deal.status, Text())
    return type_coerce(case(ended, value=status, else_=manual), Numeric())


def _probability_source() -> Column:
    manual, stage = ProbabilitySource.MANUAL.value, ProbabilitySource.STAGE.value
    return case((Deal.manual_probability.is_not(None), literal(manual)), else_=literal(stage))


def _lead_name() -> Column:
    """As `Lead.name` has it."""
    person = func.concat_ws(" ", func.nullif(Lead.first_name, ""), func.nullif(Lead.last_name, ""))
    names = (func.nullif(person, ""), Lead.company, Lead.email, Lead.phone, "")
    return type_coerce(func.coalesce(*names), Text())


RECORDS: Mapping[Held, Records] = {
    Held.DEAL: Records(
        held=Held.DEAL,
        model=Deal,
        values=values_of,
        name=lambda: type_coerce(Deal.name, Text()),
        place=_of_deal,
        known=lambda text: Deal.name.icontains(text, autoescape=True),
    ),
    Held.LEAD: Records(
        held=Held.LEAD,
        model=Lead,
        values=values_of,
        name=_lead_name,
        place=lambda name, kind: column_place(Lead, name, kind),
        known=lambda text: queries.LEAD_SEARCHED.icontains(text, autoescape=True),
    ),
}
