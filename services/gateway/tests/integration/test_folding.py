"""The view folds records in any order, any number of times, by any number of hands."""

import itertools
import random
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
import psycopg
import pytest
from services.gateway.tests import factories as make

import crm_contracts as contracts
from crm_chassis import ids, rights
from crm_chassis.auth import Principal
from crm_contracts import contacts, marketing, sales, support
from crm_contracts.base import SubjectRef
from crm_gateway.queries import view as queries
from crm_gateway.queries.search import search
from crm_gateway.view import ViewFolder
from crm_gateway.view.documents import documents_of
from crm_gateway.view.operations import _stale
from crm_gateway.view.render import Stored
from crm_gateway.view.shapes import all_sources

EVERYTHING = rights.seen_of_all(Principal(actor="user:admin", roles=frozenset({"admin"})))
pytestmark = pytest.mark.integration
FOLDER = ViewFolder(all_sources())


def fold(connection, *things, repair=False):
    given = [thing if isinstance(thing, make.Item) else make.item(thing) for thing in things]
    with connection.transaction():
        FOLDER.fold(connection, given, repair=repair)


def page(connection, customer):
    """Return a stored document's sections' data, its timeline beside them."""
    row = queries.document(connection, customer.id)
    if row is None:
        return None
    stored = Stored.of_row(row)
    data = {n: orjson.loads("{" + part + "}")["data"] for n, part in stored.sections.items()}
    return {**data, "timeline": orjson.loads(stored.timeline), "head": orjson.loads(stored.head)}


def ids_of(records):
    return [record["id"] for record in records]


def everything(connection):
    columns = "customer_id, etag, known, restricted, head, contacts, sales, marketing, support"
    more = "timeline, versions::text"
    kept = connection.execute(f"select {columns}, {more} from customer_view where known order by 1")
    return kept.fetchall()


def stale(connection):
    customers = connection.execute("select distinct customer_id from view_link").fetchall()
    return _stale(connection, [customer for (customer,) in customers])


def empty(connection):
    connection.execute("truncate view_record, view_link, customer_view")


def story():
    """Facts of one customer over all services; some records in several versions."""
    northwind, southwind = make.account("Northwind"), make.account("Southwind")
    marta = make.contact("Marta Okafor", northwind.id)
    otto = make.contact("Otto Lind", northwind.id, southwind.id)
    deal, note = make.deal(marta.id), make.note(marta.id)
    ticket, mail = make.ticket(marta.id), make.message(marta.id)
    won = replace(deal, status="won", version=3)
    moved = replace(deal, primary_contact_id=otto.id, contact_ids=(otto.id,), version=2)
    return [
        make.fact(contacts.AccountCreated, northwind),
        make.fact(contacts.AccountUpdated, replace(northwind, name="Northwind Ltd", version=2)),
        make.fact(contacts.AccountCreated, southwind),
        make.fact(contacts.ContactCreated, marta),
        make.fact(contacts.ContactUpdated, replace(marta, name="Marta O'Hara", version=2)),
        make.fact(contacts.ContactCreated, otto),
        make.fact(contacts.ContactUpdated, replace(otto, account_ids=(), version=2)),
        make.fact(contacts.NoteAdded, note),
        make.fact(contacts.NoteArchived, replace(note, archived_at=make.minutes(9), version=2)),
        make.fact(sales.DealCreated, deal),
        make.fact(sales.DealUpdated, moved),
        make.fact(sales.DealWon, won),
        make.fact(support.TicketOpened, ticket),
        make.fact(support.TicketResolved, replace(ticket, status="resolved", version=2)),
        make.fact(marketing.MessageSent, mail),
        make.fact(marketing.MessageOpened, replace(mail, opened_at=make.minutes(5), version=2)),
    ]


