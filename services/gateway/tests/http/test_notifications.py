"""What people are told: once, grouped, as they may see it, as they want it; by the API."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from services.gateway.tests import factories as make

import crm_contracts as contracts
from crm_chassis import clock, ids
from crm_contracts import contacts, sales, support
from crm_contracts.base import SubjectRef
from crm_gateway import identity, notifications
from crm_gateway.model.notification import KEPT
from crm_gateway.notifications.telling import RULES
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
FOLDER = ViewFolder(all_sources())
BASE = "/v1/notifications"


@pytest.fixture
def told(connection: Any, doing: Callable[..., Any]) -> Callable[..., Any]:
    """`told(FactClass, record, changed=…)`: the view and the notifications hear of it; twice is fine."""

    def tell(of: Any, record: Any, *, times: int = 1, **given: Any) -> Any:
        fact = make.fact(of, record, **{"actor": f"user:{ids.new()}", "time": clock.now(), **given})
        for _ in range(times):
            with connection.transaction():
                FOLDER.fold(connection, [make.item(fact)])
            if of.type.removesuffix(".v1") in RULES:
                doing(notifications.tell, fact)
        return fact

    return tell


@pytest.fixture
def anna(calling: Callable[..., Any]) -> Any:
    return calling("member")


def a_task(user_id: Any, **given: Any) -> contacts.Task:
    made = {"id": ids.new(), "assignee_id": user_id, "collaborator_ids": (), "subjects": ()}
    sample = contracts.sample(contacts.TaskCreated).record
    return replace(sample, **{**make.OPEN, **made, **given})


def texts(caller: Any, query: str = "") -> list[tuple[str, list[str]]]:
    items = caller.get(f"{BASE}{query}").json["items"]
    return [(each["title"], [item["text"] for item in each["items"]]) for each in items]


def unread(caller: Any) -> tuple[int, int]:
    found = caller.get(f"{BASE}/unread").json
    return found["groups"], found["unread"]


class TestTelling:
    def test_a_mention_is_told_once_to_who_did_not_write_it(
        self, told: Any, anna: Any, person: Any, signed_in: Any
    ) -> None:
        writer = person("member", name="Ben")
        marta = make.contact()
        told(contacts.ContactCreated, marta)
        note = make.note(marta.id, mentions=(anna.user_id, writer.id))

        told(contacts.NoteAdded, note, actor=f"user:{writer.id}", times=2)
        told(contacts.NoteUpdated, replace(note, version=2), actor=f"user:{writer.id}")

        assert [("Marta Okafor", ["Ben mentioned you in a note"])] == texts(anna)
        assert [] == texts(signed_in(writer))
        assert f"/customers/{marta.id}" == anna.get(BASE).json["items"][0]["path"]

    def test_many_facts_of_one_ticket_are_one_line(self, told: Any, anna: Any) -> None:
        ticket = make.ticket(ids.new(), "Smoke", assignee_id=anna.user_id, public_no=7)
        told(support.TicketAssigned, ticket, changed=("assignee_id",))
        for version in range(2, 11):
            told(support.TicketCustomerReplied, replace(ticket, version=version))

        (group,) = anna.get(BASE).json["items"]

        assert ("#7 Smoke", 10, 10, 3) == (
            group["title"], group["number"], group["unread"], len(group["items"]),
        )  # fmt: skip
        assert (1, 10) == unread(anna)

    def test_being_given_something_by_a_field_that_changed(self, told: Any, anna: Any) -> None:
        deal = make.deal(ids.new(), owner_id=anna.user_id, version=3)

        told(sales.DealUpdated, deal, changed=("name",))
        assert [] == texts(anna)

        told(sales.DealUpdated, replace(deal, version=4), changed=("owner_id",))
        assert [("A deal", ["Somebody gave you this deal"])] == texts(anna)

    def test_being_given_a_contact_or_an_account(self, told: Any, anna: Any) -> None:
        given = {"owner_id": anna.user_id, "version": 2}
        acme = replace(make.account("Acme"), **given)
        told(contacts.AccountAssigned, acme, changed=("owner_id",))
        marta = replace(make.contact("Marta Okafor"), **given)
        told(contacts.ContactLifecycleChanged, marta, changed=("lifecycle", "owner_id"))
        told(contacts.ContactAssigned, make.contact("Mine", **given), actor=f"user:{anna.user_id}")

        assert [
            ("Marta Okafor", ["Somebody gave you this contact"]),
            ("Acme", ["Somebody gave you this account"]),
        ] == texts(anna)

    def test_many_things_given_at_once_are_one_line_with_their_number(
        self, told: Any, anna: Any, person: Any
    ) -> None:
        giver = f"user:{person('member', name='Ben').id}"
        given = [make.contact(f"C{n}", owner_id=anna.user_id, version=2) for n in range(9)]
        for each in given[:8]:
            told(contacts.ContactAssigned, each, changed=("owner_id",), actor=giver)

        assert (
            [("Contacts", ["Ben gave you 5 more contacts"])]
            + [(f"C{n}", ["Ben gave you this contact"]) for n in (2, 1, 0)]
        ) == texts(anna)  # fmt: skip
        many = anna.get(BASE).json["items"][0]
        assert "/contacts?owner_id=me" == many["path"]

        anna.post(f"{BASE}/read", {"group": {"kind": many["kind"], "id": many["id"]}})
        assert (3, 3) == unread(anna)
        told(contacts.ContactAssigned, given[8], changed=("owner_id",), actor=giver)
        assert (4, 4) == unread(anna)
        assert ["Ben gave you 6 more contacts"] == texts(anna)[0][1]

    def test_a_breach_is_told_to_who_has_the_ticket(self, told: Any, anna: Any) -> None:
        ticket = make.ticket(ids.new(), assignee_id=anna.user_id)
        told(support.TicketOpened, ticket, actor=f"user:{anna.user_id}")
        clock_ = contracts.sample(support.SlaBreached).record

        told(
            support.SlaBreached,
            replace(clock_, id=ids.new(), ticket_id=ticket.id, metric="resolution"),
        )

        assert ["Late: it was not resolved in time"] == texts(anna)[0][1]

    def test_a_win_is_told_to_the_team_but_not_to_who_won(
        self, told: Any, calling: Any, doing: Any
    ) -> None:
        team_id = doing(identity.create_team, identity.CreateTeam(name="North")).id
        winner, mate = (calling("member", team_id=team_id, name="Cleo") for _ in range(2))
        deal = make.deal(ids.new(), owner_id=winner.user_id, status="won")

        told(sales.DealWon, deal, actor=f"user:{winner.user_id}")

        assert [("A deal", ["Cleo won this deal"])] == texts(mate)
        assert [] == texts(winner)

    def test_long_work_is_told_to_who_asked_for_it(self, told: Any, anna: Any) -> None:
        record = contracts.sample(contacts.ImportCompleted).record
        mine = replace(record, id=ids.new(), owner_id=anna.user_id, file_name="fair.csv")

        told(contacts.ImportCompleted, mine, actor=f"user:{anna.user_id}")

        assert [("fair.csv", ["Import is done"])] == texts(anna)

    def test_a_merge_is_told_when_every_service_has_followed(self, told: Any, anna: Any) -> None:
        survivor = make.contact("Ada Byron")
        told(contacts.ContactCreated, survivor)
        merge = replace(
            contracts.sample(contacts.MergeUpdated).record, id=ids.new(), survivor_id=survivor.id,
            subject_type="contact", created_by=f"user:{anna.user_id}", status="merging",
            awaited=("sales",), **{k: v for k, v in make.OPEN.items() if k != "version"},
        )  # fmt: skip

        told(contacts.MergeUpdated, merge)
        assert [] == texts(anna)

        told(contacts.MergeUpdated, replace(merge, version=99, awaited=(), status="merged"))
        assert [("Ada Byron", ["The merge is done everywhere"])] == texts(anna)

    def test_who_left_and_what_is_old_are_not_told(
        self, told: Any, anna: Any, person: Any, doing: Any, connection: Any
    ) -> None:
        person("admin")
        gone = person("member")
        doing(identity.archive_user, identity.ArchiveUser(user_id=gone.id, expected_version=1))

        told(contacts.TaskCreated, a_task(gone.id))
        told(contacts.TaskCreated, a_task(anna.user_id), time=clock.now() - KEPT * 2)

        assert [(0,)] == connection.execute("select count(*) from notification").fetchall()


class TestWhatIsShown:
    def test_what_may_not_be_seen_is_neither_listed_nor_counted(self, told: Any, anna: Any) -> None:
        owner = ids.new()
        note = make.note(ids.new(), mentions=(anna.user_id,), visibility="private", owner_id=owner)
        told(contacts.NoteAdded, note)
        assert ((0, 0), []) == (unread(anna), texts(anna))

        told(contacts.NoteUpdated, replace(note, version=2, visibility="all"))
        assert (1, 1) == unread(anna)

    def test_a_group_that_may_not_be_seen_has_no_name(self, told: Any, anna: Any) -> None:
        secret = make.contact("Marta Secret", visibility="private", owner_id=ids.new())
        told(contacts.ContactCreated, secret)
        told(contacts.NoteAdded, make.note(secret.id, mentions=(anna.user_id,)))

        assert "Contact" == anna.get(BASE).json["items"][0]["title"]

    def test_hidden_fields_are_not_told(self, told: Any, calling: Any) -> None:
        admin = calling("admin")
        role = admin.post("/v1/roles", {
            "name": "Blind", "grants": {"task": {"read": "all"}},
            "fields": {"task": {"title": "hidden"}},
        }).json["id"]  # fmt: skip
        blind = calling(role)

        told(
            contacts.TaskAssigned, a_task(blind.user_id, title="Fire Ben"), changed=("assignee_id",)
        )

        assert "Fire" not in blind.get(BASE).text
        assert [("Task", ["Somebody gave you this task"])] == texts(blind)

    def test_others_notifications_are_nobodys_business(
        self, told: Any, anna: Any, calling: Any
    ) -> None:
        told(contacts.TaskCreated, a_task(anna.user_id))
        one = anna.get(BASE).json["items"][0]["items"][0]["id"]
        eve = calling("admin")

        assert ([], 404) == (texts(eve), eve.post(f"{BASE}/{one}/read", None).status_code)
        assert {"read": 0} == eve.post(f"{BASE}/read", {}).json
        assert (1, 1) == unread(anna)

    def test_pages_follow_one_another(self, told: Any, anna: Any) -> None:
        for number in range(5):
            told(contacts.TaskCreated, a_task(anna.user_id, title=f"T{number}"))

        first = anna.get(f"{BASE}?limit=3").json
        rest = anna.get(f"{BASE}?limit=3&cursor={first['next']}").json

        titles = [each["title"] for each in (*first["items"], *rest["items"])]
        assert (["T4", "T3", "T2", "T1", "T0"], None) == (titles, rest["next"])


class TestReading:
    def test_one_a_group_or_all(self, told: Any, anna: Any) -> None:
        for number in range(3):
            told(contacts.TaskCreated, a_task(anna.user_id, title=f"T{number}"))
        last, middle, _ = anna.get(BASE).json["items"]

        anna.post(f"{BASE}/{last['items'][0]['id']}/read", None)
        assert (2, 2) == unread(anna)
        group = {"kind": "task", "id": middle["id"]}
        assert {"read": 1} == anna.post(f"{BASE}/read", {"group": group}).json
        assert ["T0"] == [title for title, _ in texts(anna, "?unread=true")]
        assert {"read": 1} == anna.post(f"{BASE}/read", {}).json
        assert (0, 0) == unread(anna)
        assert 3 == len(texts(anna))

    def test_what_came_meanwhile_stays_unread(self, told: Any, anna: Any) -> None:
        task = a_task(anna.user_id)
        told(contacts.TaskCreated, task)
        upto = anna.get(BASE).json["items"][0]["upto"]
        told(contacts.TaskOverdue, replace(task, version=2))

        anna.post(f"{BASE}/read", {"upto": upto})

        assert (1, 1) == unread(anna)

    def test_asking_again_costs_nothing_until_something_is_new(self, told: Any, anna: Any) -> None:
        task = a_task(anna.user_id)
        told(contacts.TaskCreated, task)
        tag = anna.get(f"{BASE}/unread").headers["ETag"]

        assert 304 == anna.get(f"{BASE}/unread", If_None_Match=tag).status_code
        told(contacts.TaskOverdue, replace(task, version=2))
        assert 200 == anna.get(f"{BASE}/unread", If_None_Match=tag).status_code

    def test_a_reader_reads_their_own(self, told: Any, calling: Any) -> None:
        reader = calling("read-only")
        told(contacts.TaskCreated, a_task(reader.user_id))

        assert {"read": 1} == reader.post(f"{BASE}/read", {}).json


class TestWishes:
    PATH = "/v1/users/me/notification-preferences"

    def test_are_the_usual_ones_until_somebody_says_otherwise(self, anna: Any) -> None:
        found = anna.get(self.PATH).json

        assert {"console": True, "mail": "now"} == found["kinds"]["mentioned"]
        assert {"hour": 8, "days": [1, 2, 3, 4, 5], "time_zone": None} == found["digest"]

    def test_change_only_what_is_named(self, anna: Any, told: Any, calling: Any) -> None:
        wanted = {
            "kinds": {"assigned": {"console": False, "mail": "no"}},
            "digest": {"hour": 17, "days": [7, 1, 1], "time_zone": "Asia/Kolkata"},
        }
        anna.ask("PUT", self.PATH, wanted)
        changed = anna.ask("PUT", self.PATH, {"kinds": {"assigned": {"mail": "digest"}}}).json

        assert {"console": False, "mail": "digest"} == changed["kinds"]["assigned"]
        assert {"hour": 17, "days": [1, 7], "time_zone": "Asia/Kolkata"} == changed["digest"]
        assert calling("member").get(self.PATH).json["digest"]["hour"] == 8
        told(contacts.TaskCreated, a_task(anna.user_id))
        assert [] == texts(anna)

    @pytest.mark.parametrize("body", [
        {"kinds": {"planets": {}}}, {"kinds": {"won": {"mail": "maybe"}}},
        {"digest": {"hour": 24}}, {"digest": {"days": [0]}}, {"digest": {"time_zone": "Mars"}},
        {"kind": {}},
    ])  # fmt: skip
    def test_refuse_what_cannot_be(self, anna: Any, body: Any) -> None:
        assert 422 == anna.ask("PUT", self.PATH, body).status_code


def test_a_note_on_nothing_stands_for_itself(told: Any, anna: Any) -> None:
    note = replace(make.note(ids.new(), mentions=(anna.user_id,)), subjects=(
        SubjectRef(type="order", id=ids.new()),
    ))  # fmt: skip
    told(contacts.NoteAdded, note, time=clock.now() - timedelta(minutes=5))

    assert [("Note", ["Somebody mentioned you in a note"])] == texts(anna)
