"""Roles and users in the console as a browser without JavaScript gets them."""

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from services.gateway.tests import factories as make
from services.gateway.tests.http.conftest import Site

from crm_chassis import clock, db
from crm_chassis.rights import SPECIAL
from crm_gateway import identity
from crm_gateway.console import deeds
from crm_gateway.identity.roles import CreateRole, create_role
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration


@pytest.fixture
def seller(site: Site) -> str:
    """The path of a role made in the console."""
    site.sign_in().get("/settings/roles")
    answer = site.send("/settings/roles", name="Seller")
    site.get(answer.headers["Location"])
    return str(answer.headers["Location"])


def chosen(site: Site, name: str) -> str:
    select = re.search(rf'<select[^>]*name="{re.escape(name)}".*?</select>', site.page, re.DOTALL)
    assert select
    found = re.search(r'value="([^"]*)" selected', select[0])
    return found[1] if found else ""


class TestRoles:
    def test_are_made_with_nothing_granted(self, site: Site, seller: str) -> None:
        assert "none" == chosen(site, "deal.read")

    def test_are_chosen_in_a_grid(self, site: Site, seller: str) -> None:
        grid = {"deal.read": "team", "deal.update": "own", "contact.read": "all"}
        limits = {"limit.field": ["deal.amount", ""], "limit.value": ["hidden", ""]}
        site.send(seller, name="Seller", version="1", special="audit", **grid, **limits)
        site.get(seller)

        assert ["team", "own", "all", "none"] == [
            chosen(site, name) for name in (*grid, "deal.export")
        ]
        assert 'value="deal.amount"' in site.page
        assert re.search(r'value="audit" checked', site.page)

    def test_say_what_is_wrong_with_a_limit(self, site: Site, seller: str) -> None:
        answer = site.send(
            seller,
            name="Seller",
            version="1",
            **{"limit.field": "deal.horn", "limit.value": "read"},
        )

        assert 422 == answer.status_code
        assert "no such field" in site.page

    def test_of_the_system_are_shown_but_not_changed(self, site: Site, console) -> None:
        app, _ = console
        with db.transaction(app.extensions["crm"].sessions, db.Context(actor="x")) as session:
            identity.ensure_system_roles(session, now=clock.now())
        site.sign_in().get("/settings/roles")
        path = re.search(r'href="(/settings/roles/[^"]+)">Administrator', site.page)
        assert path
        site.get(path[1])

        assert "fieldset disabled" in re.sub(r"\s+", " ", site.page)
        assert 409 == site.send(path[1], name="Weak", version="1").status_code

    def test_are_put_away(self, site: Site, seller: str) -> None:
        site.send(f"{seller}/removal", version="1")

        assert 404 == site.get(seller).status_code


class TestSeeingAs:
    def test_says_what_somebody_sees_of_a_customer(
        self, site: Site, seller: str, console: tuple[Flask, str]
    ) -> None:
        app, url = console
        site.send(seller, name="Seller", version="1", **{"contact.read": "all", "deal.read": "own"})
        with db.transaction(app.extensions["crm"].sessions, db.Context(actor="x")) as session:
            command = identity.CreateUser(
                email="ida@example.com", name="Ida", roles=[seller.rpartition("/")[2]]
            )
            ida = identity.create_user(session, command, now=clock.now())
        marta = make.contact()
        mine, other = make.deal(marta.id, owner_id=ida.id), make.deal(marta.id)
        with psycopg.connect(url) as connection:
            things = [make.item(each) for each in (marta, mine, other)]
            ViewFolder(all_sources()).fold(connection, things)

        site.get(f"{seller}?user={ida.id}&customer=https://crm.example/customers/{marta.id}")

        assert "They see Marta Okafor" in site.page
        assert re.search(r"deals: 1<", site.page, re.IGNORECASE)


