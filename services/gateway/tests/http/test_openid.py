"""Signing in by a real OpenID provider, and what becomes of one that lies."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from flask import Flask
from services.gateway.tests.impostor import Impostor, impostor
from services.gateway.tests.provider import CLIENT, SECRET, Running, running
from werkzeug.serving import make_server

from crm_chassis.testing import free_port
from crm_gateway import identity
from crm_gateway.clients import provider as provider_room

pytestmark = pytest.mark.integration
GROUPS = {"staff": {"roles": ["member"], "team": "North"}, "chiefs": {"roles": ["Administrator"]}}
BACK = "/sign-in/oidc/callback"
LOGOUT_EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


def openid(issuer: str, **more: str) -> dict[str, str]:
    return {
        "CRM_OIDC_ISSUER": issuer, "CRM_OIDC_CLIENT_ID": CLIENT, "CRM_OIDC_CLIENT_SECRET": SECRET,
        "CRM_OIDC_NAME": "House", "CRM_OIDC_CREATES": "read-only",
        "CRM_OIDC_SCOPE": "openid email profile groups",
        "CRM_OIDC_GROUPS": json.dumps(GROUPS), "CRM_OUTGOING_ALLOWED": "127.0.0.0/8", **more,
    }  # fmt: skip


@pytest.fixture
def roles(doing: Callable[..., Any]) -> None:
    doing(identity.ensure_system_roles)
    doing(identity.create_team, identity.CreateTeam(name="North"))


@pytest.fixture
def users(connection: psycopg.Connection[Any]) -> Callable[[], list[Any]]:
    sql = 'select email, name, roles, team_id is not null from "user" order by id'
    return lambda: connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def home() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def provider(home: str) -> Iterator[Running]:
    ida = {
        "email": "ida@example.com", "email_verified": True, "name": "Ida", "groups": ["staff"],
    }  # fmt: skip
    with running(home + BACK, home + "/v1/auth/oidc/logout", ida=ida) as found:
        yield found


@pytest.fixture(scope="module")
def site(home: str, provider: Running, building: Any) -> Iterator[Flask]:
    app: Flask = building(CRM_PUBLIC_URL=home, **openid(provider.issuer))
    server = make_server("127.0.0.1", int(home.rpartition(":")[2]), app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield app
    server.shutdown()


@pytest.fixture(scope="module")
def liar() -> Iterator[Impostor]:
    with impostor() as found:
        yield found


@pytest.fixture(scope="module")
def lied_to(liar: Impostor, building: Any) -> Flask:
    app: Flask = building(CRM_RATE_LIMIT="100000/minute", **openid(liar.issuer))
    return app


class TestRealProvider:
    @pytest.fixture
    def browser(self, provider: Running, roles: None) -> Iterator[httpx.Client]:
        provider.tell(
            "ida", email="ida@example.com", email_verified=True, name="Ida", groups=["staff"]
        )
        with httpx.Client(follow_redirects=True, timeout=20) as found:
            yield found

    def test_takes_somebody_up_by_their_groups(
        self, site: Flask, home: str, provider: Running, browser: httpx.Client, users: Any
    ) -> None:
        front = browser.get(f"{home}/sign-in?next=/settings/me")
        assert "Sign in with House" in front.text

        page = provider.visit(browser, f"{home}/sign-in/oidc?next=/settings/me", "ida")

        assert (200, f"{home}/settings/me") == (page.status_code, str(page.url))
        assert [("ida@example.com", "Ida", ["member"], True)] == users()
        assert "rapport_oidc" not in browser.cookies

    def test_roles_follow_the_groups_at_each_sign_in(
        self, site: Flask, home: str, provider: Running, browser: httpx.Client, users: Any,
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        provider.visit(browser, f"{home}/sign-in/oidc", "ida")
        provider.tell(
            "ida", email="ida@example.com", email_verified=True, groups=["staff", "chiefs"]
        )

        provider.visit(browser, f"{home}/sign-in/oidc", "ida")

        assert ["admin", "member"] == users()[0][2]
        told = connection.execute("select type from outbox where type like '%user%' order by seq")
        assert [("gateway.user.created.v1",), ("gateway.user.updated.v1",)] == told.fetchall()

    def test_signing_out_there_signs_out_here(
        self, site: Flask, home: str, provider: Running, browser: httpx.Client,
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        provider.visit(browser, f"{home}/sign-in/oidc", "ida")
        live = "select count(*) from credential where revoked_at is null"
        assert (1,) == connection.execute(live).fetchone()

        provider.sign_out(browser)

        assert (0,) == connection.execute(live).fetchone()
        for token in list(site.extensions["crm"].verifier._known):
            site.extensions["crm"].verifier._known.pop(token)
        assert str(browser.get(f"{home}/settings/me").url).startswith(f"{home}/sign-in")

    def test_an_answer_is_good_once_and_for_its_browser_only(
        self, site: Flask, home: str, provider: Running, browser: httpx.Client
    ) -> None:
        page = provider.visit(browser, f"{home}/sign-in/oidc", "ida")
        answer = next(str(each.url) for each in page.history if BACK in str(each.url))

        again = browser.get(answer)
        with httpx.Client(timeout=20) as thief:
            stolen = thief.get(answer)

        assert [401, 401] == [again.status_code, stolen.status_code]
        assert "begun elsewhere" in stolen.text

    def test_a_code_used_twice_is_refused_by_the_provider(
        self, site: Flask, home: str, provider: Running, browser: httpx.Client
    ) -> None:
        page = provider.visit(browser, f"{home}/sign-in/oidc", "ida")
        used = next(str(each.url) for each in page.history if BACK in str(each.url))
        code = parse_qs(urlsplit(used).query)["code"][0]
        begun = browser.get(f"{home}/sign-in/oidc", follow_redirects=False)
        state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]

        given = {"code": code, "state": state, "iss": provider.issuer}
        answer = browser.get(f"{home}{BACK}", params=given)

        assert 401 == answer.status_code
        assert "does not know this sign-in" in answer.text

    def test_who_may_not_sign_in_here_is_refused(
        self, site: Flask, home: str, provider: Running, browser: httpx.Client,
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        provider.visit(browser, f"{home}/sign-in/oidc", "ida")
        connection.execute('update "user" set active = false')

        page = provider.visit(browser, f"{home}/sign-in/oidc", "ida")

        assert 401 == page.status_code
        assert "may not sign in any more" in page.text


class TestImpostor:
    @pytest.fixture
    def enter(self, lied_to: Flask, liar: Impostor, roles: None) -> Callable[..., tuple[int, str]]:
        liar.claims, liar.forge, liar.metadata, liar.status = {}, "", {}, 200
        provider = lied_to.extensions["provider"]
        provider._metadata._value = provider._keys._value = None
        provider._metadata._failed_at = provider._keys._failed_at = float("-inf")

        def go(**answer: str) -> tuple[int, str]:
            client = lied_to.test_client()
            begun = client.get("/sign-in/oidc")
            assert begun.status_code == 303, begun.text
            asked = {k: v[0] for k, v in parse_qs(urlsplit(begun.location).query).items()}
            assert ("S256", 43) == (asked["code_challenge_method"], len(asked["code_challenge"]))
            liar.nonce = asked["nonce"]
            given = {"code": "c", "state": asked["state"], **answer}
            address = {"REMOTE_ADDR": f"198.51.100.{len(liar.asked) % 250}"}
            page = client.get(BACK, query_string=given, environ_base=address)
            return page.status_code, page.location or page.text

        return go

    def test_is_believed_where_everything_is_right(self, enter: Any, users: Any) -> None:
        assert (303, "/") == enter()
        assert ["read-only"] == users()[0][2]

    @pytest.mark.parametrize("forge", ["none", "symmetric", "other key"])
    def test_a_signature_that_is_none_of_its_keys_is_refused(
        self, enter: Any, liar: Impostor, forge: str, users: Any
    ) -> None:
        liar.forge = forge
        assert 401 == enter()[0]
        assert [] == users()

    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": "another client"},
            {"aud": ["rapport", "another"]},
            {"azp": "another"},
            {"iss": "https://other.example"},
            {"nonce": "of another sign-in"},
            {"nonce": None},
            {"exp": 1},
            {"iat": 1},
            {"iat": None},
            {"sub": None},
            {"sub": 7},
            {"sub": ""},
        ],
        ids=str,
    )
    def test_a_token_of_something_else_is_refused(
        self, enter: Any, liar: Impostor, claims: Any, users: Any
    ) -> None:
        liar.claims = claims
        assert 401 == enter()[0]
        assert [] == users()

    def test_another_state_is_refused(self, enter: Any, users: Any) -> None:
        status, page = enter(state="guessed")
        assert 401 == status
        assert "of another sign-in" in page
        assert [] == users()

    def test_an_answer_of_another_issuer_is_refused(
        self, enter: Any, liar: Impostor, users: Any
    ) -> None:
        assert 401 == enter(iss="https://other.example")[0]
        liar.metadata = {"authorization_response_iss_parameter_supported": True}
        assert 303 == enter(iss=liar.issuer)[0]

    def test_one_that_says_who_answers_is_not_believed_without(
        self, enter: Any, liar: Impostor
    ) -> None:
        liar.metadata = {"authorization_response_iss_parameter_supported": True}
        assert 401 == enter()[0]

    def test_one_that_calls_itself_otherwise_is_none(
        self, lied_to: Flask, enter: Any, liar: Impostor
    ) -> None:
        liar.metadata = {"issuer": "https://other.example"}
        page = lied_to.test_client().get("/sign-in/oidc")
        assert 503 == page.status_code
        assert "not answering" in page.text

    def test_an_address_that_is_not_verified_takes_nobody_up(
        self, enter: Any, liar: Impostor, users: Any
    ) -> None:
        liar.claims = {"email_verified": "true"}
        assert 401 == enter()[0]
        assert [] == users()

    def test_an_address_of_somebody_here_is_not_enough_to_be_them(
        self, enter: Any, person: Callable[..., Any], users: Any
    ) -> None:
        person("admin", email="ida@example.com")
        status, page = enter()
        assert 409 == status
        assert "ask an administrator" in page
        assert 1 == len(users())

    def test_somebody_who_is_being_created_with_the_address_is_not_taken_up_too(
        self, enter: Any, while_created: Callable[..., Any], users: Any
    ) -> None:
        status, page = while_created("IDA@example.com", enter)

        assert 409 == status
        assert "ask an administrator" in page
        assert ["By hand"] == [each[1] for each in users()]

    def test_one_that_is_slow_holds_up_nobody_and_passwords_go_on(
        self, lied_to: Flask, enter: Any, liar: Impostor, person: Callable[..., Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        person("member", email="ben@example.com", password="correct horse battery staple")
        monkeypatch.setattr(provider_room, "DEADLINE_SECONDS", 0.5)
        liar.open.clear()
        try:
            assert 503 == lied_to.test_client().get("/sign-in/oidc").status_code
            body = {"email": "ben@example.com", "password": "correct horse battery staple"}
            assert 200 == lied_to.test_client().post("/v1/auth/token", json=body).status_code
        finally:
            liar.open.set()

    def test_somebody_here_is_linked_by_address_where_the_house_says_so(
        self, liar: Impostor, building: Any, enter: Any, person: Callable[..., Any], users: Any
    ) -> None:
        known = person("admin", email="ida@example.com")
        go = self.linking(building, liar)

        assert 303 == go()
        assert [("ida@example.com", known.name, ["admin", "read-only"], False)] == users()

    def test_somebody_who_is_being_created_is_waited_for_and_linked_there(
        self, liar: Impostor, building: Any, enter: Any, while_created: Any, users: Any
    ) -> None:
        go = self.linking(building, liar)

        assert 303 == while_created("ida@example.com", go)
        assert [("ida@example.com", "By hand", ["read-only"], False)] == users()

    def linking(self, building: Any, liar: Impostor) -> Callable[[], int]:
        """Return what signs in by the provider where addresses are taken for people."""
        other: Flask = building(**openid(liar.issuer, CRM_OIDC_LINKS_EMAIL="true"))

        def go() -> int:
            client = other.test_client()
            asked = parse_qs(urlsplit(client.get("/sign-in/oidc").location).query)
            liar.nonce = asked["nonce"][0]
            query = {"code": "c", "state": asked["state"][0]}
            return client.get(BACK, query_string=query).status_code

        return go

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "another"},
            {"iss": "https://other.example"},
            {"events": {}},
            {"nonce": "x"},
            {"sub": None},
            {"iat": 1},
        ],
        ids=str,
    )
    def test_ends_nobodys_session_by_a_token_that_is_wrong(
        self, lied_to: Flask, enter: Any, liar: Impostor, changes: Any,
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        enter()
        token = liar.token(**{"events": LOGOUT_EVENT} | changes)
        answer = lied_to.test_client().post("/v1/auth/oidc/logout", data={"logout_token": token})
        assert 400 == answer.status_code
        live = connection.execute("select count(*) from credential where revoked_at is null")
        assert (1,) == live.fetchone()

    def test_ends_sessions_by_one_that_is_right_and_only_theirs(
        self, lied_to: Flask, enter: Any, liar: Impostor, calling: Callable[..., Any],
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        liar.claims = {"sid": "s1"}
        enter()
        calling("member")
        live = "select count(*) from credential where revoked_at is null"
        for sid, left in (("s2", 2), ("s1", 1), ("s1", 1)):
            token = liar.token(events=LOGOUT_EVENT, sub=None, sid=sid)
            data = {"logout_token": token}
            answer = lied_to.test_client().post("/v1/auth/oidc/logout", data=data)
            assert (200, "no-store") == (answer.status_code, answer.headers["Cache-Control"])
            assert (left,) == connection.execute(live).fetchone()

    def test_a_logout_token_is_asked_for_as_a_form(self, lied_to: Flask) -> None:
        client = lied_to.test_client()
        assert 422 == client.post("/v1/auth/oidc/logout", data={"other": "x"}).status_code
        assert 415 == client.post("/v1/auth/oidc/logout", json={"logout_token": "x"}).status_code


def test_without_a_provider_there_is_none(app: Flask) -> None:
    client = app.test_client()
    assert "oidc" not in client.get("/sign-in").text
    assert 404 == client.get("/sign-in/oidc").status_code
    assert 404 == client.post("/v1/auth/oidc/logout", data={"logout_token": "x"}).status_code