class TestAnyOrder:
    @pytest.mark.parametrize("seed", range(12))
    def test_gives_the_same_documents(self, connection, seed):
        facts, rng = story(), random.Random(seed)
        fold(connection, *facts)
        expected = everything(connection)
        empty(connection)

        shuffled = facts + rng.sample(facts, 6)
        rng.shuffle(shuffled)
        while shuffled:
            size = rng.randint(1, 5)
            fold(connection, *shuffled[:size])
            del shuffled[:size]

        assert len(expected) == 4
        assert everything(connection) == expected
        assert stale(connection) == []

    def test_takes_every_published_sample(self, connection):
        samples = [contracts.sample(fact) for fact in contracts.FACTS.values()]
        for each in samples:
            fold(connection, each)
        expected = everything(connection)

        fold(connection, *reversed(samples), repair=False)

        assert expected
        assert everything(connection) == expected
        assert stale(connection) == []


class TestMoving:
    def test_leaves_the_old_page(self, connection):
        marta, otto = make.contact(), make.contact("Otto Lind")
        deal = make.deal(marta.id)
        fold(connection, marta, otto, deal)

        fold(connection, replace(deal, primary_contact_id=otto.id, contact_ids=(), version=2))

        assert page(connection, marta)["sales"]["deals"] == []
        assert ids_of(page(connection, otto)["sales"]["deals"]) == [str(deal.id)]

    def test_is_not_undone_by_the_older_version(self, connection):
        marta, otto = make.contact(), make.contact("Otto Lind")
        deal = make.deal(marta.id)
        fold(connection, marta, otto)

        fold(connection, replace(deal, primary_contact_id=otto.id, contact_ids=(), version=2))
        fold(connection, deal)

        assert page(connection, marta)["sales"]["deals"] == []

    def test_shows_a_deal_that_came_before_its_contact(self, connection):
        marta = make.contact()
        deal = make.deal(marta.id)

        fold(connection, deal)
        before = queries.document(connection, marta.id)
        fold(connection, marta)

        assert Stored.of_row(before).known is False
        assert ids_of(page(connection, marta)["sales"]["deals"]) == [str(deal.id)]

    def test_forgets_what_is_erased(self, connection):
        marta = make.contact()
        deal = make.deal(marta.id)
        fold(connection, marta, deal)

        fold(connection, make.erased(deal))
        fold(connection, deal)

        assert page(connection, marta)["sales"]["deals"] == []
        row = connection.execute("select body, version from view_record where id = %s", [deal.id])
        assert row.fetchone() == (None, 2)

    def test_knows_no_more_a_customer_that_is_erased(self, connection):
        marta = make.contact()
        fold(connection, marta)

        fold(connection, make.erased(marta))

        assert Stored.of_row(queries.document(connection, marta.id)).known is False


class TestRepair:
    def test_replaces_a_body_of_the_same_version(self, connection):
        marta = make.contact()
        fold(connection, marta)
        connection.execute("update view_record set body = replace(body, 'Marta', 'Nobody')")

        fold(connection, marta)
        unmended = everything(connection)
        fold(connection, marta, repair=True)

        assert page(connection, marta)["head"]["name"] == "Marta Okafor"
        assert unmended == everything(connection)
        assert stale(connection) == []

    def test_does_not_go_back(self, connection):
        marta = make.contact()
        fold(connection, replace(marta, name="Marta New", version=2))

        fold(connection, marta, repair=True)

        assert page(connection, marta)["head"]["name"] == "Marta New"


