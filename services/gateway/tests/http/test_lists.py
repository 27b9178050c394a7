"""Lists of contacts and accounts, saved views, and what is done with several at once."""

import re
from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, example

from crm_chassis import ids

pytestmark = pytest.mark.integration
AWAY = (503, {"detail": "away"})


@pytest.fixture
def contact(stub: Stub) -> dict[str, Any]:
    found = example("contact")
    stub.answers["GET", "/v1/contacts"] = (200, {"items": [found], "next": "behind"})
    return found


def first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, pattern
    return match[1].replace("&amp;", "&")


class TestList:
    def test_asks_for_what_is_filtered_and_sorted(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        """Dates are days of the company's time zone: until includes its day."""
        site.sign_in().get(
            "/contacts?q=oka&lifecycle=customer&tag=vip&sort=name&created_since_day=2026-11-01"
            "&created_before_day=2026-11-02&owner_id=me&column=emails&column=nonsense"
        )

        asked = stub.query("/v1/contacts")
        assert ("oka", "customer", "vip", "name") == tuple(
            asked[name] for name in ("q", "lifecycle", "tag", "sort")
        )
        assert "2026-11-01T00:00:00+00:00" == asked["created_since"]
        assert "2026-11-03T00:00:00+00:00" == asked["created_before"]
        assert 36 == len(asked["owner_id"])
        assert f'href="/customers/{contact["id"]}"' in site.page
        assert 2 == site.page.count('scope="col"')

    def test_turns_pages_forth_and_back(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        site.sign_in().get("/contacts?tag=vip")
        second = first(r'rel="next" href="([^"]+)"', site.page)
        site.get(second)
        third = first(r'rel="next" href="([^"]+)"', site.page)
        site.get(third)
        back = first(r'rel="prev" href="([^"]+)"', site.page)
        site.get(back)

        assert ("behind", "vip") == tuple(stub.query("/v1/contacts")[k] for k in ("cursor", "tag"))
        site.get(first(r'rel="prev" href="([^"]+)"', site.page))
        assert "cursor" not in stub.query("/v1/contacts")
        assert 'rel="prev"' not in site.page

    def test_finds_the_account_that_is_named(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        account = example("account")
        stub.answers["GET", "/v1/accounts"] = (200, {"items": [account]})

        site.sign_in().get(f"/contacts?account={account['name'].lower()}")

        assert account["id"] == stub.query("/v1/contacts")["account_id"]

    def test_asks_which_of_several_accounts(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        both = [example("account") | {"id": str(ids.new()), "name": f"North {n}"} for n in "ab"]
        stub.answers["GET", "/v1/accounts"] = (200, {"items": both})

        site.sign_in().get("/contacts?account=North")

        assert "Several accounts are called like that" in site.page
        assert f"account_id={both[1]['id']}" in site.page

    @pytest.mark.parametrize("plural", ["contacts", "accounts"])
    def test_says_what_to_do_when_there_is_nothing(self, site: Site, plural: str) -> None:
        site.sign_in().get(f"/{plural}")
        assert f"No {plural} yet" in site.page

        site.get(f"/{plural}?q=zz")
        assert f"No {plural} like that" in site.page

    def test_survives_the_service_away(self, site: Site, stub: Stub) -> None:
        stub.answers["GET", "/v1/accounts"] = AWAY

        assert 200 == site.sign_in().get("/accounts").status_code
        assert "Accounts cannot be shown now." in site.page


class TestSavedViews:
    def save(self, site: Site, **values: Any) -> Any:
        given = {"how": "create", "name": "Mine", "tag": "vip", "column": ["name", "phones"]}
        return site.sign_in().send("/contacts/views", on="/contacts", **(given | values))

    def test_keeps_filter_order_and_columns(self, site: Site, stub: Stub) -> None:
        """U2, C1: a view is a tab; its address alone says everything."""
        view = self.save(site, sort="name").location

        site.get(view)

        asked = stub.query("/v1/contacts")
        assert ("vip", "name") == (asked["tag"], asked["sort"])
        assert 'value="phones" checked' in site.page
        assert re.search(r'aria-current="page">Mine', site.page)

    def test_is_changed_and_removed_by_its_owner(self, site: Site, stub: Stub) -> None:
        view = self.save(site).location
        view_id = view.partition("=")[2]

        site.send(
            "/contacts/views", on=view, how="change", view=view_id, version="1", name="Ours",
            shared="all", tag="gold",
        )  # fmt: skip
        site.get(view)
        assert "gold" == stub.query("/v1/contacts")["tag"]
        assert "Ours" in site.page

        stale = site.send(f"/contacts/views/{view_id}/removal", on=view, version="1")
        gone = site.send(f"/contacts/views/{view_id}/removal", on=view, version="2")

        assert (412, 303) == (stale.status_code, gone.status_code)
        site.get("/contacts")
        assert "Ours" not in site.page

    @pytest.mark.parametrize("name", ["", "mine"])
    def test_says_why_it_is_not_saved(self, site: Site, name: str) -> None:
        self.save(site)

        refused = self.save(site, name=name)

        assert refused.status_code in {409, 422}
        assert 'class="refusal"' in site.page


class TestBulk:
    def done(self, site: Site, contact: dict[str, Any], **values: Any) -> Any:
        return site.sign_in().send(
            "/contacts/bulk", on="/contacts", id=[contact["id"]], back="?tag=x", **values
        )

    def test_tags_at_the_version_there_is(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        result = {"status": 200, "id": contact["id"], "version": 4}
        stub.answers["POST", "/v1/contacts/batch"] = (207, {"items": [result]})

        self.done(site, contact, action="tag", tag="fair")

        (operation,) = stub.last("POST")[2]["operations"]
        assert ("update", contact["version"]) == (operation["op"], operation["version"])
        assert {"tags": [*contact["tags"], "fair"]} == operation["body"]
        assert "1 of 1 done" in site.page
        assert 'href="/contacts?tag=x"' in site.page

    def test_says_of_each_why_it_was_refused(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        refused = {"status": 412, "problem": {"detail": "stale"}}
        stub.answers["POST", "/v1/contacts/batch"] = (207, {"items": [refused]})

        self.done(site, contact, action="archive")

        assert "0 of 1 done" in site.page
        assert "Somebody changed this meanwhile" in site.page

    def test_sends_nothing_where_all_is_so_already(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        self.done(site, contact, action="tag", tag=contact["tags"][0])

        assert [] == [each for each in stub.asked if each[1].endswith("/batch")]
        assert "was so already" in site.page

    def test_exports_what_is_chosen(self, site: Site, stub: Stub, contact: dict[str, Any]) -> None:
        export = {"id": str(ids.new())}
        stub.answers["POST", "/v1/exports"] = (202, export)

        answer = self.done(site, contact, action="export")

        assert {"ids": contact["id"]} == stub.last("POST")[2]["filter"]
        assert answer.location.endswith(export["id"])

    @pytest.mark.parametrize("values", [{"action": "tag", "tag": ""}, {"action": "explode"}])
    def test_says_what_is_missing(
        self, site: Site, contact: dict[str, Any], values: dict[str, str]
    ) -> None:
        assert 422 == self.done(site, contact, **values).status_code
        assert 'class="refusal"' in site.page
