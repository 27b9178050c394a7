"""What a viewer is shown of a customer: how fresh, how complete, and whose."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from services.gateway.tests import factories as make

from crm_chassis import clock, ids
from crm_chassis.testing import wait_until
from crm_contracts import contacts, sales, support
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
FOLDER = ViewFolder(all_sources())
SECTIONS = ("contacts", "sales", "marketing", "support")
LOOKED = """select 1 from pg_stat_activity where query_start > %s and datname = current_database()
and pid <> pg_backend_pid() and query like 'select version from view_record%%'"""


@pytest.fixture(scope="module")
def app(building, houses):
    return building(CRM_PEERS=houses.peers)


@pytest.fixture
def folding(connection):
    """`folding(record, …)` brings records or facts into the view."""

    def fold(*things):
        with connection.transaction():
            FOLDER.fold(connection, [make.item(thing) for thing in things])

    return fold


@pytest.fixture
def told(house, folding):
    """`told(record, …)` stores records at their owners and in the view."""

    def tell(*things):
        house.keep(*things)
        folding(*things)

    return tell


@pytest.fixture(autouse=True)
def seen(app, connection):
    """`seen(sales=20)` says the last word of sales is 20 s old; the others' is new."""

    def mark(**ages):
        for service in SECTIONS:
            age = ages.get(service, 0)
            connection.execute("delete from watermark where service = %s", [service])
            if age is not None:
                at = clock.now() - timedelta(seconds=age)
                connection.execute("insert into watermark values (%s, %s)", [service, at])
        app.extensions["view"]._marks = (0.0, {})

    mark()
    return mark


def _ids(records):
    return [record["id"] for record in records]


def _path(customer, rest=""):
    return f"/v1/customers/{customer.id}{rest}"


class TestAnswer:
    def test_shows_all_sections(self, told, calling):
        marta = make.contact()
        deal, ticket = make.deal(marta.id), make.ticket(marta.id)
        told(make.fact(contacts.ContactCreated, marta), deal, ticket)

        answer = calling("member").get(_path(marta))

        assert answer.status_code == 200
        shown = answer.json
        assert (shown["id"], shown["kind"], shown["name"]) == (str(marta.id), "contact", marta.name)
        assert shown["degraded"] == []
        assert {name: part["status"] for name, part in shown["sections"].items()} == dict.fromkeys(
            SECTIONS, "ok"
        )
        assert _ids(shown["sections"]["sales"]["data"]["deals"]) == [str(deal.id)]
        assert _ids(shown["sections"]["support"]["data"]["tickets"]) == [str(ticket.id)]
        assert [each["title"] for each in shown["timeline"]["items"]] == ["Contact created"]

    def test_is_not_sent_twice(self, told, folding, calling):
        marta, ida = make.contact(), calling("member")
        told(marta)
        tag = ida.get(_path(marta)).headers["ETag"]

        again = ida.get(_path(marta), If_None_Match=tag)
        told(make.deal(marta.id))
        changed = ida.get(_path(marta), If_None_Match=tag)

        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert changed.status_code == 200

    def test_is_404_for_whom_nobody_knows(self, house, calling):
        answer = calling("member").get(f"/v1/customers/{ids.new()}")

        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"

    def test_asks_the_owners_before_404(self, house, calling):
        marta = make.contact()
        house.keep(marta)

        answer = calling("member").get(_path(marta))

        assert answer.status_code == 200
        assert answer.headers["X-CRM-Served-Live"] == "contacts,sales,marketing,support"

    def test_is_no_404_while_contacts_cannot_be_asked(self, house, calling):
        house.close("contacts")

        answer = calling("member").get(f"/v1/customers/{ids.new()}")

        assert answer.status_code == 503
        assert "Retry-After" in answer.headers

    @pytest.mark.parametrize("path", ["7", "x" * 36, "00000000-0000-0000-0000-00000000000g"])
    def test_is_404_for_what_is_no_id(self, house, calling, path):
        assert calling("member").get(f"/v1/customers/{path}").status_code == 404

    def test_needs_a_token(self, house, calling):
        stranger = calling("member")
        stranger.token = ""

        assert stranger.get(f"/v1/customers/{ids.new()}").status_code == 401


