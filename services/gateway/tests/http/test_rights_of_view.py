"""Who sees which part of a customer: pages, sums, timelines and search by range and field."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from services.gateway.tests import factories as make

from crm_chassis import clock, ids
from crm_contracts import sales, support
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
FOLDER = ViewFolder(all_sources())
SERVICES = ("contacts", "sales", "marketing", "support")


@pytest.fixture(scope="module")
def app(building, houses):
    return building(CRM_PEERS=houses.peers)


@pytest.fixture(autouse=True)
def _fresh(app, connection):
    at = clock.now() - timedelta(seconds=1)
    for service in SERVICES:
        connection.execute(
            "insert into watermark values (%s, %s) on conflict (service) do update set at = excluded.at",
            [service, at],
        )  # fmt: skip
    app.extensions["view"]._marks = (0.0, {})


@pytest.fixture
def told(house, connection):
    """`told(record, …)` stores records at their owners and in the view."""

    def tell(*things):
        house.keep(*things)
        with connection.transaction():
            FOLDER.fold(connection, [make.item(thing) for thing in things])

    return tell


@pytest.fixture
def holding(calling):
    """`holding({"deal": {"read": "own"}}, team_id=…)` speaks as somebody with such a role."""
    admin = calling("admin")

    def hold(grants, fields=None, **given):
        body = {"name": f"Role {ids.new()}", "grants": grants, "fields": fields or {}}
        made = admin.post("/v1/roles", body)
        assert made.status_code == 201, made.text
        return calling(made.json["id"], **given)

    return hold


READS = {"contact": {"read": "all"}, "ticket": {"read": "all"}, "deal": {"read": "own"}}


def page(caller, customer, query=""):
    return caller.get(f"/v1/customers/{customer.id}{query}")


def data(caller, customer, query=""):
    sections = page(caller, customer, query).json["sections"]
    return {name: each["data"] for name, each in sections.items()}


class TestRange:
    @pytest.mark.parametrize("query", ["", "?consistency=live"])
    def test_shows_and_sums_up_ones_own(self, told, holding, query):
        marta, ida = make.contact(), holding(READS)
        mine = make.deal(marta.id, "100.00", owner_id=ida.user_id)
        told(marta, mine, make.deal(marta.id, "900.00", owner_id=ids.new()))

        seen = data(ida, marta, query)["sales"]

        assert [str(mine.id)] == [each["id"] for each in seen["deals"]]
        assert {"amount": "100.00", "currency": "EUR"} == seen["open_amount"]

    def test_of_a_team_reaches_its_people_and_the_teams_below(self, told, holding, calling, doing):
        from crm_gateway import identity

        north = doing(identity.create_team, identity.CreateTeam(name="North")).id
        coast = doing(identity.create_team, identity.CreateTeam(name="Coast", parent_id=north)).id
        ida = holding(READS | {"deal": {"read": "team"}}, team_id=north)
        mate = calling("member", team_id=coast)
        marta = make.contact()
        told(
            marta, make.deal(marta.id, "1.00", owner_id=ida.user_id),
            make.deal(marta.id, "2.00", owner_id=mate.user_id),
            make.deal(marta.id, "4.00", team_id=coast), make.deal(marta.id, "8.00", owner_id=ids.new()),
        )  # fmt: skip

        assert "7.00" == data(ida, marta)["sales"]["open_amount"]["amount"]
        assert "7.00" == data(ida, marta, "?consistency=live")["sales"]["open_amount"]["amount"]

    @pytest.mark.parametrize("query", ["", "?consistency=live"])
    def test_reaches_what_one_is_assigned_to(self, told, holding, query):
        marta, ida = (
            make.contact(),
            holding({"contact": {"read": "all"}, "ticket": {"read": "own"}}),
        )
        ticket = make.ticket(marta.id, assignee_id=ida.user_id, owner_id=ids.new())
        told(marta, ticket, make.ticket(marta.id, assignee_id=ids.new(), owner_id=ids.new()))

        support_ = data(ida, marta, query)["support"]

        assert ([str(ticket.id)], 1) == (
            [each["id"] for each in support_["tickets"]], support_["open_tickets"],
        )  # fmt: skip

    def test_shows_a_part_as_its_whole(self, told, holding):
        marta, ida = (
            make.contact(),
            holding({"contact": {"read": "all"}, "ticket": {"read": "own"}}),
        )
        ticket = make.ticket(marta.id, assignee_id=ida.user_id, owner_id=ids.new())
        foreign = make.ticket(marta.id, owner_id=ids.new())
        import crm_contracts as contracts

        sample = contracts.sample(support.MessageReceived).record
        messages = [
            replace(
                sample, id=ids.new(), ticket_id=each.id, requester_id=marta.id,
                owner_id=each.owner_id, version=1,
            )
            for each in (ticket, foreign)
        ]  # fmt: skip
        told(marta, ticket, foreign, *messages)

        shown = data(ida, marta)["support"]["messages"]

        assert [str(messages[0].id)] == [each["id"] for each in shown]

    @pytest.mark.parametrize("query", ["", "?consistency=live"])
    def test_has_no_page_of_a_contact_out_of_reach(self, told, holding, query):
        marta, ida = make.contact(owner_id=ids.new()), holding({"contact": {"read": "own"}})
        told(marta)

        assert 404 == page(ida, marta, query).status_code

    def test_has_no_timeline_of_a_contact_out_of_reach(self, told, holding, calling):
        marta, absorbed = make.contact(owner_id=ids.new(), visibility="private"), ids.new()
        ida = holding({"contact": {"read": "own"}, "deal": {"read": "all"}})
        told(marta, make.fact(sales.DealCreated, make.deal(marta.id)))
        told(make.contact(id=absorbed, owner_id=ids.new(), merged_into_id=marta.id))

        def told_to(who):
            paths = (f"/v1/customers/{id_}/timeline" for id_ in (marta.id, absorbed))
            return [len(who.get(path).json["items"]) for path in paths]

        assert [0, 0] == told_to(ida) == told_to(calling("member"))
        assert 1 == told_to(calling("admin"))[0]

    def test_tells_of_what_is_seen_only(self, told, holding):
        marta, ida = make.contact(), holding(READS)
        mine = make.deal(marta.id, name="Mine", owner_id=ida.user_id)
        other = make.deal(marta.id, name="Theirs", owner_id=ids.new())
        told(marta, make.fact(sales.DealCreated, mine), make.fact(sales.DealCreated, other))

        shown = page(ida, marta).json["timeline"]["items"]
        paged = ida.get(f"/v1/customers/{marta.id}/timeline").json["items"]

        assert [str(mine.id)] == [each["subject_id"] for each in shown]
        assert shown == paged

    def test_has_an_entity_tag_of_its_own(self, told, holding, calling):
        marta, ida = make.contact(), holding(READS)
        told(marta, make.deal(marta.id, owner_id=ids.new()))

        tag = page(calling("member"), marta).headers["ETag"]

        assert 200 == ida.get(f"/v1/customers/{marta.id}", If_None_Match=tag).status_code
        own = page(ida, marta).headers["ETag"]
        assert 304 == ida.get(f"/v1/customers/{marta.id}", If_None_Match=own).status_code


class TestMembersSums:
    def test_leave_out_what_is_private_however_old(self, told, calling):
        marta, ida = make.contact(), calling("member")
        deals = [make.deal(marta.id, "1.00", created_at=make.minutes(60 + n)) for n in range(50)]
        hidden = make.deal(
            marta.id, "1000.00", visibility="private", owner_id=ids.new(),
            created_at=make.minutes(0),
        )  # fmt: skip
        told(marta, *deals, hidden)

        assert "50.00" == data(ida, marta)["sales"]["open_amount"]["amount"]
        assert "1050.00" == data(calling("admin"), marta)["sales"]["open_amount"]["amount"]


class TestFields:
    LIMITS: ClassVar = {"deal": {"amount": "hidden"}, "contact": {"emails": "hidden"}}
    GRANTS: ClassVar = {"contact": {"read": "all"}, "deal": {"read": "all"}}

    @pytest.mark.parametrize("query", ["", "?consistency=live"])
    def test_that_are_hidden_are_neither_shown_nor_summed_up(self, told, holding, query):
        marta, ida = make.contact(), holding(self.GRANTS, self.LIMITS)
        told(marta, make.deal(marta.id, "100.00"))

        seen = data(ida, marta, query)

        assert "emails" not in seen["contacts"]["contact"]
        assert "amount" not in seen["sales"]["deals"][0]
        assert (None, None) == (seen["sales"]["open_amount"], seen["sales"]["weighted_amount"])

    def test_that_are_hidden_find_nothing(self, told, holding, calling):
        from crm_contracts import contacts

        email = contacts.EmailPoint(value="marta@secret.example")
        told(make.contact(emails=(email,)))
        ida = holding(self.GRANTS, self.LIMITS)

        def found(caller, text):
            return len(caller.get(f"/v1/search?q={text}").json["items"])

        assert (1, 1) == (found(calling("member"), "secret"), found(calling("member"), "marta"))
        assert (0, 1) == (found(ida, "secret"), found(ida, "marta"))


class TestSearch:
    def test_finds_what_is_in_reach(self, told, holding):
        marta, ida = make.contact("Marta Borealis"), holding(READS)
        told(
            marta, make.deal(marta.id, name="Borealis one", owner_id=ida.user_id),
            make.deal(marta.id, name="Borealis two", owner_id=ids.new()),
            make.account("Borealis"),
        )  # fmt: skip

        found = [each["title"] for each in ida.get("/v1/search?q=borealis").json["items"]]

        assert ["Marta Borealis", "Borealis one"] == found
