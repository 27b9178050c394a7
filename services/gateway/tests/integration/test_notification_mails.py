"""Notifications by mail: urgent ones unless read meanwhile, the others once a day, none twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from services.gateway.tests import factories as make
from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import clock, ids
from crm_contracts import contacts, support
from crm_gateway import notifications
from crm_gateway.model import Sealer
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
FOLDER = ViewFolder(all_sources())
SEALER = Sealer(["a key of sixteen characters"])
POST = notifications.Post(public_url="https://crm.example", sealer=SEALER)
LATER = timedelta(minutes=2)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def told(connection: psycopg.Connection[Any], doing: Callable[..., Any]) -> Callable[..., None]:
    def tell(of: Any, record: Any, **given: Any) -> None:
        fact = make.fact(of, record, **{"actor": f"user:{ids.new()}", "time": clock.now(), **given})
        with connection.transaction():
            FOLDER.fold(connection, [make.item(fact)])
        doing(notifications.tell, fact)

    return tell


@pytest.fixture
def letters(connection: psycopg.Connection[Any]) -> Callable[[], list[dict[str, Any]]]:
    """Return what was put into the queue, opened."""

    def read() -> list[dict[str, Any]]:
        rows = connection.execute("select address, subject, sealed from mail order by id")
        return [
            {"to": to, "subject": subject, **orjson.loads(SEALER.open(sealed))}
            for to, subject, sealed in rows
        ]

    return read


def a_task(user_id: UUID, **given: Any) -> contacts.Task:
    made = {"id": ids.new(), "assignee_id": user_id, "collaborator_ids": (), "subjects": ()}
    sample = contracts.sample(contacts.TaskCreated).record
    return replace(sample, **{**make.OPEN, **made, "title": "Call <Ada>", **given})


def mail(sessions: sessionmaker[Session], *, now: datetime | None = None) -> None:
    notifications.mail(sessions, POST, now=now or clock.now() + LATER)


class TestAtOnce:
    def test_one_letter_tells_all_that_waits_once(
        self, told: Any, person: Any, sessions: Any, letters: Any
    ) -> None:
        anna = person("member", email="anna@example.com")
        task = a_task(anna.id)
        told(contacts.TaskCreated, task)
        told(contacts.TaskOverdue, replace(task, version=2))
        told(contacts.TaskCreated, a_task(anna.id, title="Another"))

        mail(sessions, now=clock.now())
        assert [] == letters()
        with ThreadPoolExecutor(4) as several:
            list(several.map(lambda _: mail(sessions), range(4)))

        (letter,) = letters()
        assert ("anna@example.com", "2 things are new") == (letter["to"], letter["subject"])
        assert f"https://crm.example/tasks/{task.id}" in letter["text"]
        assert "This is overdue" in letter["text"]
        assert "Call &lt;Ada&gt;" in letter["html"]
        assert letter["unsubscribe"] == "https://crm.example/settings/notifications"

    def test_what_was_read_meanwhile_is_not_mailed(
        self, told: Any, person: Any, signed_in: Any, sessions: Any, letters: Any
    ) -> None:
        anna = person("member")
        told(contacts.TaskCreated, a_task(anna.id))

        signed_in(anna).post("/v1/notifications/read", {})
        mail(sessions)

        assert [] == letters()

    def test_what_may_not_be_seen_is_not_mailed_even_later(
        self, told: Any, person: Any, sessions: Any, letters: Any
    ) -> None:
        anna = person("member")
        private = {"visibility": "private", "owner_id": ids.new()}
        note = make.note(ids.new(), mentions=(anna.id,), **private)
        told(contacts.NoteAdded, note)

        mail(sessions)
        told(contacts.NoteUpdated, replace(note, visibility="all", version=2))
        mail(sessions)

        assert [] == letters()

    def test_who_wants_none_and_who_left_get_none(
        self, told: Any, person: Any, signed_in: Any, sessions: Any, letters: Any, connection: Any
    ) -> None:
        quiet, gone = person("member"), person("member")
        wish = {"kinds": {"assigned": {"mail": "no"}}}
        signed_in(quiet).ask("PUT", "/v1/users/me/notification-preferences", wish)
        for each in (quiet, gone):
            told(contacts.TaskCreated, a_task(each.id))
        connection.execute('update "user" set active = false where id = %s', [gone.id])

        mail(sessions)

        assert [] == letters()


class TestDigest:
    @pytest.fixture
    def anna(self, person: Any) -> Any:
        return person("member", email="anna@example.com")

    def reply(self, told: Any, user: Any, at: datetime, **given: Any) -> None:
        ticket = make.ticket(ids.new(), assignee_id=user.id, **given)
        told(support.TicketCustomerReplied, ticket, time=at)

    def test_comes_once_a_day_at_its_hour(
        self, told: Any, anna: Any, sessions: Any, letters: Any
    ) -> None:
        self.reply(told, anna, MONDAY - timedelta(days=2))
        self.reply(told, anna, MONDAY - timedelta(minutes=1))
        self.reply(told, anna, MONDAY + timedelta(minutes=1))

        for minutes in (-30, 0, 1, 60):
            mail(sessions, now=MONDAY + timedelta(minutes=minutes))
        (first,) = letters()
        mail(sessions, now=MONDAY + timedelta(days=1))

        assert first["subject"] == "Your day: 2 things are new"
        assert "The customer wrote again" in letters()[1]["subject"]

    def test_a_killed_writer_neither_loses_nor_doubles_it(
        self, told: Any, anna: Any, sessions: Any, letters: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.reply(told, anna, MONDAY - timedelta(minutes=1))

        class Killed(BaseException):
            pass

        def die(*_: Any, **__: Any) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(notifications.mailing.wishes, "keep_preference", die)
            with pytest.raises(Killed):
                mail(sessions, now=MONDAY)
        assert [] == letters()

        mail(sessions, now=MONDAY)
        mail(sessions, now=MONDAY)
        assert 1 == len(letters())


def test_what_is_old_is_forgotten(
    told: Any, person: Any, sessions: Any, connection: psycopg.Connection[Any]
) -> None:
    anna = person("member")
    told(contacts.TaskCreated, a_task(anna.id))

    notifications.keep_house(sessions, now=clock.now() + timedelta(days=179))
    assert connection.execute("select count(*) from notification").fetchone() == (1,)
    notifications.keep_house(sessions, now=clock.now() + timedelta(days=181))
    assert connection.execute("select count(*) from notification").fetchone() == (0,)