class TestAccountOfContacts:
    def _people(self, account, number):
        return [make.contact(f"Person {n}", account.id) for n in range(number)]

    def _accounts(self, connection, person):
        return page(connection, person)["contacts"]["accounts"]

    def test_is_renamed_on_its_contacts_pages(self, connection):
        northwind = make.account("Northwind")
        people = self._people(northwind, 3)
        fold(connection, northwind, *people)

        fold(connection, replace(northwind, name="Northwind Ltd", version=2))

        names = [self._accounts(connection, person)[0]["name"] for person in people]
        assert names == ["Northwind Ltd"] * 3

    def test_is_embedded_for_200_contacts_and_referenced_for_more(self, connection):
        northwind = make.account("Northwind")
        people = self._people(northwind, 201)
        fold(connection, northwind, *people[:200])
        assert self._accounts(connection, people[0])[0]["name"] == "Northwind"

        fold(connection, people[200])
        assert self._accounts(connection, people[0]) == [{"id": str(northwind.id), "shared": True}]
        assert stale(connection) == []

        fold(connection, replace(northwind, name="Northwind Ltd", version=2))
        assert stale(connection) == []

        fold(connection, replace(people[200], account_ids=(), version=2))
        assert self._accounts(connection, people[0])[0]["name"] == "Northwind Ltd"
        assert stale(connection) == []

    def test_crosses_the_limit_in_one_large_batch(self, connection):
        northwind = make.account("Northwind")
        people = self._people(northwind, 250)
        fold(connection, northwind, *people[:120])

        fold(connection, *people[120:])

        assert stale(connection) == []

    def test_far_from_the_limit_leaves_the_pages_of_other_contacts_alone(self, connection):
        northwind, others = make.account("Northwind"), [make.account(f"A {n}") for n in range(60)]
        people = self._people(northwind, 150)
        fold(connection, northwind, *others, *people)
        before = composed_at(connection, people)

        fold(
            connection,
            *self._people(northwind, 1),
            *[p for o in others for p in self._people(o, 1)],
        )

        assert composed_at(connection, people) == before
        assert stale(connection) == []

    def test_crosses_the_limit_while_two_fold(self, database_url, connection):
        northwind = make.account("Northwind")
        people = self._people(northwind, 204)
        fold(connection, northwind, *people[:199])

        at_once(database_url, [[person] for person in people[199:]])

        assert stale(connection) == []
        assert self._accounts(connection, people[0])[0].get("shared") is True

    @pytest.mark.parametrize("round_", range(5))
    def test_is_renamed_while_a_contact_joins(self, database_url, connection, round_):
        northwind = make.account("Northwind")
        people = self._people(northwind, 6)
        fold(connection, northwind)
        renamed = [replace(northwind, name=f"N {n}", version=2 + n) for n in range(6)]

        at_once(database_url, [[person] for person in people], [[each] for each in renamed])

        assert stale(connection) == []
        assert {self._accounts(connection, person)[0]["name"] for person in people} == {"N 5"}