class TestWhoSeesLess:
    def test_has_whole_pages_of_what_is_left(
        self, site: Site, seller: str, console: tuple[Flask, str]
    ) -> None:
        app, url = console
        grants = dict.fromkeys(("contact.read", "account.read", "deal.read", "ticket.read"), "all")
        names = ["contact.emails", "contact.phones", "contact.lifecycle", "contact.tags"]
        names += ["deal.amount", "deal.stage_name", "ticket.subject", "ticket.status"]
        limits = {"limit.field": names, "limit.value": ["hidden"] * len(names)}
        site.send(seller, name="Seller", version="1", **grants, **limits)
        with db.transaction(app.extensions["crm"].sessions, db.Context(actor="x")) as session:
            command = identity.CreateUser(
                email="ida@example.com", name="Ida", password="ida's long password",
                roles=[seller.rpartition("/")[2]],
            )  # fmt: skip
            identity.create_user(session, command, now=clock.now())
        marta = make.contact()
        with psycopg.connect(url) as connection:
            things = [marta, make.deal(marta.id), make.ticket(marta.id)]
            ViewFolder(all_sources()).fold(connection, [make.item(each) for each in things])
        theirs = Site(app.test_client())
        theirs.send(
            "/sign-in", on="/sign-in", email="ida@example.com", password="ida's long password"
        )

        answer = theirs.get(f"/customers/{marta.id}")

        assert 200 == answer.status_code
        assert "Marta Okafor" in theirs.page
        assert 404 == theirs.get("/settings/roles").status_code
        assert 404 == theirs.get("/settings/users").status_code


