"""Reading all fields and rules, once for each time somebody changed one."""

from sqlalchemy import select
from sqlalchemy.orm import Session, make_transient

from crm_contacts.model.field import Field
from crm_contacts.model.rule import NamingRule, ValidationRule
from crm_contacts.model.rulebook import Rulebook, compiled
from crm_fields.holding.books import Books


def rulebook(session: Session, *, is_held: bool = False) -> Rulebook:
    """Return what counts now. With `is_held` nobody changes it before the transaction ends."""
    return _BOOKS.now(session, is_held=is_held)


def _read(session: Session) -> Rulebook:
    """Read in a session of its own: what is kept must not change with anybody's work.

    Whoever changes a field reads it as it is in their transaction.
    """
    with Session(session.connection(), autoflush=False) as apart:
        fields = apart.scalars(select(Field).order_by(Field.position, Field.public_no)).all()
        rules = apart.scalars(
            select(ValidationRule)
            .where(ValidationRule.archived_at.is_(None))
            .order_by(ValidationRule.public_no)
        ).all()
        namings = apart.scalars(
            select(NamingRule)
            .where(NamingRule.archived_at.is_(None))
            .order_by(NamingRule.position, NamingRule.public_no)
        ).all()
        for each in (*fields, *rules, *namings):
            apart.expunge(each)
            make_transient(each)
    return compiled(fields, rules, namings)


_BOOKS = Books(_read, Rulebook())
