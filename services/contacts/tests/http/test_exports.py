"""People in files: who may take them out, what is in them, and that they are safe to open."""

import csv
import io
from typing import Any

import pytest
from services.contacts.tests.conftest import ANNA, Caller
from services.contacts.tests.files import finished
from sqlalchemy import text

pytestmark = pytest.mark.integration


@pytest.fixture
def admin(calling: Any) -> Caller:
    return calling("admin")


@pytest.fixture
def exported(admin: Caller, sessions: Any) -> Any:
    """`exported("csv", lifecycle="lead")` returns the text of the file."""

    def export(format_: str, **filters: str) -> str:
        answer = admin.post("/v1/exports", {"format": format_, "filter": filters})
        done = finished(admin, sessions, answer)
        assert "done" == done["status"]
        got = admin.get(f"/v1/exports/{done['id']}/file")
        assert done["size"] == len(got.data) == int(got.headers["Content-Length"])
        return str(got.data.decode("utf-8-sig"))

    return export


def table(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content)))


def test_holds_what_the_filter_chooses(admin, exported, facts, own_field):
    own_field("size", "number")
    account = admin.made("/v1/accounts", name="Engines")["id"]
    ada = admin.made(
        "/v1/contacts", first_name="Ada", lifecycle="customer", account_id=account,
        emails=[{"value": f"a{n}@a.example"} for n in range(6)], tags=["old", "press"],
        custom={"size": 38},
    )  # fmt: skip
    admin.made("/v1/contacts", first_name="Ben")

    [row] = table(exported("csv", lifecycle="customer"))

    assert (ada["id"], "Ada", "Engines", "old;press", "38") == (
        row["Rapport ID"], row["First Name"], row["Company"], row["Rapport tags"],
        row["Custom: size"],
    )  # fmt: skip
    assert "a3@a.example;a4@a.example;a5@a.example" == row["E-mail 4 - Value"]
    assert {"export.created": 1, "export.completed": 1} == {
        name: facts().count(name) for name in ("export.created", "export.completed")
    }


def test_is_no_formula(admin, exported):
    for name in ("=1+1", "+cmd", "-2", "@SUM(A1)"):
        admin.made("/v1/contacts", first_name=name)

    assert {"'=1+1", "'+cmd", "'-2", "'@SUM(A1)"} == {
        row["First Name"] for row in table(exported("csv"))
    }


def test_holds_more_than_a_page(admin, exported):
    for start in range(0, 1_200, 400):
        operations = [
            {"op": "create", "body": {"last_name": f"P{n}"}} for n in range(start, start + 400)
        ]
        admin.post("/v1/contacts/batch", {"operations": operations})

    assert 1_200 == len({row["Rapport ID"] for row in table(exported("csv"))})
    assert 1_200 == exported("vcard").count("BEGIN:VCARD\r\n")


def test_of_nobody_is_a_file_all_the_same(exported):
    assert [] == table(exported("csv"))
    assert "" == exported("vcard")


def test_only_an_admin_takes_people_out(api, calling, admin):
    assert 403 == api.post("/v1/exports", {"format": "csv"}).status_code
    made = admin.post("/v1/exports", {"format": "csv"}).json["id"]

    assert 403 == api.get(f"/v1/exports/{made}/file").status_code
    other = calling("member", user_id="01930000-0000-7000-8000-0000000000cc")
    assert 404 == other.get(f"/v1/exports/{made}").status_code


def test_waits_until_it_is_written(admin):
    made = admin.post("/v1/exports", {"format": "csv"}).json["id"]

    answer = admin.get(f"/v1/exports/{made}/file")

    assert (409, "export-not-ready") == (
        answer.status_code,
        answer.json["type"].rpartition("/")[2],
    )
    assert [made] == [each["id"] for each in admin.get("/v1/exports").json["items"]]


@pytest.mark.parametrize("body", [{}, {"format": "pdf"}, {"format": "csv", "filter": {"x": 1}}])
def test_refuses_what_it_cannot_write(admin, body):
    assert 422 == admin.post("/v1/exports", body).status_code


def test_fetching_the_file_is_in_the_audit_trail_before_it_leaves(admin, exported, sessions):
    file = exported("csv")

    with sessions() as session:
        rows = session.execute(
            text("select action, actor from audit where action = 'export.fetched'")
        ).all()

    assert file
    assert [("export.fetched", f"user:{ANNA}")] == [tuple(row) for row in rows]
