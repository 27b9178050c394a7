"""/v1/orders, /v1/invoices and /v1/subscriptions as other systems feed them."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text

from crm_chassis import clock, db, ids
from crm_contacts.commands.purchases import keeping

pytestmark = pytest.mark.integration
LINES = [{"sku": "P-40", "name": "Pump", "quantity": 2, "unit_price": "50.00", "tax": "19.00"}]


def order(external_id: str = "o-1", **more: Any) -> dict[str, Any]:
    said = {"source": "shop", "external_id": external_id, "status": "placed", "currency": "EUR"}
    return {
        **said,
        "number": "S-1",
        "lines": LINES,
        "customer": {"email": "lena@a.example"},
        **more,
    }


def invoice(external_id: str = "i-1", **more: Any) -> dict[str, Any]:
    said = {"source": "ledger", "external_id": external_id, "currency": "EUR", "total": "119.00"}
    return {**said, "tax": "19.00", "customer": {"email": "lena@a.example"}, **more}


def subscription(**more: Any) -> dict[str, Any]:
    said = {"source": "billing", "external_id": "s-1", "currency": "EUR", "plan": "Care"}
    return {**said, "status": "active", "amount": "360", "interval": "year", **more}


@pytest.fixture
def lena(api):
    return api.made("/v1/contacts", first_name="Lena", emails=[{"value": "lena@a.example"}])


class TestOrders:
    def test_a_delivery_is_taken_once_however_often_it_comes(self, api, facts, lena):
        first = api.post("/v1/orders", order())
        again = api.post("/v1/orders", order())
        changed = api.post("/v1/orders", order(status="shipped"))

        assert [each.status_code for each in (first, again, changed)] == [201, 200, 200]
        assert first.json["id"] == again.json["id"] == changed.json["id"]
        assert [each.json["version"] for each in (first, again, changed)] == [1, 1, 2]
        assert first.headers["Location"] == f"/v1/orders/{first.json['id']}"
        assert first.json["total"] == {"amount": "119.00", "currency": "EUR"}
        assert first.json["contact_id"] == lena["id"]
        assert facts() == [
            "contact.created",
            "order.placed",
            "order.updated",
            "contact.lifecycle_changed",
        ]

    def test_the_path_may_name_it(self, api, lena):
        body = {k: v for k, v in order().items() if k not in {"source", "external_id"}}

        made = api.put("/v1/orders/by-source/shop/o%2F1", body=body)
        again = api.put("/v1/orders/by-source/shop/o/1", body=body)

        assert (made.status_code, again.status_code) == (201, 200)
        assert made.json["external_id"] == "o/1"
        assert api.get("/v1/orders?source=shop&external_id=o/1").json["items"] == [made.json]

    @pytest.mark.parametrize(
        "by", [{"revision": 1}, {"occurred_at": "2026-11-02T10:00:00Z"}], ids=["revision", "time"]
    )
    def test_late_news_does_not_undo_what_came_after(self, api, facts, lena, by):
        newer = {"revision": 2} if "revision" in by else {"occurred_at": "2026-11-02T11:00:00Z"}
        api.post("/v1/orders", order(status="shipped", **newer))
        told = facts()

        late = api.post("/v1/orders", order(status="placed", **by))

        assert (late.status_code, late.json["status"]) == (200, "shipped")
        assert facts() == told

    def test_tells_what_became_of_it(self, api, facts, lena):
        api.post("/v1/orders", order(status="cart", number=None))
        placed = api.post("/v1/orders", order(occurred_at="2026-11-02T10:00:00Z"))
        refund = {"external_id": "r-1", "amount": "19.00", "reason": "broken"}
        refunded = api.post("/v1/orders", order(refunds=[refund]))
        api.post("/v1/orders", order(status="cancelled", refunds=[refund]))

        assert placed.json["placed_at"] == "2026-11-02T10:00:00Z"
        assert refunded.json["refunded"] == {"amount": "19.00", "currency": "EUR"}
        assert facts()[1:] == [
            "order.carted", "order.placed", "order.refunded", "order.cancelled",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"total": "118.99"}, "total"),
            ({"refunds": [{"amount": "120"}]}, "refunds"),
            ({"lines": [{"name": "x", "unit_price": "-1"}]}, "lines.0.unit_price"),
            ({"currency": "euro"}, "currency"),
            ({"customer": {}}, "customer"),
            ({"customer": None, "contact_id": str(ids.new())}, "contact_id"),
            ({"account_id": str(ids.new())}, "account_id"),
            ({"status": "lost"}, "status"),
        ],
    )
    def test_refuses_what_is_not_right(self, api, wrong, field):
        refused = api.post("/v1/orders", order(**wrong))

        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])

    def test_a_batch_takes_what_is_right_in_it(self, api, facts, lena):
        api.post("/v1/orders", order("known"))
        bodies = [order(f"o-{n}") for n in range(20)]
        bodies += [order("o-3"), order("known"), order("bad", total="1"),
                   order("nobody", contact_id=str(ids.new()))]  # fmt: skip
        operations = [{"op": "create", "body": body} for body in bodies]

        done = api.post("/v1/orders/batch", {"operations": operations})

        statuses = [each["status"] for each in done.json["items"]]
        assert statuses == [201] * 20 + [200, 200, 422, 422]
        assert done.json["items"][3]["id"] == done.json["items"][20]["id"]
        assert facts().count("order.placed") == 21

    def test_a_batch_asks_in_sets(self, api, lena, statements):
        operations = [{"op": "create", "body": order(f"o-{n}")} for n in range(100)]

        with statements() as counted:
            done = api.post("/v1/orders/batch", {"operations": operations})

        assert {each["status"] for each in done.json["items"]} == {201}
        assert counted() < 20

    def test_deliveries_at_the_same_moment_make_one(self, api, calling, facts, lena):
        barrier, answers = Barrier(4), list[int]()

        def deliver() -> None:
            caller = calling("member")
            barrier.wait()
            answers.append(caller.post("/v1/orders", order()).status_code)

        threads = [Thread(target=deliver) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert sorted(answers) == [200, 200, 200, 201]
        assert facts().count("order.placed") == 1

    def test_is_put_away_and_brought_back(self, api, facts, lena):
        made = api.post("/v1/orders", order()).json
        path = f"/v1/orders/{made['id']}"

        assert api.delete(path).status_code == 428
        assert api.delete(path, 1).json["archived_at"]
        assert api.get("/v1/orders").json["items"] == []
        assert api.put(f"{path}/restoration", 2).json["archived_at"] is None
        assert facts()[-2:] == ["order.archived", "order.restored"]

    def test_a_paid_one_makes_customers_of_contact_and_account(self, api, lena):
        account = api.made("/v1/accounts", name="Acme")["id"]
        api.patch(f"/v1/contacts/{lena['id']}", {"account_id": account}, 1)

        made = api.post("/v1/orders", order(status="paid", occurred_at="2026-11-02T10:00:00Z"))

        assert made.json["account_id"] == account
        assert api.get(f"/v1/contacts/{lena['id']}").json["lifecycle"] == "customer"
        assert api.get(f"/v1/accounts/{account}").json["customer_since"] == "2026-11-02T10:00:00Z"

    def test_the_document_of_the_api_says_what_is_left_out(self, api):
        schemas = api.get("/openapi.json").json["components"]["schemas"]

        line = next(each for name, each in schemas.items() if name.endswith("LineIn"))
        assert line["properties"]["quantity"]["default"] == "1"

    def test_a_reader_does_not_write(self, calling):
        assert calling("read-only").post("/v1/orders", order()).status_code == 403


class TestBuyers:
    def test_one_who_is_not_known_yet_is_waited_for(self, api, doing, facts):
        made = api.post("/v1/orders", order()).json
        assert (made["contact_id"], made["awaited"]["email"]) == (None, "lena@a.example")
        assert api.get("/v1/orders?awaiting=true").json["items"] == [made]
        assert doing(keeping.find_buyers) == 0

        lena = api.made("/v1/contacts", first_name="Lena", emails=[{"value": "lena@a.example"}])
        doing(keeping.find_buyers)

        found = api.get(f"/v1/orders/{made['id']}").json
        assert (found["contact_id"], found["awaited"]) == (lena["id"], None)
        assert api.get(f"/v1/orders?customer_id={lena['id']}").json["items"] == [found]
        assert doing(keeping.find_buyers) == 0
        assert facts().count("order.updated") == 1

    def test_one_who_is_named_otherwise_later_is_waited_for_by_that(self, api, doing, lena):
        made = api.post("/v1/orders", order(customer={"email": "typo@a.example"})).json
        again = api.post("/v1/orders", order(customer={"email": "other@a.example"})).json
        found = api.post("/v1/orders", order()).json

        assert (again["awaited"]["email"], again["id"]) == ("other@a.example", made["id"])
        assert (found["contact_id"], found["awaited"]) == (lena["id"], None)

    def test_is_known_by_what_the_source_called_them_before(self, api, lena):
        named = {"email": "lena@a.example", "external_id": "c-7"}
        api.post("/v1/orders", order(customer=named))

        later = api.post("/v1/orders", order("o-2", customer={"external_id": "c-7"}))
        elsewhere = api.post("/v1/invoices", invoice(customer={"external_id": "c-7"}))

        assert later.json["contact_id"] == lena["id"]
        assert elsewhere.json["contact_id"] is None

    @pytest.mark.parametrize("by", [{"domain": "acme.example"}, {"company": "ACME GmbH"}])
    def test_a_company_is_known_by_domain_or_name_if_there_is_one(self, api, by):
        acme = api.made("/v1/accounts", name="Acme", domain="acme.example")["id"]

        one = api.post("/v1/invoices", invoice(customer=by)).json
        api.made("/v1/accounts", name="Acme", domain="acme.example")
        two = api.post("/v1/invoices", invoice("i-2", customer=by)).json

        assert (one["account_id"], one["awaited"]) == (acme, None)
        assert two["account_id"] is None

    def test_an_absorbed_contact_buys_as_the_survivor_until_they_are_parted(self, api, lena):
        other = api.made("/v1/contacts", first_name="Lena", last_name="Ott")
        mine = api.post("/v1/orders", order(contact_id=other["id"])).json
        merged = api.post(f"/v1/contacts/{lena['id']}/merge", {"absorbed_ids": [other["id"]]}, 1)
        later = api.post("/v1/orders", order("o-2", contact_id=other["id"])).json

        def whose(made: Any) -> str:
            return api.get(f"/v1/orders/{made['id']}").json["contact_id"]

        assert merged.json["moved"]["contacts"]["order"] == 1
        assert (whose(mine), whose(later)) == (lena["id"], lena["id"])
        api.delete(f"/v1/merges/{merged.json['id']}")
        assert (whose(mine), whose(later)) == (other["id"], lena["id"])


class TestInvoices:
    def test_payments_open_and_close_it(self, api, facts, lena):
        part = [{"external_id": "p-1", "amount": "19.00", "at": "2026-11-05T09:00:00Z"}]
        rest = [{"external_id": "p-2", "amount": "100.00", "at": "2026-11-09T09:00:00Z"}]

        made = api.post("/v1/invoices", invoice()).json
        partly = api.post("/v1/invoices", invoice(payments=part)).json
        paid = api.post("/v1/invoices", invoice(payments=part + rest)).json
        again = api.post("/v1/invoices", invoice(payments=part + rest)).json

        assert [each["open_amount"]["amount"] for each in (made, partly, paid)] == [
            "119.00", "100.00", "0.00",
        ]  # fmt: skip
        assert (paid["status"], paid["paid_at"]) == ("paid", "2026-11-09T09:00:00Z")
        assert again == paid
        assert facts()[1:] == ["invoice.recorded", "invoice.updated", "invoice.paid"]

    @pytest.mark.parametrize(
        ("status", "verb"), [("void", "voided"), ("written_off", "written_off")]
    )
    def test_may_end_without_being_paid(self, api, facts, lena, status, verb):
        api.post("/v1/invoices", invoice())

        ended = api.post("/v1/invoices", invoice(status=status)).json

        assert (ended["status"], ended["open_amount"]["amount"]) == (status, "0.00")
        assert facts()[-1] == f"invoice.{verb}"

    def test_one_paid_without_a_date_keeps_the_time_it_was_told(self, api, lena):
        first = api.post("/v1/invoices", invoice(status="paid")).json
        again = api.post("/v1/invoices", invoice(status="paid")).json

        assert first["paid_at"]
        assert again == first

    def test_says_what_does_not_add_up(self, api, lena):
        paid = [{"amount": "19.00"}]

        refused = api.post("/v1/invoices", invoice(payments=paid, open_amount="101"))

        assert list(refused.json["errors"]) == ["open_amount"]


class TestOverdue:
    def due(self, days: int) -> str:
        return (clock.now() + timedelta(days=days)).isoformat()

    def test_is_told_once(self, api, doing, facts, lena):
        made = api.post("/v1/invoices", invoice(due_at=self.due(-1))).json
        api.post("/v1/invoices", invoice("later", due_at=self.due(1)))
        api.post("/v1/invoices", invoice("paid", due_at=self.due(-1), status="paid"))

        assert [doing(keeping.mark_overdue) for _ in range(2)] == [1, 0]
        again = api.post("/v1/invoices", invoice(due_at=made["due_at"])).json

        assert (again["status"], again["version"]) == ("overdue", 2)
        assert again["overdue_at"]
        assert facts().count("invoice.overdue") == 1

    def test_is_not_told_again_when_it_was_put_off(self, api, doing, facts, lena):
        api.post("/v1/invoices", invoice(due_at=self.due(-9)))
        doing(keeping.mark_overdue)

        put_off = api.post("/v1/invoices", invoice(due_at=self.due(3))).json
        doing(keeping.mark_overdue)
        passed = api.post("/v1/invoices", invoice(due_at=self.due(-3))).json
        doing(keeping.mark_overdue)

        assert (put_off["status"], passed["status"]) == ("open", "open")
        assert api.get(f"/v1/invoices/{put_off['id']}").json["status"] == "overdue"
        assert facts().count("invoice.overdue") == 1

    def test_a_day_is_over_where_the_company_is(self, api, doing, lena, company_in):
        company_in("Pacific/Auckland")

        made = api.post("/v1/invoices", invoice(due_at="2026-01-15", issued_at="2026-01-01")).json

        assert (made["issued_at"], made["due_at"]) == (
            "2025-12-31T11:00:00Z",
            "2026-01-15T10:59:59Z",
        )


class TestSubscriptions:
    def test_live_and_end(self, api, facts, lena):
        mine = {"contact_id": lena["id"]}
        made = api.post("/v1/subscriptions", subscription(**mine)).json
        api.post("/v1/subscriptions", subscription(quantity=3, **mine))
        cancelled = api.post("/v1/subscriptions", subscription(status="cancelled", **mine)).json
        ended = api.post("/v1/subscriptions", subscription(status="ended", **mine)).json

        assert made["monthly_amount"] == {"amount": "30.00", "currency": "EUR"}
        assert cancelled["monthly_amount"]["amount"] == "30.00"
        assert ended["monthly_amount"]["amount"] == "0.00"
        assert facts()[1:] == [
            "subscription.started",
            "subscription.updated",
            "subscription.cancelled",
            "subscription.ended",
        ]


@pytest.fixture
def company_in(sessions):
    """`company_in(zone)` has the company be there."""

    def move(zone: str) -> None:
        with db.transaction(sessions, db.Context(actor="service:test")) as session:
            session.execute(
                text("insert into company_copy (id, version, time_zone) values (:id, 1, :zone)"),
                {"id": ids.new(), "zone": zone},
            )

    return move


@pytest.fixture
def statements(app):
    """`with statements() as counted:` counts the statements that reach the database."""
    from contextlib import contextmanager

    import psycopg

    @contextmanager
    def count():
        asked = []
        plain = psycopg.Cursor.execute

        def counting(self, *arguments, **options):
            asked.append(arguments[0])
            return plain(self, *arguments, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", counting)
            yield lambda: len(asked)

    return count
