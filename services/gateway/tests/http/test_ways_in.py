"""Invitations, forgotten passwords, accounts of services: over HTTP, with mail that really goes."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
import time_machine
from flask import Flask
from services.gateway.tests.mail_server import MailBox, mail_server
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock
from crm_chassis.smtp import MailServer
from crm_gateway import identity, mails

pytestmark = pytest.mark.integration
PASSWORD, OTHER = "correct horse battery staple", "a quite different sentence"
ASKED = "/v1/auth/password-reset"
_ADDRESSES = count(1)  # failures at a door count by address


@pytest.fixture
def caller(app: Flask) -> Any:
    from services.gateway.tests.conftest import Caller

    return Caller(app.test_client(), address=f"192.0.2.{next(_ADDRESSES)}")


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def post(app: Flask, sessions: sessionmaker[Session], box: MailBox) -> Callable[[], MailBox]:
    """`post()` does what `work` does: answers who asked, sends what waits."""
    desk = app.extensions["desk"]

    def run() -> MailBox:
        identity.answer_those_who_asked(sessions, desk, now=clock.now())
        sender = mails.Sender(MailServer(box.url, "crm@rapport.example"), desk.sealer)
        assert sender.run(sessions) is None
        return box

    return run


def _link(box: MailBox, to: str) -> str:
    body = box.mails(to)[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"http://\S+/(?:invitations|password)/(\S+)", body.get_content())
    assert found
    return found[1]


def _slug(answer: Any) -> str:
    return str(answer.json["type"]).rpartition("/")[2]


class TestInvitations:
    BEN = {"email": "ben@example.com", "roles": ["member"]}  # noqa: RUF012

    def accept(self, caller: Any, token: str, password: str = PASSWORD) -> Any:
        body = {"token": token, "name": "Ben", "password": password}
        return caller.post("/v1/auth/invitations", body)

    def test_are_mailed_and_taken_up_once(
        self, calling: Callable[..., Any], caller: Any, post: Any
    ) -> None:
        admin = calling("admin", name="Anna")
        made = admin.post("/v1/users/invitations", self.BEN)
        assert (201, "open") == (made.status_code, made.json["status"])
        assert "link" not in made.json
        token = _link(post(), "ben@example.com")

        begun = self.accept(caller, token)

        assert begun.status_code == 201
        caller.token = begun.json["access_token"]
        me = caller.get("/v1/users/me").json
        assert ("ben@example.com", ["member"], "person") == (
            me["email"], me["roles"], me["account_type"]
        )  # fmt: skip
        assert (410, "link-refused") == (self.accept(caller, token).status_code, "link-refused")
        listed = admin.get("/v1/users/invitations").json["items"][0]
        assert ("accepted", me["id"]) == (listed["status"], listed["user_id"])

    def test_nothing_that_opens_them_is_kept(
        self, calling: Callable[..., Any], post: Any, connection: psycopg.Connection[Any]
    ) -> None:
        calling("admin").post("/v1/users/invitations", self.BEN)
        before = connection.execute("select invitation::text || mail::text from invitation, mail")
        rows = before.fetchall()
        token = _link(post(), "ben@example.com")
        assert token not in rows[0][0]

    def test_a_new_link_counts_instead(
        self, calling: Callable[..., Any], caller: Any, post: Any
    ) -> None:
        admin = calling("admin")
        made = admin.post("/v1/users/invitations", self.BEN).json
        first = _link(post(), "ben@example.com")
        renewed = admin.post(f"/v1/users/invitations/{made['id']}/renewal", {})
        second = _link(post(), "ben@example.com")

        assert 2 == renewed.json["sent"]
        assert 410 == self.accept(caller, first).status_code
        assert 201 == self.accept(caller, second).status_code
        settled = admin.post(f"/v1/users/invitations/{made['id']}/renewal", {})
        assert (409, "invitation-settled") == (settled.status_code, _slug(settled))

    def test_a_revoked_one_is_none_and_is_not_mailed(
        self, calling: Callable[..., Any], post: Any, caller: Any
    ) -> None:
        admin = calling("admin")
        made = admin.post("/v1/users/invitations", self.BEN).json
        answer = admin.delete(f"/v1/users/invitations/{made['id']}")
        assert "revoked" == answer.json["status"]
        assert [] == post().taken
        assert 201 == admin.post("/v1/users/invitations", self.BEN).status_code

    def test_end_after_a_week(self, calling: Callable[..., Any], caller: Any, post: Any) -> None:
        admin = calling("admin")
        admin.post("/v1/users/invitations", self.BEN)
        token = _link(post(), "ben@example.com")
        with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
            assert 410 == self.accept(caller, token).status_code
            assert 201 == calling("admin").post("/v1/users/invitations", self.BEN).status_code

    def test_of_somebody_here_or_invited_are_refused(self, calling: Callable[..., Any]) -> None:
        admin = calling("admin", email="anna@example.com")
        body = {"email": "ANNA@example.com"}
        assert 409 == admin.post("/v1/users/invitations", body).status_code
        assert 201 == admin.post("/v1/users/invitations", self.BEN).status_code
        assert 409 == admin.post("/v1/users/invitations", self.BEN).status_code

    def test_are_not_taken_up_by_an_address_that_is_being_given_to_somebody(
        self, calling: Callable[..., Any], caller: Any, post: Any, while_created: Any
    ) -> None:
        calling("admin").post("/v1/users/invitations", self.BEN)
        token = _link(post(), "ben@example.com")

        late = while_created("Ben@example.com", lambda: self.accept(caller, token))

        assert (409, "email-taken") == (late.status_code, _slug(late))

    def test_are_not_sent_to_somebody_who_is_being_created(
        self, calling: Callable[..., Any], while_created: Callable[..., Any]
    ) -> None:
        admin = calling("admin")

        late = while_created(
            self.BEN["email"], lambda: admin.post("/v1/users/invitations", self.BEN)
        )

        assert (409, "email-taken") == (late.status_code, _slug(late))

    def test_an_easy_password_is_refused_and_the_link_goes_on(
        self, calling: Callable[..., Any], caller: Any, post: Any
    ) -> None:
        calling("admin").post("/v1/users/invitations", self.BEN)
        token = _link(post(), "ben@example.com")
        assert 422 == self.accept(caller, token, "password123").status_code
        assert 201 == self.accept(caller, token).status_code

    def test_without_mail_the_link_is_answered_once(
        self, building: Any, calling: Callable[..., Any]
    ) -> None:
        app = building(CRM_SMTP_URL="")
        admin = calling("admin", of=app)
        made = admin.post("/v1/users/invitations", self.BEN).json
        assert "/invitations/" in made["link"]
        assert "link" not in admin.get("/v1/users/invitations").json["items"][0]

    def test_are_a_keepers_business(self, calling: Callable[..., Any]) -> None:
        member = calling("member")
        assert 403 == member.post("/v1/users/invitations", self.BEN).status_code
        assert 403 == member.get("/v1/users/invitations").status_code


class TestKeepersOfUsers:
    """Who may keep users, but is no administrator, gives nothing they have not themselves."""

    @pytest.fixture
    def keeper(self, calling: Callable[..., Any]) -> Any:
        everything = {"read": "all", "create": "all", "update": "all"}
        role = calling("admin").post(
            "/v1/roles",
            {"name": "Keeper", "grants": {"contact": everything}, "special": ["manage_users"]},
        )
        assert role.status_code == 201, role.json
        return calling(role.json["id"])

    def test_invite_nobody_to_more_than_they_are(self, keeper: Any) -> None:
        body = {"email": "eve@example.com", "roles": ["admin"]}
        assert 403 == keeper.post("/v1/users/invitations", body).status_code

    def test_renew_no_invitation_to_more_than_they_are(
        self, keeper: Any, calling: Callable[..., Any]
    ) -> None:
        body = {"email": "eve@example.com", "roles": ["admin"]}
        made = calling("admin").post("/v1/users/invitations", body).json
        answer = keeper.post(f"/v1/users/invitations/{made['id']}/renewal", {})
        assert 403 == answer.status_code

    def test_an_invitation_is_void_once_its_maker_may_give_less(
        self, keeper: Any, calling: Callable[..., Any], person: Any, caller: Any, post: Any,
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        body = {"email": "eve@example.com", "roles": keeper.get("/v1/users/me").json["roles"]}
        assert 201 == keeper.post("/v1/users/invitations", body).status_code
        token = _link(post(), "eve@example.com")
        connection.execute(
            'update "user" set roles = %s where id = %s', (["member"], keeper.user_id)
        )
        given = {"token": token, "name": "Eve", "password": PASSWORD}
        assert 410 == caller.post("/v1/auth/invitations", given).status_code

    def test_make_keys_of_no_service_that_may_more(
        self, keeper: Any, calling: Callable[..., Any]
    ) -> None:
        made = calling("admin").post("/v1/service-accounts", {"name": "Shop", "roles": ["admin"]})
        until = (clock.now() + timedelta(days=30)).isoformat()
        body = {"name": "k", "scopes": ["read"], "expires_at": until}
        answer = keeper.post(f"/v1/service-accounts/{made.json['id']}/keys", body)
        assert 403 == answer.status_code

    def test_who_holds_roles_of_the_house_makes_a_key_that_writes(self, keeper: Any) -> None:
        made = keeper.post("/v1/api-keys", {"name": "k", "scopes": ["read", "write"]})
        assert 201 == made.status_code
        admin = keeper.post("/v1/api-keys", {"name": "k", "scopes": ["admin"]})
        assert 403 == admin.status_code

    def test_who_only_reads_makes_none(self, calling: Callable[..., Any]) -> None:
        answer = calling("read-only").post("/v1/api-keys", {"name": "k", "scopes": ["write"]})
        assert 403 == answer.status_code


class TestForgottenPassword:
    @pytest.fixture
    def ida(self, person: Callable[..., Any]) -> Any:
        return person("member", email="ida@example.com", password=PASSWORD)

    def sign_in(self, caller: Any, password: str) -> int:
        body = {"email": "ida@example.com", "password": password}
        return int(caller.post("/v1/auth/token", body).status_code)

    def test_a_link_sets_a_new_one_once_and_ends_sessions(
        self, ida: Any, caller: Any, post: Any, signed_in: Callable[..., Any]
    ) -> None:
        open_ = signed_in(ida)
        caller.post(ASKED, {"email": "IDA@example.com"})
        token = _link(post(), "ida@example.com")

        body = {"token": token, "password": OTHER}
        assert 204 == caller.post("/v1/auth/password", body).status_code

        assert 401 == open_.get("/v1/users/me").status_code
        assert (401, 200) == (self.sign_in(caller, PASSWORD), self.sign_in(caller, OTHER))
        again = caller.post("/v1/auth/password", body)
        assert (410, "link-refused") == (again.status_code, _slug(again))
        assert "was changed" in post().mails("ida@example.com")[-1]["Subject"]

    def test_the_answer_is_the_same_for_whoever_is_named(
        self, ida: Any, caller: Any, post: Any, person: Callable[..., Any], doing: Any
    ) -> None:
        gone = person("member", email="gone@example.com", password=PASSWORD)
        command = identity.ArchiveUser(user_id=gone.id, expected_version=1)
        person("admin")
        doing(identity.archive_user, command)
        names = ["ida@example.com", "nobody@example.com", "gone@example.com"]
        answers = [caller.post(ASKED, {"email": name}) for name in names]

        assert {(202, b"")} == {(each.status_code, each.data.strip()) for each in answers}
        assert ["ida@example.com"] == [each["To"] for each in post().mails()]

    def test_three_an_hour_are_sent_at_most(self, ida: Any, caller: Any, post: Any) -> None:
        for _ in range(5):
            assert 202 == caller.post(ASKED, {"email": "ida@example.com"}).status_code
            post()
        assert 3 == len(post().taken)

    def test_asking_is_limited_by_address(self, caller: Any) -> None:
        caller.address = "203.0.113.201"
        statuses = [
            caller.post(ASKED, {"email": f"{n}@example.com"}).status_code for n in range(12)
        ]
        assert ([202] * 10, [429] * 2) == (statuses[:10], statuses[10:])

    def test_a_changed_password_voids_links(
        self, ida: Any, caller: Any, post: Any, signed_in: Callable[..., Any]
    ) -> None:
        caller.post(ASKED, {"email": "ida@example.com"})
        token = _link(post(), "ida@example.com")
        body = {"current": PASSWORD, "new": OTHER}
        assert 204 == signed_in(ida).ask("PUT", "/v1/users/me/password", body).status_code
        given = {"token": token, "password": "yet another long sentence"}
        assert 410 == caller.post("/v1/auth/password", given).status_code

    def test_a_link_ends_after_an_hour(self, ida: Any, caller: Any, post: Any) -> None:
        caller.post(ASKED, {"email": "ida@example.com"})
        token = _link(post(), "ida@example.com")
        with time_machine.travel(clock.now() + timedelta(minutes=61), tick=True):
            answer = caller.post("/v1/auth/password", {"token": token, "password": OTHER})
            assert 410 == answer.status_code

    def test_who_signs_in_by_the_provider_only_gets_none(
        self, person: Callable[..., Any], caller: Any, post: Any,
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        user = person("member", email="ida@example.com")
        connection.execute(
            "insert into openid_person values ('https://id.example', 'ida', %s, now())", (user.id,)
        )
        caller.post(ASKED, {"email": "ida@example.com"})
        assert [] == post().taken


class TestServiceAccounts:
    @pytest.fixture
    def admin(self, calling: Callable[..., Any]) -> Any:
        return calling("admin")

    @pytest.fixture
    def shop(self, admin: Any) -> Any:
        made = admin.post("/v1/service-accounts", {"name": "Shop", "roles": ["member"]})
        assert made.status_code == 201, made.json
        return made.json

    def key(self, admin: Any, shop: Any, **given: Any) -> Any:
        until = (clock.now() + timedelta(days=30)).isoformat()
        body = {"name": "nightly", "scopes": ["read"], "expires_at": until, **given}
        return admin.post(f"/v1/service-accounts/{shop['id']}/keys", body)

    def test_have_an_owner_and_stand_apart(self, admin: Any, shop: Any) -> None:
        assert ("service", str(admin.user_id)) == (shop["account_type"], shop["owner_id"])
        listed = admin.get("/v1/service-accounts").json["items"]
        assert [shop["id"]] == [each["id"] for each in listed]

    def test_act_by_keys_that_end(self, admin: Any, shop: Any, app: Flask) -> None:
        from services.gateway.tests.conftest import Caller

        made = self.key(admin, shop)
        assert 201 == made.status_code
        program = Caller(app.test_client(), made.json["key"])
        assert shop["id"] == program.get("/v1/users/me").json["id"]
        assert 403 == program.post("/v1/teams", {"name": "x"}).status_code
        with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
            assert 401 == program.get("/v1/users/me").status_code

    @pytest.mark.parametrize("days", [-1, 401])
    def test_have_no_key_that_never_ends(self, admin: Any, shop: Any, days: int) -> None:
        until = (clock.now() + timedelta(days=days)).isoformat()
        assert 422 == self.key(admin, shop, expires_at=until).status_code
        assert 422 == self.key(admin, shop, expires_at=None).status_code

    def test_have_neither_password_nor_owner_among_themselves(self, admin: Any, shop: Any) -> None:
        answer = admin.patch(f"/v1/users/{shop['id']}", {"password": PASSWORD}, version=1)
        assert (409, "no-person") == (answer.status_code, _slug(answer))
        body = {"name": "Second", "roles": ["member"], "owner_id": shop["id"]}
        assert 422 == admin.post("/v1/service-accounts", body).status_code

    def test_are_handed_to_another_person(
        self, admin: Any, shop: Any, person: Callable[..., Any]
    ) -> None:
        ben, path = person("member"), f"/v1/users/{shop['id']}"
        assert 422 == admin.patch(path, {"owner_id": shop["id"]}, version=1).status_code
        changed = admin.patch(path, {"owner_id": str(ben.id)}, version=1)
        assert str(ben.id) == changed.json["owner_id"]
        theirs = admin.patch(f"/v1/users/{ben.id}", {"owner_id": str(ben.id)}, version=1)
        assert 422 == theirs.status_code

    def test_keys_end_with_the_account_and_one_by_one(
        self, admin: Any, shop: Any, app: Flask
    ) -> None:
        from services.gateway.tests.conftest import Caller

        one, two = self.key(admin, shop).json, self.key(admin, shop).json
        callers = [Caller(app.test_client(), each["key"]) for each in (one, two)]
        assert 204 == admin.delete(f"/v1/api-keys/{one['id']}").status_code
        assert [401, 200] == [each.get("/v1/users/me").status_code for each in callers]
        assert 200 == admin.delete(f"/v1/users/{shop['id']}", version=1).status_code
        app.extensions["crm"].verifier.forget(two["key"])
        assert 401 == callers[1].get("/v1/users/me").status_code

    def test_of_somebody_else_have_no_keys_here(self, admin: Any, shop: Any, person: Any) -> None:
        user = person("member")
        assert 404 == self.key(admin, {"id": user.id}).status_code


class TestGuessingWithAStolenSession:
    @pytest.fixture
    def ida(self, person: Callable[..., Any]) -> Any:
        return person("member", email="ida@example.com", password=PASSWORD)

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PUT", "/v1/users/me/password", {"current": "wrong", "new": OTHER}),
            ("POST", "/v1/users/me/second-factor", {"password": "wrong"}),
            ("DELETE", "/v1/users/me/second-factor", {"password": "wrong"}),
        ],
    )
    def test_is_locked_after_ten_and_locks_nobody_out(
        self, ida: Any, signed_in: Callable[..., Any], caller: Any, method: str, path: str,
        body: Any,
    ) -> None:  # fmt: skip
        thief = signed_in(ida)
        statuses = [thief.ask(method, path, body).status_code for _ in range(10)]
        assert {401} == set(statuses)

        right = {"current": PASSWORD, "new": OTHER}
        locked = signed_in(ida).ask("PUT", "/v1/users/me/password", right)

        assert (429, "sign-in-locked") == (locked.status_code, _slug(locked))
        body = {"email": "ida@example.com", "password": PASSWORD}
        assert 200 == caller.post("/v1/auth/token", body).status_code


class TestRubbishAtTheDoors:
    @pytest.mark.parametrize("door", ["token", "invitations", "password", "password-reset"])
    @pytest.mark.parametrize(
        "body",
        [
            None, [], {}, "text", 7, {"email": None}, {"email": 5, "password": [], "token": {}},
            {"email": "a" * 300, "password": "x" * 2000, "token": "y" * 9000, "name": "z" * 900},
            {"email": "a@b\u0000", "password": "p\u0000", "token": "t\u0000", "name": "n\u0000"},
            {"email": "🙂@🙂.🙂", "password": "🙂", "token": "🙂", "name": "🙂"},
        ],
    )  # fmt: skip
    def test_is_refused_in_words(self, caller: Any, door: str, body: Any) -> None:
        answer = caller.post(f"/v1/auth/{door}", body)

        assert answer.status_code in {400, 401, 410, 422}, answer.text
        assert answer.mimetype == "application/problem+json"
