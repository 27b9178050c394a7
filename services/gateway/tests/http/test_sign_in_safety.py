"""Guessing is stopped, a second factor counts, a changed password ends sessions, sessions are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pyotp
import pytest
import time_machine

from crm_chassis import clock

PASSWORD = "correct horse battery staple"


@pytest.fixture
def stranger(app: Any) -> Any:
    from services.gateway.tests.conftest import Caller

    return Caller(app.test_client(), address="192.0.2.77")


@pytest.fixture
def ida(person: Callable[..., Any]) -> Any:
    return person("member", email="ida@example.com", password=PASSWORD)


def _sign_in(caller: Any, password: str = PASSWORD, **more: str) -> Any:
    body = {"email": "ida@example.com", "password": password, **more}
    return caller.post("/v1/auth/token", body)


def _slug(answer: Any) -> str:
    return str(answer.json["type"]).rpartition("/")[2]


@pytest.fixture
def signed(ida: Any, stranger: Any, app: Any) -> Any:
    from services.gateway.tests.conftest import Caller

    return Caller(app.test_client(), _sign_in(stranger).json["access_token"], ida.id)


def _elsewhere(app: Any, number: int) -> Any:
    from services.gateway.tests.conftest import Caller

    return Caller(app.test_client(), address=f"198.51.100.{number}")


class TestLock:
    @pytest.mark.parametrize("email", ["ida@example.com", "nobody@example.com"])
    def test_ten_wrong_guesses_lock_a_name_from_everywhere(
        self, app: Any, ida: Any, email: str
    ) -> None:
        for number in range(10):
            body = {"email": email, "password": f"guess {number}"}
            assert _elsewhere(app, number).post("/v1/auth/token", body).status_code == 401

        right = _elsewhere(app, 20).post("/v1/auth/token", {"email": email, "password": PASSWORD})

        assert (right.status_code, _slug(right)) == (429, "sign-in-locked")

    def test_it_opens_again_and_success_counts_anew(
        self, app: Any, ida: Any, connection: psycopg.Connection[Any]
    ) -> None:
        for number in range(10):
            _sign_in(_elsewhere(app, number), "wrong")
        connection.execute("update sign_in_failure set at = at - interval '16 minutes'")
        assert _sign_in(_elsewhere(app, 30)).status_code == 200
        assert connection.execute("select count(*) from sign_in_failure").fetchone() == (0,)


class TestStrangers:
    def test_bad_tokens_are_slowed_down_and_good_ones_are_not(
        self, app: Any, calling: Callable[..., Any]
    ) -> None:
        from services.gateway.tests.conftest import Caller

        guesser = Caller(app.test_client(), "crm_s_wrong", address="203.0.113.9")
        known = calling("member")
        known.address = "203.0.113.9"

        answers = [guesser.get("/v1/users/me").status_code for _ in range(125)]

        assert answers[0] == 401
        assert answers[-1] == 429
        assert known.get("/v1/users/me").status_code == 200


class TestPassword:
    def test_a_new_one_ends_other_sessions_and_keeps_this_one(
        self, signed: Any, stranger: Any, app: Any
    ) -> None:
        from services.gateway.tests.conftest import Caller

        other = Caller(app.test_client(), _sign_in(stranger).json["access_token"])
        body = {"current": PASSWORD, "new": "a quite different sentence"}

        assert signed.ask("PUT", "/v1/users/me/password", body).status_code == 204

        assert other.get("/v1/users/me").status_code == 401
        assert signed.get("/v1/users/me").status_code == 200
        assert _sign_in(stranger).status_code == 401
        assert _sign_in(stranger, "a quite different sentence").status_code == 200

    def test_the_current_one_is_asked(self, signed: Any) -> None:
        body = {"current": "wrong", "new": "a quite different sentence"}
        assert signed.ask("PUT", "/v1/users/me/password", body).status_code == 401

    @pytest.mark.parametrize("new", ["password123", "aaaaaaaaaaaa", "ida@example.com"])
    def test_one_that_is_easily_guessed_is_refused(self, signed: Any, new: str) -> None:
        answer = signed.ask("PUT", "/v1/users/me/password", {"current": PASSWORD, "new": new})
        assert (answer.status_code, _slug(answer)) == (422, "weak-password")
        assert answer.json["errors"]["password"]

    def test_an_administrators_change_ends_all_sessions(
        self, signed: Any, calling: Callable[..., Any], ida: Any
    ) -> None:
        changed = calling("admin").patch(
            f"/v1/users/{ida.id}", {"password": "a quite different sentence"}, version=1
        )
        assert changed.status_code == 200
        signed.client.application.extensions["crm"].verifier.forget(signed.token)
        assert signed.get("/v1/users/me").status_code == 401

    def test_a_key_changes_nobodys(self, ida: Any, signed_in: Callable[..., Any]) -> None:
        key = signed_in(ida, kind="key")
        body = {"current": PASSWORD, "new": "a quite different sentence"}
        assert key.ask("PUT", "/v1/users/me/password", body).status_code == 403


class TestSecondFactor:
    def begun(self, signed: Any) -> pyotp.TOTP:
        answer = signed.post("/v1/users/me/second-factor", {"password": PASSWORD})
        assert answer.json["uri"].startswith("otpauth://totp/Rapport:ida%40example.com?")
        return pyotp.TOTP(answer.json["secret"])

    def confirmed(self, signed: Any) -> tuple[pyotp.TOTP, list[str]]:
        totp = self.begun(signed)
        body = {"code": totp.at(clock.now() - timedelta(seconds=30))}
        answer = signed.ask("PUT", "/v1/users/me/second-factor", body)
        assert answer.status_code == 200
        return totp, answer.json["recovery_codes"]

    def test_counts_once_it_is_confirmed(self, signed: Any, stranger: Any) -> None:
        self.begun(signed)
        assert _sign_in(stranger).status_code == 200
        totp, _ = self.confirmed(signed)
        lacking = _sign_in(stranger)
        assert (lacking.status_code, _slug(lacking)) == (401, "code-needed")
        assert _sign_in(stranger, code="000000").status_code == 401
        assert _sign_in(stranger, code=totp.at(clock.now())).status_code == 200

    def test_a_code_is_taken_once(self, signed: Any, stranger: Any) -> None:
        totp, _ = self.confirmed(signed)
        code = totp.at(clock.now())
        assert _sign_in(stranger, code=code).status_code == 200
        assert _sign_in(stranger, code=code).status_code == 401

    def test_a_code_of_long_ago_is_none(self, signed: Any, stranger: Any) -> None:
        totp, _ = self.confirmed(signed)
        code = totp.at(clock.now())
        with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
            assert _sign_in(stranger, code=code).status_code == 401

    def test_a_recovery_code_replaces_a_code_once(self, signed: Any, stranger: Any) -> None:
        _, codes = self.confirmed(signed)
        assert len(codes) == 10
        assert _sign_in(stranger, code=codes[3]).status_code == 200
        assert _sign_in(stranger, code=codes[3]).status_code == 401

    def test_who_lacks_the_password_learns_nothing_of_it(self, signed: Any, stranger: Any) -> None:
        self.confirmed(signed)
        wrong = _sign_in(stranger, "wrong")
        assert _slug(wrong) == "sign-in-refused"

    def test_it_is_given_up_with_the_password_only(self, signed: Any, stranger: Any) -> None:
        self.confirmed(signed)
        wrong = signed.ask("DELETE", "/v1/users/me/second-factor", {"password": "wrong"})
        assert wrong.status_code == 401
        right = signed.ask("DELETE", "/v1/users/me/second-factor", {"password": PASSWORD})
        assert right.status_code == 204
        assert _sign_in(stranger).status_code == 200

    def test_the_one_before_counts_until_a_new_one_is_confirmed(
        self, signed: Any, stranger: Any
    ) -> None:
        old, _ = self.confirmed(signed)
        new = self.begun(signed)

        assert _slug(_sign_in(stranger)) == "code-needed"
        assert _sign_in(stranger, code=new.at(clock.now())).status_code == 401
        assert _sign_in(stranger, code=old.at(clock.now())).status_code == 200

        body = {"code": new.at(clock.now())}
        assert signed.ask("PUT", "/v1/users/me/second-factor", body).status_code == 200
        with time_machine.travel(clock.now() + timedelta(seconds=60), tick=True):
            assert _sign_in(stranger, code=old.at(clock.now())).status_code == 401
            assert _sign_in(stranger, code=new.at(clock.now())).status_code == 200

    def test_nothing_of_it_is_kept_in_clear(
        self, signed: Any, connection: psycopg.Connection[Any]
    ) -> None:
        totp, codes = self.confirmed(signed)
        row = connection.execute("select sealed, recovery::text from second_factor").fetchone()
        assert row is not None
        assert totp.secret.encode() not in bytes(row[0])
        assert codes[0] not in row[1]


class TestSessions:
    def test_are_listed_with_where_they_are_from_and_ended(
        self, signed: Any, stranger: Any, app: Any
    ) -> None:
        from services.gateway.tests.conftest import Caller

        other = Caller(app.test_client(), _sign_in(stranger).json["access_token"])
        other.get("/v1/users/me")
        items = signed.get("/v1/sessions").json["items"]
        assert [each["current"] for each in items] == [False, True]
        assert items[0]["address"] == "192.0.2.77"
        assert items[0]["last_used_at"]

        assert signed.delete(f"/v1/sessions/{items[0]['id']}").status_code == 204
        app.extensions["crm"].verifier.forget(other.token)
        assert other.get("/v1/users/me").status_code == 401
        assert len(signed.get("/v1/sessions").json["items"]) == 1

    def test_of_others_are_not_found(self, signed: Any, calling: Callable[..., Any]) -> None:
        own = signed.get("/v1/sessions").json["items"][0]["id"]
        assert calling("admin").delete(f"/v1/sessions/{own}").status_code == 404


class TestKeys:
    def test_end_when_they_said(self, signed: Any, app: Any) -> None:
        from services.gateway.tests.conftest import Caller

        until = clock.now() + timedelta(hours=1)
        made = signed.post(
            "/v1/api-keys", {"name": "k", "scopes": ["read"], "expires_at": until.isoformat()}
        ).json
        key = Caller(app.test_client(), made["key"])
        assert key.get("/v1/users/me").status_code == 200
        with time_machine.travel(until + timedelta(seconds=6), tick=True):
            assert key.get("/v1/users/me").status_code == 401