class TestLists:
    def test_hold_the_newest_fifty(self, connection):
        marta = make.contact()
        deals = [make.deal(marta.id, created_at=make.minutes(n)) for n in range(53)]

        fold(connection, marta, *random.Random(1).sample(deals, 53))

        shown = ids_of(page(connection, marta)["sales"]["deals"])
        assert shown == [str(deal.id) for deal in reversed(deals[3:])]

    def test_are_continued_exactly_by_the_timelines_cursor(self, connection):
        marta = make.contact()
        facts = [
            make.fact(
                sales.DealUpdated, make.deal(marta.id, name=f"{n}"), time=make.minutes(n // 3)
            )
            for n in range(120)
        ]
        facts = [
            make.fact(sales.DealWon, each.record, time=each.time, id=each.id) for each in facts
        ]
        closed = [replace(each, record=replace(each.record, closed_at=each.time)) for each in facts]
        fold(connection, marta, *closed)

        first = page(connection, marta)["timeline"]
        found, cursor = ids_of(first["items"]), first["next"]
        while cursor:
            bodies, cursor = queries.timeline(
                connection, [marta.id], kinds=[], before=cursor, limit=7, seen=EVERYTHING
            )
            found += ids_of(orjson.loads(body) for body in bodies)

        assert len(first["items"]) == 50
        assert len(found) == len(set(found)) == 120
        whole, _ = queries.timeline(
            connection, [marta.id], kinds=[], before=None, limit=200, seen=EVERYTHING
        )
        assert found == ids_of(orjson.loads(body) for body in whole)

    def test_end_without_a_cursor_at_fifty(self, connection):
        marta = make.contact()
        facts = [make.fact(support.TicketOpened, make.ticket(marta.id)) for _ in range(50)]

        fold(connection, marta, *facts)

        assert page(connection, marta)["timeline"]["next"] is None


class TestSums:
    def test_count_more_than_is_shown(self, connection):
        marta = make.contact()
        deals = [make.deal(marta.id, f"{n}.10") for n in range(1, 81)]
        lost = make.deal(marta.id, "999.00", status="lost")
        archived = make.deal(marta.id, "999.00", archived_at=make.minutes(1))
        without = make.deal(marta.id, None)

        fold(connection, marta, lost, archived, without, *deals)

        total = sum(Decimal(f"{n}.10") for n in range(1, 81))
        found = page(connection, marta)["sales"]
        assert found["open_amount"] == {"amount": str(total), "currency": "EUR"}
        assert found["weighted_amount"] == {"amount": str(total), "currency": "EUR"}

    def test_never_add_two_currencies(self, connection):
        marta = make.contact()

        fold(
            connection, marta, make.deal(marta.id, "10.00"), make.deal(marta.id, "5.50"),
            make.deal(marta.id, "7.00", currency="USD"),
        )  # fmt: skip

        found = page(connection, marta)["sales"]
        assert found["open_amount"] is None
        assert found["open_amounts"] == [
            {"amount": "15.50", "currency": "EUR"},
            {"amount": "7.00", "currency": "USD"},
        ]

    def test_count_open_tickets(self, connection):
        marta = make.contact()
        tickets = [make.ticket(marta.id) for _ in range(60)]
        done = [make.ticket(marta.id, status=status) for status in ("resolved", "closed")]

        fold(connection, marta, *tickets, *done)

        assert page(connection, marta)["support"]["open_tickets"] == 60

    def test_add_up_what_is_owed_over_more_invoices_than_are_shown(self, connection):
        marta = make.contact()
        owed = [make.invoice(marta.id, "1.10") for _ in range(60)]
        late = [make.invoice(marta.id, "2.00", status="overdue") for _ in range(3)]
        settled = [
            make.invoice(marta.id, "5.00", status="paid"),
            make.invoice(marta.id, "5.00", archived_at=make.minutes(1)),
        ]

        fold(connection, marta, *owed, *late, *settled)

        found = page(connection, marta)["contacts"]
        assert len(found["invoices"]) == 50
        assert found["open_invoice_amounts"] == [{"amount": "72.00", "currency": "EUR"}]
        assert found["overdue_invoice_amounts"] == [{"amount": "6.00", "currency": "EUR"}]
        assert found["overdue_invoices"] == 3


class TestPutAway:
    def test_is_not_found_until_it_is_brought_back(self, connection):
        marta = make.contact("Marta Okafor")
        seen = EVERYTHING

        def found(text):
            rows = search(
                connection, text, kinds=["contact"], wholly=["contact"], limit=10, seen=seen
            )
            return [row[2] for row in rows]

        fold(connection, marta)
        live = [found("marta"), found("okafor m")]
        fold(connection, replace(marta, archived_at=make.minutes(5), version=2))
        gone = [found("marta"), found("okafor m")]
        fold(connection, replace(marta, version=3))

        assert live == [[marta.id], [marta.id]]
        assert gone == [[], []]
        assert found("marta") == [marta.id]


def at_once(database_url, *hands):
    """Fold each hand's batches on a connection of its own, all at the same time."""
    start, failures = threading.Barrier(len(hands)), []

    def run(batches):
        with psycopg.connect(database_url, autocommit=True) as own:
            start.wait()
            try:
                for batch in batches:
                    fold(own, *batch)
            except psycopg.Error as error:
                failures.append(error)

    threads = [threading.Thread(target=run, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


class TestManyHands:
    @pytest.mark.parametrize("seed", range(4))
    def test_end_like_one(self, database_url, connection, seed):
        rng = random.Random(seed)
        facts = list(itertools.chain.from_iterable(story() for _ in range(4)))
        customers = [each.record for each in facts if isinstance(each.record, contacts.Contact)]
        shared = [
            make.fact(
                contacts.NoteAdded,
                make.note(
                    customers[0].id,
                    subjects=tuple(
                        SubjectRef(type="contact", id=each.id) for each in rng.sample(customers, 6)
                    ),
                ),
            )
            for _ in range(20)
        ]
        facts += shared
        fold(connection, *facts)
        expected = everything(connection)
        empty(connection)

        hands = []
        for _ in range(3):
            rng.shuffle(facts)
            hands.append([facts[n : n + 7] for n in range(0, len(facts), 7)])
        at_once(database_url, *hands)

        assert everything(connection) == expected
        assert stale(connection) == []

    def test_take_turns_with_a_batch_of_more_customers_than_locks(self, database_url, connection):
        crowd = [make.contact(f"Person {n}") for n in range(501)]
        notes = [[make.note(person.id)] for person in crowd[:40]]

        at_once(database_url, [crowd], notes, [crowd])

        assert stale(connection) == []
        assert len(page(connection, crowd[7])["contacts"]["notes"]) == 1

    def test_leave_nothing_behind_a_transaction_that_fails(self, connection):
        marta = make.contact()
        deal = make.deal(marta.id)
        fold(connection, marta)
        before = everything(connection)

        with pytest.raises(ZeroDivisionError), connection.transaction():
            FOLDER.fold(connection, [make.item(deal)])
            raise ZeroDivisionError

        assert everything(connection) == before


class TestMergedContacts:
    def test_their_records_show_with_the_survivor_however_facts_come(self, connection):
        marta, martha = make.contact(), make.contact()
        merged = replace(martha, version=2, merged_into_id=marta.id, archived_at=martha.created_at)
        things = [
            marta, martha, merged, make.deal(martha.id), make.deal(marta.id),
            make.ticket(martha.id),
        ]  # fmt: skip
        found = []
        for order in (things, things[::-1], [things[n] for n in (2, 4, 0, 5, 1, 3)]):
            connection.execute("truncate view_record, view_link, customer_view, view_stale")
            for thing in order:
                fold(connection, thing)
            found.append(everything(connection))
            assert stale(connection) == []

        assert found[0] == found[1] == found[2]
        shown = page(connection, marta)
        assert 2 == len(shown["sales"]["deals"])
        assert (1, 1) == (len(shown["support"]["tickets"]), shown["support"]["open_tickets"])
        assert [] == shown["contacts"]["contacts"]
        assert str(marta.id) == page(connection, martha)["head"]["merged_into_id"]

    def test_a_record_that_names_both_is_shown_and_counted_once(self, connection):
        marta, martha = make.contact(), make.contact()
        deal = make.deal(marta.id, contact_ids=(martha.id,))
        fold(connection, marta, martha, deal)
        alone = page(connection, marta)["sales"]

        fold(connection, replace(martha, version=2, merged_into_id=marta.id))

        assert alone == page(connection, marta)["sales"]

    def test_are_themselves_again_after_an_undo(self, connection):
        marta, martha = make.contact(), make.contact()
        fold(connection, marta, martha, make.deal(martha.id))
        before = everything(connection)
        fold(connection, replace(martha, version=2, merged_into_id=marta.id))
        assert before != everything(connection)

        fold(connection, replace(martha, version=3))

        assert [] == page(connection, marta)["sales"]["deals"]
        assert 1 == len(page(connection, martha)["sales"]["deals"])
        assert stale(connection) == []

    def test_are_not_found_by_words(self, connection):
        martha = make.contact(name="Martha Unmistakable")
        seen = EVERYTHING
        fold(connection, martha)
        assert search(
            connection, "unmistakable", kinds=["contact"], wholly=["contact"], limit=5, seen=seen
        )

        fold(connection, replace(martha, version=2, merged_into_id=ids.new()))

        assert [] == search(
            connection, "unmistakable", kinds=["contact"], wholly=["contact"], limit=5, seen=seen
        )


class TestDrop:
    def test_removes_a_ghost_from_its_pages(self, connection):
        marta = make.contact()
        deal = make.deal(marta.id)
        fold(connection, marta, deal)

        with connection.transaction():
            FOLDER.drop(connection, make_source("sales", "deal"), [deal.id, ids.new()])

        assert page(connection, marta)["sales"]["deals"] == []
        assert documents_of(connection, [marta.id])[0].known


def make_source(service, kind):
    return next(each for each in FOLDER.sources if (each.service, each.kind) == (service, kind))


def composed_at(connection: psycopg.Connection, people: list[contacts.Contact]) -> list[Any]:
    query = "select composed_at from customer_view where customer_id = any(%s) order by customer_id"
    return connection.execute(query, ([each.id for each in people],)).fetchall()
