"""Holding deals and leads to the company's own fields and rules, on every path."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm_fields.holding.writing import Holding, Keeper
from crm_fields.objects import Held
from crm_sales.model.deal import Deal
from crm_sales.model.lead import Lead
from crm_sales.model.vocabulary import KINDS
from crm_sales.queries.asking import BOOKS, RECORDS

KEEPER = Keeper(books=BOOKS, records=RECORDS)


def beginning(session: Session, held: Held, custom: Mapping[str, Any], *, now: datetime) -> Holding:
    """Read the own fields of a record that is about to be made. Raises Invalid."""
    return KEEPER.start(session, held, {"custom": custom} if custom else {}, now=now)


def changing(
    session: Session, record: Deal | Lead, changes: Mapping[str, Any], *, now: datetime
) -> Holding:
    """Read changes of a record, of which `custom` is a patch. Raises Invalid."""
    return KEEPER.start(session, KINDS[type(record)], changes, now=now, record=record)


def held(
    session: Session, record: Deal | Lead, *, now: datetime, may_refuse: bool = True
) -> AbstractContextManager[None]:
    """Hold what is done to a record within. Raises RulesBroken, unless it may not be refused."""
    return KEEPER.held(session, KINDS[type(record)], record, now=now, may_refuse=may_refuse)