class TestUsers:
    def test_are_invited_with_roles_and_a_team(self, site: Site) -> None:
        site.sign_in().get("/settings/users")
        site.send("/settings/users/teams", name="North")
        site.get("/settings/users")
        team = re.search(r'<option value="([^"]+)" >North', site.page)
        assert team
        site.send(
            "/settings/users/invitations", email="ben@example.com", roles="member", team=team[1]
        )
        site.get("/settings/users")

        assert "ben@example.com Member · North" in _plain(site.page)

    def test_are_refused_with_the_reason(self, site: Site) -> None:
        site.sign_in().get("/settings/users")
        answer = site.send("/settings/users/invitations", email="ben@example.com", roles="nobody")

        assert 422 == answer.status_code
        assert "no such role: nobody" in site.page
        assert 'value="ben@example.com"' in site.page

    def test_invitations_are_renewed_and_taken_back(self, site: Site) -> None:
        site.sign_in().get("/settings/users")
        site.send("/settings/users/invitations", email="ben@example.com", roles="member")
        site.get("/settings/users")
        path = re.findall(
            r'action="(/settings/users/invitations/[0-9a-f-]{36})/renewal"', site.page
        )
        assert 303 == site.send(f"{path[0]}/renewal", on="/settings/users").status_code
        assert 303 == site.send(f"{path[0]}/removal", on="/settings/users").status_code
        assert "ben@example.com" not in site.get("/settings/users").text

    def test_without_mail_the_link_is_shown_once_and_leads_in(
        self, site: Site, console: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = console[0]
        desk = app.extensions["desk"]
        monkeypatch.setitem(app.extensions, "desk", dataclasses.replace(desk, sends=False))
        site.sign_in().get("/settings/users")
        site.send("/settings/users/invitations", email="ben@example.com", roles="member")
        link = re.search(r"http://[^/]+(/invitations/[^<]+)</code>", site.page)
        assert link
        assert link[1] not in site.get("/settings/users").text

        theirs = Site(app.test_client())
        assert "ben@example.com" in theirs.get(link[1]).text
        weak = theirs.send(link[1], on=link[1], name="Ben", password="password123")
        assert 422 == weak.status_code
        theirs.send(link[1], on=link[1], name="Ben", password="correct horse battery staple")

        assert 200 == theirs.get("/settings/me").status_code
        assert 410 == Site(app.test_client()).get(link[1]).status_code

    def test_sign_in_no_more(self, site: Site, console: Any) -> None:
        _person(console[0], "ben@example.com")
        site.sign_in().get("/settings/users")
        path = re.findall(r'action="(/settings/users/[0-9a-f-]{36})"', site.page)[0]
        site.send(path, on="/settings/users", roles="member", version="1")
        site.get("/settings/users")

        assert "signs in no more" in site.page


class TestServices:
    def test_are_made_with_keys_that_are_shown_once(self, site: Site) -> None:
        site.sign_in().get("/settings/users")
        site.send("/settings/users/services", name="Web shop", roles="member")
        site.get("/settings/users")
        assert "Member · owned by Administrator" in _plain(site.page)
        path = re.findall(r'action="(/settings/users/services/[0-9a-f-]{36}/keys)"', site.page)[0]
        until = (clock.now() + timedelta(days=30)).date().isoformat()

        site.send(path, on="/settings/users", name="nightly", scopes="read", expires_on=until)
        shown = re.search(r"crm_k_[\w-]+", site.page)

        assert shown
        assert shown[0] not in site.get("/settings/users").text
        assert "nightly" in site.page

    def test_need_an_end(self, site: Site) -> None:
        site.sign_in().get("/settings/users")
        site.send("/settings/users/services", name="Web shop", roles="member")
        site.get("/settings/users")
        path = re.findall(r'action="(/settings/users/services/[0-9a-f-]{36}/keys)"', site.page)[0]
        answer = site.send(path, on="/settings/users", name="x", scopes="read", expires_on="")
        assert 422 == answer.status_code


class TestForgotten:
    def test_says_the_same_whoever_is_named(self, site: Site) -> None:
        assert "Forgotten your password?" in site.get("/sign-in").text
        pages = []
        for email in ("admin@example.com", "nobody@example.com"):
            assert 200 == site.send("/password", on="/password", email=email).status_code
            pages.append(re.sub(r'content="[^"]+"', "", site.page))
        assert pages[0] == pages[1]
        assert "a link is on its way" in pages[0]

    def test_a_link_that_is_none_says_so(self, site: Site) -> None:
        answer = site.get("/password/guessed")
        assert 410 == answer.status_code
        assert "The link has ended" in site.page


OWN_PAGES = ("/settings/me", "/settings/notifications")
SETTINGS = {
    "audit": ["/settings/audit"],
    "data_privacy": [],
    "manage_rules": ["/settings/fields", "/settings/rules"],
    "manage_users": ["/settings/users"],
    "mass_update": [],
}


class TestSettings:
    """Who is no administrator finds what their special rights are for, and nothing else."""

    @pytest.fixture
    def signed_in(self, site: Site, console: Any) -> Callable[..., Site]:
        """`signed_in("audit")` is somebody with these special rights only."""
        app = console[0]

        def enter(*special: str) -> Site:
            context = db.Context(actor="t")
            with db.transaction(db.sessions(app.config["engine"]), context) as session:
                role = CreateRole(fields={"name": "Keeper", "special": list(special)})
                role_id = str(create_role(session, role, now=clock.now()).id)
            _person(app, "kim@example.com", role_id)
            site.send("/sign-in", on="/sign-in", email="kim@example.com", password=LONG)
            return site

        return enter

    def test_every_special_right_is_thought_of(self) -> None:
        assert SETTINGS.keys() == set(SPECIAL)

    @pytest.mark.parametrize("right", SPECIAL)
    def test_entries_are_those_of_the_right(
        self, right: str, signed_in: Callable[..., Site]
    ) -> None:
        site, mine = signed_in(right), SETTINGS[right]

        first = site.get("/settings").headers["Location"]
        assert (mine[0] if mine else "/settings/me") == first
        site.get(first)
        header = re.search(r'<nav aria-label="Main">.*?</nav>', site.page, re.DOTALL)
        assert header
        assert mine[:1] == _settings(header[0])
        assert mine == _settings(_menu(site.page))
        assert {*mine, *OWN_PAGES} == set(_settings(site.get("/go").text))
        for path in mine:
            assert 200 == site.get(path).status_code, path
        for path in {"/settings/audit", "/settings/users", "/settings/roles"} - {*mine}:
            assert 404 == site.get(path).status_code, path
        assert 403 == site.get("/settings/webhooks").status_code

    def test_forms_of_fields_and_rules_are_there_for_who_keeps_them(
        self, signed_in: Callable[..., Site]
    ) -> None:
        site = signed_in("manage_rules")

        assert "Add the field" in site.get("/settings/fields").text
        assert "<form" in site.get("/settings/rules").text.partition("<main")[2]

    def test_an_administrator_finds_all(self, site: Site) -> None:
        site.sign_in().get("/settings/audit")

        every = [each.href for each in deeds.SETTINGS]
        assert every == _settings(_menu(site.page))
        assert {*every, *OWN_PAGES} <= set(_settings(site.get("/go").text))


def _menu(page: str) -> str:
    found = re.search(r'<nav class="kinds settings-nav".*?</nav>', page, re.DOTALL)
    return found[0] if found else ""


def _settings(page: str) -> list[str]:
    """Return where the settings' links on a page lead, but for those of one's own account."""
    main = page.partition("<main")[2] if "<main" in page else page
    return list(dict.fromkeys(re.findall(r'href="(/settings/[a-z]+)"', main)))


LONG = "correct horse battery staple"


def _person(app: Any, email: str, *roles: str) -> None:
    wanted = identity.CreateUser(
        email=email, name="Ben", roles=list(roles or ("member",)), password=LONG
    )
    with db.transaction(db.sessions(app.config["engine"]), db.Context(actor="t")) as session:
        identity.create_user(session, wanted, now=clock.now())


def _plain(page: str) -> str:
    """Return a page's text on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
