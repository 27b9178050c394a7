"""Holding tickets to the company's own fields and rules, on every path."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm_fields.holding.writing import Holding, Keeper
from crm_fields.objects import Held
from crm_support.model.ticket import Ticket
from crm_support.queries.asking import BOOKS, RECORDS

KEEPER = Keeper(books=BOOKS, records=RECORDS)


def beginning(session: Session, custom: Mapping[str, Any], *, now: datetime) -> Holding:
    """Read the own fields of a ticket that is about to be opened. Raises Invalid."""
    return KEEPER.start(session, Held.TICKET, {"custom": custom} if custom else {}, now=now)


def changing(
    session: Session, ticket: Ticket, changes: Mapping[str, Any], *, now: datetime
) -> Holding:
    """Read changes of a ticket, of which `custom` is a patch. Raises Invalid."""
    return KEEPER.start(session, Held.TICKET, changes, now=now, record=ticket)


def held(
    session: Session, ticket: Ticket, *, now: datetime, may_refuse: bool = True
) -> AbstractContextManager[None]:
    """Hold what is done to a ticket within. Raises RulesBroken, unless it may not be refused."""
    return KEEPER.held(session, Held.TICKET, ticket, now=now, may_refuse=may_refuse)