class TestFreshness:
    def test_names_what_is_stale_and_what_was_never_heard(self, told, calling, seen):
        marta = make.contact()
        told(marta)
        seen(sales=11, support=None)

        shown = calling("member").get(_path(marta)).json

        statuses = {name: part["status"] for name, part in shown["sections"].items()}
        assert shown["degraded"] == ["sales", "support"]
        assert statuses["sales"] == "stale"
        assert statuses["support"] == "unavailable"
        assert shown["sections"]["support"]["as_of"] is None

    def test_changes_the_entity_tag(self, told, calling, seen):
        marta, ida = make.contact(), calling("member")
        told(marta)
        tag = ida.get(_path(marta)).headers["ETag"]
        seen(sales=11)

        assert ida.get(_path(marta), If_None_Match=tag).status_code == 200

    def test_is_answered_with_every_service_down(self, told, house, calling, seen):
        marta = make.contact()
        told(marta, make.deal(marta.id))
        for service in SECTIONS:
            house.close(service)
        seen(contacts=60, sales=60, marketing=60, support=60)

        shown = calling("member").get(_path(marta)).json

        assert shown["degraded"] == list(SECTIONS)
        assert len(shown["sections"]["sales"]["data"]["deals"]) == 1


class TestLive:
    def _story(self):
        northwind = make.account()
        marta = make.contact("Marta Okafor", northwind.id)
        deals = [
            make.fact(
                sales.DealCreated,
                make.deal(marta.id, f"{n}.00", created_at=make.minutes(n)),
                time=make.minutes(n),
            )
            for n in range(60)
        ]
        tickets = [
            make.fact(support.TicketOpened, make.ticket(marta.id), time=make.minutes(n))
            for n in range(3)
        ]
        return [northwind, marta, make.note(marta.id), *deals, *tickets], marta, northwind

    @pytest.mark.parametrize("which", [1, 2])
    def test_composes_what_the_view_shows(self, told, calling, seen, which):
        facts, *customers = self._story()
        told(*facts)
        seen()
        ida, customer = calling("member"), customers[which - 1]

        projected = ida.get(_path(customer)).json
        live = ida.get(_path(customer) + "?consistency=live").json

        for shown in (projected, live):
            for part in shown["sections"].values():
                del part["as_of"]
        assert live == projected

    def test_shows_what_the_view_has_not_yet(self, told, house, calling):
        marta = make.contact()
        told(marta)
        deal = make.deal(marta.id)
        house.keep(deal)

        shown = calling("member").get(_path(marta) + "?consistency=live").json

        assert _ids(shown["sections"]["sales"]["data"]["deals"]) == [str(deal.id)]

    def test_keeps_what_was_seen_of_a_service_that_is_away(self, told, house, calling):
        marta = make.contact()
        deal = make.deal(marta.id)
        told(marta, deal)
        house.close("sales")

        shown = calling("member").get(_path(marta) + "?consistency=live").json

        assert shown["degraded"] == ["sales"]
        assert shown["sections"]["sales"]["status"] == "unavailable"
        assert _ids(shown["sections"]["sales"]["data"]["deals"]) == [str(deal.id)]

    def test_is_spelt_live_or_view(self, told, calling):
        marta = make.contact()
        told(marta)

        assert calling("member").get(_path(marta) + "?consistency=dead").status_code == 422


class TestReadYourWrites:
    def test_waits_for_the_view(self, told, house, database_url, calling):
        marta = make.contact()
        told(marta)
        newer = replace(marta, name="Marta New", version=2)

        def later():
            with psycopg.connect(database_url, autocommit=True) as own:
                (began,) = own.execute("select clock_timestamp()").fetchone()
                started.set()
                wait_until(lambda: own.execute(LOOKED, (began,)).fetchone())
                with own.transaction():
                    FOLDER.fold(own, [make.item(newer)])

        thread, started = threading.Thread(target=later), threading.Event()
        member = calling("member")
        thread.start()
        assert started.wait(5)
        answer = member.get(_path(marta), X_CRM_Version=f"contact/{marta.id}@2")
        thread.join()

        assert answer.json["name"] == "Marta New"
        assert "X-CRM-Served-Live" not in answer.headers

    def test_serves_live_what_does_not_come_and_says_so(self, told, house, calling):
        marta = make.contact()
        told(marta)
        deal = make.deal(marta.id)
        house.keep(deal)

        answer = calling("member").get(_path(marta), X_CRM_Version=f"deal/{deal.id}@1")

        assert answer.headers["X-CRM-Served-Live"] == "sales"
        assert _ids(answer.json["sections"]["sales"]["data"]["deals"]) == [str(deal.id)]

    @pytest.mark.parametrize(
        "version",
        [
            "deal/------------------------------------@1",
            "deal/0@1",
            "deal",
            "../@1",
            f"deal/{UUID(int=1)}@99999999999999999999999",
            f"{'d' * 4000}/{UUID(int=1)}@1",
            f"user/{UUID(int=1)}@1",
            "'; drop table view_record; --",
            ",".join([f"deal/{UUID(int=1)}@1"] * 200),
            "\xe9\xff",
        ],
    )
    def test_is_not_harmed_by_nonsense(self, told, calling, version):
        marta = make.contact()
        told(marta)

        answer = calling("member").get(_path(marta), X_CRM_Version=version)

        assert answer.status_code == 200


