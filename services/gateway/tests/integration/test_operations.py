"""Verify finds every kind of difference, rebuild mends it while reads go on."""

import sys
import threading
from dataclasses import replace

import psycopg
import pytest
from services.gateway.tests import factories as make

from crm_chassis.testing import OPS_TOKEN, environment
from crm_contracts import contacts, sales
from crm_gateway import settings
from crm_gateway.queries import view as queries
from crm_gateway.view import ViewFolder, operations
from crm_gateway.view.render import Stored
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
FOLDER = ViewFolder(all_sources())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    """Nothing is under way in these tests, so nothing is waited for."""
    monkeypatch.setattr(sys.modules["crm_chassis.records.verify"], "_BETWEEN_LOOKS_SECONDS", 0)


@pytest.fixture
def deployment(database_url, house, monkeypatch):
    made = environment("gateway", database_url, "amqp://nowhere", CRM_PEERS=house.peers)
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    return settings.read().deployment


@pytest.fixture
def told(house, connection):
    """Store facts at their owners and in the view."""
    marta, otto = make.contact(), make.contact("Otto Lind")
    deals = [make.deal(marta.id, name=f"Deal {n}") for n in range(3)]
    facts = [
        make.fact(contacts.ContactCreated, marta),
        make.fact(contacts.ContactCreated, otto),
        *(make.fact(sales.DealCreated, deal) for deal in deals),
    ]
    house.keep(*facts)
    FOLDER.fold(connection, [make.item(fact) for fact in facts])
    return marta, otto, deals


def _found(deployment):
    return {(item["kind"], item["id"]) for item in operations.verify(deployment)["items"]}


def _is_whole(deployment):
    return operations.verify(deployment) == {
        "differences": 0, "items": [], "stale_documents": [],
    }  # fmt: skip


class TestVerify:
    def test_finds_nothing_where_all_is_well(self, told, deployment):
        assert _is_whole(deployment)

    def test_finds_a_changed_body_of_the_same_version(self, told, connection, deployment):
        deal = told[2][0]
        body = make.contracts.record_body(replace(deal, name="Other")).decode()
        connection.execute(
            "update view_record set body = %s, digest = md5(%s)::uuid where id = %s",
            [body, body, deal.id],
        )

        assert _found(deployment) == {("deal", deal.id)}

    def test_finds_a_missing_and_an_older_record(self, told, house, connection, deployment):
        new, deal = make.deal(told[0].id), told[2][0]
        house.keep(new, replace(deal, version=2))

        found = operations.verify(deployment)

        versions = {item["id"]: (item["here"], item["there"]) for item in found["items"]}
        assert versions == {new.id: (None, 1), deal.id: (1, 2)}
        assert found["differences"] == 2

    def test_finds_a_ghost(self, told, house, deployment):
        house.forget(told[2][1])

        assert _found(deployment) == {("deal", told[2][1].id)}

    @pytest.mark.parametrize(
        "harm",
        [
            "update customer_view set etag = 'x' where customer_id = %s",
            "delete from customer_view where customer_id = %s",
            "delete from view_link where customer_id = %s and kind = 'deal'",
        ],
    )
    def test_finds_a_stale_document(self, told, connection, deployment, harm):
        connection.execute(harm, [told[0].id])

        found = operations.verify(deployment)

        assert (found["differences"], found["stale_documents"]) == (1, [told[0].id])

    def test_finds_a_document_whose_parts_were_changed(self, told, connection, deployment):
        connection.execute("update customer_view set sales = replace(sales, 'Deal 1', 'Deal 9')")

        assert operations.verify(deployment)["stale_documents"] == [told[0].id]

    def test_is_asked_on_the_ops_port(self, told, house, deployment):
        from werkzeug.test import Client

        from crm_chassis.metrics import Ops

        ops = Ops(token=OPS_TOKEN)
        ops.routes |= operations.internal_routes(type("Settings", (), {"deployment": deployment}))
        client, key = Client(ops), {"Authorization": f"Bearer {OPS_TOKEN}"}

        assert client.get("/internal/view/verify").status_code == 401
        assert client.get("/internal/view/verify", headers=key).json["differences"] == 0
        assert client.get("/internal/view/rebuild", headers=key).json == {"state": "never ran"}
        assert client.post("/internal/view/rebuild", headers=key).json["customers"] == 2
        progress = client.get("/internal/view/rebuild", headers=key).json
        assert progress["done"] == progress["total"] > 2
        assert client.post("/internal/view/ghosts", headers=key).json == {"ghosts_removed": 0}


class TestRebuild:
    def test_mends_whatever_is_wrong(self, told, house, connection, deployment):
        marta, otto, deals = told
        house.keep(make.deal(otto.id), replace(deals[0], name="Newer", version=2))
        house.forget(deals[1])
        connection.execute("update view_record set body = replace(body, 'Otto', 'Nobody')")
        connection.execute("delete from customer_view where customer_id = %s", [marta.id])
        connection.execute("delete from view_link where record_id = %s", [deals[2].id])
        connection.execute("update customer_view set support = replace(support, ':0', ':7')")

        done = operations.rebuild(deployment)

        assert done["ghosts_removed"] == 1
        assert _is_whole(deployment)
        stored = Stored.of_row(queries.document(connection, marta.id))
        assert "Newer" in stored.sections["sales"]
        assert str(deals[1].id) not in stored.sections["sales"]

    def test_fills_an_empty_view(self, told, connection, deployment):
        connection.execute("truncate view_record, view_link, customer_view")

        operations.rebuild(deployment)

        assert _is_whole(deployment)
        assert queries.document(connection, told[0].id)

    def test_does_not_undo_what_is_newer_here(self, told, connection, deployment):
        deal = told[2][0]
        FOLDER.fold(connection, [make.item(replace(deal, name="Under way", version=2))])

        operations.rebuild(deployment)

        assert queries.record_version(connection, "deal", deal.id) == 2

    def test_lets_reads_and_facts_go_on(self, told, house, connection, database_url, deployment):
        marta, _, deals = told
        crowd = [make.contact(f"Person {n}") for n in range(300)]
        house.keep(*crowd)
        FOLDER.fold(connection, [make.item(person) for person in crowd])
        stop, misses, folded = threading.Event(), [], []

        def read():
            with psycopg.connect(database_url, autocommit=True) as own:
                while not stop.is_set():
                    row = queries.document(own, marta.id)
                    misses.extend([] if row and row[1] else ["unknown"])

        def write():
            with psycopg.connect(database_url, autocommit=True) as own:
                while not stop.is_set() and len(folded) < 200:
                    newer = replace(deals[0], name="Live", version=2 + len(folded))
                    house.keep(newer)
                    with own.transaction():
                        FOLDER.fold(own, [make.item(newer)])
                    folded.append(newer)

        threads = [threading.Thread(target=read), threading.Thread(target=write)]
        for thread in threads:
            thread.start()
        operations.rebuild(deployment)
        stop.set()
        for thread in threads:
            thread.join()

        assert misses == []
        assert folded
        assert _is_whole(deployment)

    def test_keeps_everything_while_an_owner_is_away(self, told, house, connection, deployment):
        house.close("sales")

        with pytest.raises(operations.records.PeerAway):
            operations.rebuild(deployment)

        assert queries.record_version(connection, "deal", told[2][0].id) == 1
