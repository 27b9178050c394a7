"""Signing in and out, strangers, forged forms, safe ways back, error pages."""

import pytest
from services.gateway.tests.http.conftest import EMAIL, PASSWORD, Site

pytestmark = pytest.mark.integration


class TestSignIn:
    def test_asks_strangers_first_and_brings_them_back(self, site: Site) -> None:
        response = site.get("/tickets?status=open")

        assert 303 == response.status_code
        assert "/sign-in?next=%2Ftickets%3Fstatus%3Dopen" == response.location

    def test_sets_a_cookie_scripts_cannot_read(self, site: Site) -> None:
        response = site.send("/sign-in", email=EMAIL, password=PASSWORD, next="/tickets")

        cookie = next(
            each
            for each in response.headers.getlist("Set-Cookie")
            if each.startswith("rapport_session=")
        )
        assert "/tickets" == response.location
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert 200 == site.get("/").status_code

    def test_says_no_more_than_that_it_was_refused(self, site: Site) -> None:
        response = site.send("/sign-in", email=EMAIL, password="wrong")

        assert 401 == response.status_code
        assert "E-mail address or password are wrong" in site.page
        assert "wrong&#34;" not in site.page

    @pytest.mark.parametrize(
        "wanted",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "evil",
            "/\t/evil.example",
        ],
    )
    def test_goes_to_no_other_site(self, site: Site, wanted: str) -> None:
        response = site.send("/sign-in", email=EMAIL, password=PASSWORD, next=wanted)

        assert "/" == response.location

    def test_needs_the_token_of_the_form(self, site: Site) -> None:
        response = site.client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})

        assert 400 == response.status_code
        assert "text/html" in response.content_type

    def test_signing_out_ends_the_session(self, site: Site) -> None:
        site.sign_in()
        token = site.client.get_cookie("rapport_session").value  # type: ignore[union-attr]

        site.send("/sign-out", on="/")
        site.client.set_cookie("rapport_session", token)

        assert 303 == site.get("/").status_code


class TestErrors:
    def test_missing_pages_are_pages(self, site: Site) -> None:
        response = site.sign_in().get("/nope")

        assert 404 == response.status_code
        assert "<h1>Not found</h1>" in site.page

    @pytest.mark.parametrize("path", ["/?q=a%00b", "/tickets?status=%00", "/sign-in?next=%00"])
    def test_nul_is_refused(self, site: Site, path: str) -> None:
        assert 422 == site.sign_in().get(path).status_code

    def test_nul_in_a_form_is_refused(self, site: Site) -> None:
        assert 422 == site.send("/sign-in", email="a\x00", password="b").status_code

    def test_the_api_still_answers_problems(self, site: Site) -> None:
        response = site.get("/v1/customers/nope")

        assert "application/problem+json" == response.content_type

    def test_headers_keep_other_sites_out(self, site: Site) -> None:
        headers = site.get("/sign-in").headers

        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "deny" == headers["X-Frame-Options"].lower()
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "no-store" == headers["Cache-Control"]