class TestVisibility:
    @pytest.fixture
    def people(self, calling):
        owner, admin, other = calling("member"), calling("admin"), calling("member")
        return owner, admin, other

    def _story(self, told, owner, **given):
        marta = make.contact()
        note = make.note(marta.id, visibility="private", owner_id=owner.user_id, **given)
        told(marta, make.fact(contacts.NoteAdded, note))
        return marta, note

    def _notes(self, caller, marta, query=""):
        return _ids(caller.get(_path(marta) + query).json["sections"]["contacts"]["data"]["notes"])

    @pytest.mark.parametrize("query", ["", "?consistency=live"])
    def test_shows_a_private_note_to_its_owner_and_admins_only(self, told, people, query):
        owner, admin, other = people
        marta, note = self._story(told, owner)

        assert self._notes(owner, marta, query) == [str(note.id)]
        assert self._notes(admin, marta, query) == [str(note.id)]
        assert self._notes(other, marta, query) == []

    def test_hides_it_in_the_timeline(self, told, people):
        owner, admin, other = people
        marta, _ = self._story(told, owner)

        counts = [
            (
                len(each.get(_path(marta)).json["timeline"]["items"]),
                len(each.get(_path(marta, "/timeline")).json["items"]),
            )
            for each in (owner, admin, other)
        ]
        assert counts == [(1, 1), (1, 1), (0, 0)]

    def test_gives_each_viewer_an_entity_tag_of_their_own(self, told, people):
        owner, _, other = people
        marta, _ = self._story(told, owner)
        tag = owner.get(_path(marta)).headers["ETag"]

        answer = other.get(_path(marta), If_None_Match=tag)

        assert answer.status_code == 200
        assert answer.headers["ETag"] != tag

    def test_shows_a_teams_record_to_the_team(self, told, calling):
        team = ids.new()
        inside, outside = calling("member", team_id=team), calling("member")
        marta = make.contact()
        told(marta, make.deal(marta.id, visibility="team", team_id=team))

        def deals(caller):
            return caller.get(_path(marta)).json["sections"]["sales"]["data"]["deals"]

        assert len(deals(inside)) == 1
        assert deals(outside) == []

    @pytest.mark.parametrize("query", ["", "?consistency=live"])
    def test_has_no_page_of_another_ones_private_contact(self, told, people, query):
        marta = make.contact(visibility="private", owner_id=people[0].user_id)
        told(marta)

        statuses = [each.get(_path(marta) + query).status_code for each in people]

        assert statuses == [200, 200, 404]

    def test_is_no_business_of_custom_fields(self, told, people):
        owner, _, other = people
        custom = {"visibility": "private", "owner_id": "nobody", "deep": {"visibility": "team"}}
        otto = make.contact("Otto", custom=custom)
        told(otto, make.note(otto.id, visibility="private", owner_id=owner.user_id))

        answer = other.get(_path(otto))

        assert answer.status_code == 200
        assert answer.json["sections"]["contacts"]["data"]["contact"]["custom"] == custom


