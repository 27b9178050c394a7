"""Limits per key and per person with a burst; pages of other origins; proxies that are trusted."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

pytestmark = pytest.mark.integration
PAGE = "https://app.example.com"
FIRST = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


class TestLimits:
    def test_say_what_there_is(self, calling: Callable[..., Any]) -> None:
        answer = calling("member").get("/v1/users/me")
        assert answer.headers["RateLimit-Policy"] == (
            '6000;w=60;comment="caller", 600;w=1;comment="burst", 12000;w=60;comment="whole"'
        )

    def test_so_many_at_once_and_no_more(
        self, building: Any, calling: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from crm_gateway.api import callers

        monkeypatch.setattr(callers, "_LEAST_BURST", 5)
        monkeypatch.setattr(callers, "_BURST_SECONDS", 30)
        ida = calling("member", of=building(CRM_RATE_LIMIT="50/minute"))

        answers = [ida.get("/v1/users/me") for _ in range(6)]

        assert [200] * 5 + [429] == [each.status_code for each in answers]
        assert ("5", "0") == tuple(
            answers[-1].headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining")
        )
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30

    def test_of_one_key_stop_no_other_of_the_person(
        self, building: Any, person: Callable[..., Any], signed_in: Callable[..., Any]
    ) -> None:
        app, ida = building(CRM_RATE_LIMIT="4/minute"), person("member")
        one, other = (signed_in(ida, kind="key", of=app) for _ in range(2))

        flood = [one.get("/v1/users/me").status_code for _ in range(20)]

        assert [200] * 4 + [429] * 16 == flood
        assert 200 == other.get("/v1/users/me").status_code

    def test_of_a_person_hold_for_all_their_keys_together(
        self, building: Any, person: Callable[..., Any], signed_in: Callable[..., Any]
    ) -> None:
        app = building(CRM_RATE_LIMIT="4/minute", CRM_RATE_LIMIT_WHOLE="6/minute")
        ida, ben = person("member"), person("member")
        keys = [signed_in(ida, kind="key", of=app) for _ in range(3)]

        statuses = [key.get("/v1/users/me").status_code for key in keys for _ in range(3)]

        assert [200] * 6 + [429] * 3 == statuses
        assert 200 == signed_in(ben, of=app).get("/v1/users/me").status_code


@pytest.fixture(scope="module")
def open_(building: Any) -> Flask:
    app: Flask = building(CRM_CORS_ORIGINS=f"{PAGE},https://other.example")
    return app


class TestOrigins:
    def ask(self, app: Flask, origin: str, path: str = "/v1/users/me", **more: Any) -> Any:
        return app.test_client().open(path, headers={"Origin": origin, **more.pop("headers", {})},
                                      **more)  # fmt: skip

    def test_nobodys_page_may_unless_the_house_says_so(self, app: Flask) -> None:
        for options in ({}, {"method": "OPTIONS", "headers": FIRST}):
            answer = self.ask(app, PAGE, **options)
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]

    def test_a_page_that_may_is_told_what(self, open_: Flask) -> None:
        answer = self.ask(open_, PAGE, method="OPTIONS", headers=FIRST)

        assert 204 == answer.status_code
        assert PAGE == answer.headers["Access-Control-Allow-Origin"]
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]

    def test_every_answer_names_it_refusals_too_and_no_cookie_is_taken(self, open_: Flask) -> None:
        answer = self.ask(open_, PAGE)
        assert 401 == answer.status_code
        assert PAGE == answer.headers["Access-Control-Allow-Origin"]
        assert "RateLimit-Remaining" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{PAGE}.evil.example"])
    def test_another_page_is_told_nothing(self, open_: Flask, origin: str) -> None:
        for options in ({}, {"method": "OPTIONS", "headers": FIRST}):
            assert "Access-Control-Allow-Origin" not in self.ask(open_, origin, **options).headers

    def test_the_console_is_no_business_of_theirs(self, open_: Flask) -> None:
        answer = self.ask(open_, PAGE, "/sign-in")
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_a_star_lets_every_page_in_without_credentials(self, building: Any) -> None:
        answer = self.ask(building(CRM_CORS_ORIGINS="*"), "https://any.example")
        assert "*" == answer.headers["Access-Control-Allow-Origin"]
        assert "Access-Control-Allow-Credentials" not in answer.headers

    @pytest.mark.parametrize("wrong", ["app.example.com", "https://app.example.com/", "ftp://x"])
    def test_what_is_no_origin_is_no_setting(self, building: Any, wrong: str) -> None:
        with pytest.raises(SystemExit):
            building(CRM_CORS_ORIGINS=wrong)


class TestProxies:
    def addresses(self, app: Flask, caller: Any) -> str:
        body = {"email": "ida@example.com", "password": "correct horse battery staple"}
        headers = {"X_Forwarded_For": "203.0.113.7, 198.51.100.9"}
        caller.client = app.test_client()
        caller.token = caller.post("/v1/auth/token", body, **headers).json["access_token"]
        return str(caller.get("/v1/sessions").json["items"][0]["address"])

    @pytest.mark.parametrize(
        ("hops", "address"), [("0", "127.0.0.1"), ("1", "198.51.100.9"), ("2", "203.0.113.7")]
    )
    def test_are_believed_as_far_as_they_are_ours(
        self, building: Any, calling: Callable[..., Any], person: Any, hops: str, address: str
    ) -> None:
        person("member", email="ida@example.com", password="correct horse battery staple")
        app = building(CRM_BEHIND_PROXY=hops)
        assert address == self.addresses(app, calling("member", of=app))

    def test_browsers_are_told_to_come_by_tls_where_the_house_is_reached_so(
        self, building: Any
    ) -> None:
        name = "Strict-Transport-Security"
        plain = building(CRM_PUBLIC_URL="http://crm.example")
        safe = building(CRM_PUBLIC_URL="https://crm.example", CRM_BEHIND_PROXY="1")
        off = building(CRM_PUBLIC_URL="https://crm.example", CRM_HSTS_SECONDS="0")
        told = [each.test_client().get("/sign-in").headers.get(name) for each in (plain, safe, off)]
        assert [None, "max-age=31536000", None] == told

    def test_pages_run_no_script_that_stands_in_them(self, app: Flask) -> None:
        page = app.test_client().get("/sign-in")
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in page.text
