"""Files of people are forgotten in time; an undone import leaves nothing among the living."""

from datetime import timedelta
from typing import Any

import pytest
from services.contacts.tests.files import HEADER, finished, rows, upload
from sqlalchemy import text

from crm_contacts.commands.importing import forgetting

pytestmark = pytest.mark.integration
FILE = HEADER + "Ida,Ott,ida@i.example,Acme\nNo,Body,nowhere,Acme\n"
LATER = timedelta(days=31)


@pytest.fixture
def forget(doing):
    """`forget()` does what the clock does in a month."""

    def run() -> int:
        def work(session: Any, *, now: Any) -> int:
            later = now + LATER
            return forgetting.forget_old(session, before=later - timedelta(days=30), now=later)

        return int(doing(work))

    return run


def held(sessions: Any) -> int:
    """How many rows of files and parts of them are kept."""
    with sessions() as session:
        tables = ("import_row", "import_key", "import_account", "stored_part")
        return sum(session.scalar(text(f"select count(*) from {table}")) for table in tables)


class TestForgetting:
    def test_deletes_file_and_rows_but_knows_them_again(self, api, sessions, forget, facts):
        file = finished(api, sessions, upload(api, FILE))
        path = f"/v1/imports/{file['id']}"
        assert (file["status"], file["forgotten_at"], held(sessions) > 0) == (
            "completed",
            None,
            True,
        )

        assert [forget(), forget()] == [1, 0]

        assert held(sessions) == 0
        found = api.get(path).json
        assert found["forgotten_at"]
        assert (rows(api, file["id"]), facts()[-1]) == ([], "import.updated")
        assert api.post(f"{path}/revert", {}).status_code == 409
        again = finished(api, sessions, upload(api, FILE))
        assert again["counts"].get("created", 0) == 0

    def test_takes_written_exports_along(self, api, calling, sessions, forget):
        admin = calling("admin")
        finished(api, sessions, upload(api, FILE))
        export = finished(admin, sessions, admin.post("/v1/exports", {"format": "csv"}))
        assert admin.get(f"/v1/exports/{export['id']}/file").status_code == 200

        forget()

        assert admin.get(f"/v1/exports/{export['id']}/file").status_code == 409
        assert held(sessions) == 0

    def test_leaves_alone_what_is_under_way(self, api, sessions, forget):
        upload(api, FILE)

        assert forget() == 0
        assert held(sessions) > 0


class TestUndoing:
    def test_leaves_no_pair_on_the_queue(self, api, sessions):
        api.made("/v1/contacts", first_name="Ida", last_name="Ott", birthday="1970-04-01",
                 phones=[{"value": "+442079460958"}])  # fmt: skip
        twin = "First Name,Last Name,Birthday,Phone\nIda,Ott,1970-04-01,+44 20 7946 0958\n"
        answer = upload(api, twin, duplicates="create")
        file = finished(api, sessions, answer)
        api.post("/v1/duplicates/scan", {})
        finished_jobs(sessions)
        assert len(api.get("/v1/duplicates").json["items"]) == 1

        finished(api, sessions, api.post(f"/v1/imports/{file['id']}/revert", {}))

        assert api.get("/v1/duplicates").json["items"] == []
        assert [each["last_name"] for each in api.get("/v1/contacts").json["items"]] == ["Ott"]


def finished_jobs(sessions: Any) -> None:
    from services.contacts.tests.files import WORKS

    from crm_contacts.commands import jobs

    jobs.run(sessions, kinds=WORKS)