class TestTimeline:
    def test_pages_and_filters(self, told, calling):
        marta, ida = make.contact(), calling("member")
        deals = [
            make.fact(sales.DealWon, make.deal(marta.id, closed_at=make.minutes(n), status="won"))
            for n in range(7)
        ]
        told(make.fact(contacts.ContactCreated, marta), *deals)

        path, found = _path(marta, "/timeline?limit=3&kind=deal.won,lead.captured"), []
        answer = ida.get(path).json
        while True:
            found += [each["id"] for each in answer["items"]]
            if not answer["next"]:
                break
            answer = ida.get(f"{path}&cursor={answer['next']}").json

        assert len(found) == len(set(found)) == 7

    @pytest.mark.parametrize(
        "cursor",
        [
            "x", "!!", "bnVsbA", "WzEsMl0", "W10", "WyIyMDI2LTAxLTAxIiwiYSJd",
            "WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsNV0", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5Iiw1XQ",
            "e30", "%C3%A9", "IiI", "a" * 5000,
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_cursor(self, told, calling, cursor):
        marta = make.contact()
        told(marta)

        answer = calling("member").get(_path(marta, f"/timeline?cursor={cursor}"))

        assert answer.status_code == 422
        assert answer.json["errors"] == {"cursor": ["not a cursor of this list"]}

    @pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e3", ""])
    def test_refuses_a_bad_limit(self, told, calling, limit):
        marta = make.contact()
        told(marta)

        answer = calling("member").get(_path(marta, f"/timeline?limit={limit}"))

        assert answer.status_code == 422


class TestSearch:
    @pytest.fixture
    def found(self, calling):
        ida = calling("member")

        def look(text, **query):
            answer = ida.client.get(
                "/v1/search",
                query_string={"q": text, **query},
                headers={"Authorization": f"Bearer {ida.token}"},
            )
            assert answer.status_code == 200, answer.text
            return [item["title"] for item in answer.json["items"]]

        return look

    @pytest.mark.parametrize(
        "text",
        [
            "Okafor", "okaf", "marta okafor", "okafor marta", "mar oka", "MARTA", "Ökafor",
            "Okafr", "Martha Okafor", "marta.okafor@northwind.example", "  marta  ",
        ],
    )  # fmt: skip
    def test_finds_by_words_beginnings_and_likeness(self, told, found, text):
        email = contacts.EmailPoint(value="marta.okafor@northwind.example")
        told(make.contact("Marta Okafor", emails=(email,)), make.contact("Otto Lind"))

        assert found(text) == ["Marta Okafor"]

    def test_folds_accents_both_ways(self, told, found):
        told(make.contact("Zoë Müller"))

        assert found("zoe muller") == found("ZOË MÜLLER") == ["Zoë Müller"]

    def test_finds_every_kind_contacts_first(self, told, found):
        marta = make.contact("Marta Borealis")
        told(
            make.account("Borealis"), make.deal(marta.id, name="Borealis renewal"),
            make.ticket(marta.id, "Borealis invoice", public_no=7), marta,
        )  # fmt: skip

        hits = found("borealis")

        assert hits[:2] == ["Marta Borealis", "Borealis"]
        assert set(hits[2:]) == {"Borealis renewal", "#7 Borealis invoice"}
        assert found("borealis", kind="deal,account", limit=1) == ["Borealis"]

    def test_leaves_out_what_is_not_the_viewers(self, told, calling):
        owner, admin, other = calling("member"), calling("admin"), calling("member")
        told(make.contact("Hidden Figure", visibility="private", owner_id=owner.user_id))

        counts = [
            len(each.get(f"/v1/search?q={text}").json["items"])
            for each in (owner, admin, other)
            for text in ("hidden", "hiden figur")
        ]
        assert counts == [1, 1, 1, 1, 0, 0]

    def test_counts_of_each_kind_what_the_viewer_may_see(self, told, calling):
        member, other = calling("member"), calling("member")
        secret = make.contact("Secret Borealis", visibility="private", owner_id=other.user_id)
        account = make.account("Borealis")
        told(
            account, secret, make.contact("Marta Borealis"), make.contact("Mia Borealis"),
            make.deal(account.id, name="Borealis renewal"),
        )  # fmt: skip

        answer = member.get("/v1/search?q=borealis&kind=deal&facets=true").json

        counts = {each["kind"]: each["count"] for each in answer["facets"]}
        assert ["deal"] == [each["kind"] for each in answer["items"]]
        assert {"contact": 2, "account": 1, "deal": 1} == counts
        assert answer["counted_all"]
        assert "facets" not in member.get("/v1/search?q=borealis").json

    @pytest.mark.parametrize(
        "text",
        [
            "' & | ! :* <->", "a' | 'b", "!!", "\\", "\\'", "%", "_", "&", "':*'", "<-> <2>",
            "(((", "a:b:c", "*", "'; drop table view_record; --", "$1", "%(text)s", "%s", "🙂",
            "a" * 200, "\u202e", "x:AB*", "''", "- -",
        ],
    )  # fmt: skip
    def test_takes_any_text_for_text(self, told, found, text):
        told(make.contact("Marta Okafor"))

        assert found(text) == []

    @pytest.mark.parametrize("query", ["", "?q=", "?q=" + "a" * 201, "?q=a%00b", "?q=a&limit=101"])
    def test_refuses_what_cannot_be_looked_for(self, calling, query):
        assert calling("member").get(f"/v1/search{query}").status_code == 422


class TestMergedCustomer:
    def test_answers_by_its_old_id_with_the_survivor(self, app, calling, folding):
        marta, martha = make.contact(), make.contact("Martha Okafor")
        entry = make.fact(sales.DealCreated, make.deal(martha.id))
        folding(marta, martha, entry)
        folding(replace(martha, version=2, merged_into_id=marta.id, archived_at=clock.now()))
        ask = calling("member")

        by_old_id = ask.get(f"/v1/customers/{martha.id}")

        body = ask.get(f"/v1/customers/{marta.id}").json
        assert body | {"merged_from": str(martha.id), "version": by_old_id.json["version"]} == (
            by_old_id.json
        )
        assert 1 == len(body["timeline"]["items"])
        entries = ask.get(f"/v1/customers/{marta.id}/timeline").json["items"]
        assert body["timeline"]["items"] == entries
        again = ask.get(f"/v1/customers/{martha.id}", If_None_Match=by_old_id.headers["ETag"])
        assert 304 == again.status_code
