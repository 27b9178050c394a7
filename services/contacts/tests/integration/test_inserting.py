"""A new contact goes in by one statement, and is then what a flush would have made of it."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import text

from crm_chassis import clock, db, outbox
from crm_contacts.commands import contacts as commands
from crm_contacts.model.contact import Contact
from crm_contacts.model.values import Point

pytestmark = pytest.mark.integration
OWN = ("id", "contact_id", "public_no", "value", "search_text", "match_keys")


def made(sessions, email, **given):
    """Create a contact; return its id and how its objects stand before the commit."""
    points = {"emails": [Point(value=email, primary=True)], "phones": [Point(value="+4930901820")]}
    command = commands.CreateContact(fields={"first_name": "Ada", **points, **given})
    with db.transaction(sessions, db.Context(actor="user:ann")) as session:
        contact = commands.create_contact(session, command, now=clock.now())
        outbox.settle(session)
        objects = [contact, *contact.points]
        stand = [
            (sa.inspect(each).persistent, sa.inspect(each).modified, each in session)
            for each in objects
        ]
        return contact.id, [*stand, contact.public_no > 0, session.new == set()]


def rows(sessions, contact_id: UUID):
    with sessions() as session:
        found = [
            row
            for table, key in (("contact", "id"), ("contact_point", "contact_id"))
            for row in session.execute(
                text(f"select * from {table} where {key} = :id order by 1, 2"),
                {"id": contact_id},
            ).mappings()
        ]
    return [
        {k: v for k, v in row.items() if k not in OWN and not k.endswith("_at")} for row in found
    ]


def test_is_what_a_flush_makes_of_it(sessions, monkeypatch):
    given = {"tags": ["a"], "birthday": "--02-29", "visibility": "team"}
    ada, direct = made(sessions, "ada@acme.example", **given)
    with monkeypatch.context() as patch:
        patch.setattr(db, "insert_new", lambda *_: False)
        eva, flushed = made(sessions, "eva@acme.example", **given)

    assert direct == flushed
    assert rows(sessions, ada) == rows(sessions, eva)
    assert len(rows(sessions, ada)) == 3


def test_goes_in_by_one_statement(sessions, monkeypatch):
    flushes, taken = [], []
    whole = db.insert_new
    sa.event.listen(sessions, "before_flush", lambda *_: flushes.append(1))
    monkeypatch.setattr(db, "insert_new", lambda *all_: taken.append(whole(*all_)) or taken[-1])

    made(sessions, "ada@acme.example")

    assert taken == [True]
    assert flushes == []


def test_leaves_to_a_flush_what_is_more_than_new(sessions):
    ada, _ = made(sessions, "ada@acme.example")

    with db.transaction(sessions, db.Context(actor="user:ann")) as session:
        contact = session.get(Contact, ada)
        contact.first_name = "Augusta"
        assert not db.insert_new(session, db.cursor(session), contact)
        session.rollback()
