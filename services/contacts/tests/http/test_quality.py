"""/v1/quality-audits, and the quality of single records."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from services.contacts.tests.files import WORKS
from sqlalchemy import text

from crm_chassis import clock, ids
from crm_contacts.commands import jobs, quality

pytestmark = pytest.mark.integration
WHOLE: dict[str, Any] = {
    "first_name": "Lena",
    "last_name": "Ott",
    "emails": [{"value": "lena@a.example"}],
    "phones": [{"value": "+442079460958"}],
    "job_title": "Buyer",
}


@pytest.fixture
def acme(api):
    return api.made(
        "/v1/accounts", name="Acme", domain="acme.example", industry="steel", size_band="11-50"
    )


@pytest.fixture
def lena(api, acme):
    return api.made("/v1/contacts", **WHOLE, account_id=acme["id"])


@pytest.fixture
def audit(api, sessions):
    """`audit()` asks for one, runs it and returns it."""

    def run(**body: Any) -> Any:
        asked = api.post("/v1/quality-audits", body)
        assert asked.status_code == 202, asked.text
        while api.get(asked.headers["Location"]).json["status"] not in {"done", "failed"}:
            jobs.run(sessions, kinds=WORKS)
        return api.get(f"/v1/quality-audits/{asked.json['id']}").json

    return run


def reasons(api: Any, path: str) -> set[str]:
    return {each["reason"] for each in api.get(f"{path}/quality").json["reasons"]}


class TestOneRecord:
    def test_a_whole_one_has_nothing_to_fix(self, api, acme, lena):
        for path in (f"/v1/contacts/{lena['id']}", f"/v1/accounts/{acme['id']}"):
            assert api.get(f"{path}/quality").json == {
                "score": 100, "completeness": 100, "validity": 100, "freshness": 100, "reasons": [],
            }  # fmt: skip

    def test_says_what_is_missing_and_what_cannot_be_right(self, api, sessions):
        made = api.made(
            "/v1/contacts", first_name="Lena", phones=[{"value": "030 123"}],
            emails=[{"value": "x@a.example"}], owner_id=None,
        )  # fmt: skip
        with sessions() as session, session.begin():
            session.execute(text("update contact_point set deliverability = 'invalid'"))

        found = api.get(f"/v1/contacts/{made['id']}/quality").json

        assert [each["reason"] for each in found["reasons"]] == [
            "email-does-not-work", "no-name", "no-account", "no-owner", "phone-without-country",
            "no-job-title",
        ]  # fmt: skip
        assert (found["score"], found["completeness"], found["validity"]) == (52, 47, 42)

    def test_double_and_forgotten_ones_are_named(self, api, lena, acme, sessions):
        api.made("/v1/contacts", first_name="Lena", last_name="Ott", phones=WHOLE["phones"])
        api.made("/v1/accounts", name="ACME GmbH")
        api.patch(f"/v1/accounts/{acme['id']}", {"renewal_date": "2020-01-01"}, 1)
        with sessions() as session, session.begin():
            for table in ("contact", "account"):
                session.execute(text(f"update {table} set updated_at = now() - interval '2 years'"))

        path = f"/v1/contacts/{lena['id']}"
        assert reasons(api, path) == {"may-be-double", "nothing-new"}
        assert reasons(api, f"/v1/accounts/{acme['id']}") == {
            "same-name", "renewal-passed", "nothing-new",
        }  # fmt: skip
        subject = {"type": "contact", "id": lena["id"]}
        called = {"type": "call", "at": clock.now().isoformat(), "subjects": [subject]}
        api.made("/v1/interactions", **called)
        assert reasons(api, path) == {"may-be-double"}


class TestAudits:
    def test_list_what_to_fix_and_why(self, api, audit, lena, facts):
        bare = api.made("/v1/contacts", last_name="=Ott", emails=[{"value": "o@b.example"}])
        gone = api.made("/v1/contacts", last_name="Gone")
        api.delete(f"/v1/contacts/{gone['id']}", 1)

        found = audit()

        assert found["checked"] == {"contact": 2, "account": 1}
        assert found["findings"] == {
            "contact.no-account": 1, "contact.no-job-title": 1, "contact.no-name": 1,
            "contact.no-phone": 1,
        }  # fmt: skip
        assert found["scores"]["account"]["score"] == 100
        assert found["scores"]["contact"]["score"] == round((100 + 74) / 2)
        assert facts()[-1] in {"quality_audit.completed", "job.finished"}
        path = f"/v1/quality-audits/{found['id']}/findings"
        listed = api.get(f"{path}?reason=no-phone").json["items"]
        assert [(each["record_id"], each["name"]) for each in listed] == [(bare["id"], "=Ott")]
        rows = list(csv.DictReader(io.StringIO(api.get(f"{path}/file?kind=contact").text)))
        assert len(rows) == 4
        assert {each["name"] for each in rows} == {"'=Ott"}
        assert api.get(f"{path}?reason=no-luck").status_code == 422

    def test_are_read_a_page_at_a_time(self, api, audit):
        for number in range(5):
            api.made("/v1/contacts", last_name=f"Nobody {number}")
        path = f"/v1/quality-audits/{audit()['id']}/findings?reason=no-email&limit=2"

        seen, cursor = [], "0"
        while cursor:
            page = api.get(f"{path}&cursor={cursor}").json
            seen += [each["name"] for each in page["items"]]
            cursor = page["next"]

        assert seen == [f"Nobody {number}" for number in range(5)]

    def test_go_through_everybody_in_steps(self, api, audit, monkeypatch):
        monkeypatch.setattr(quality, "AT_ONCE", 3)
        for number in range(7):
            api.made("/v1/contacts", last_name=f"Nobody {number}")

        found = audit()

        assert (found["checked"]["contact"], found["findings"]["contact.no-email"]) == (7, 7)
        teams = api.get(f"/v1/quality-audits/{found['id']}/teams").json["items"]
        assert [(each["kind"], each["records"]) for each in teams] == [("contact", 7)]

    def test_count_for_the_team_of_the_record_or_of_its_owner(self, api, audit, sessions):
        mine, theirs, owner = (str(ids.new()) for _ in range(3))
        with sessions() as session, session.begin():
            session.execute(
                text("insert into user_copy (id, version, team_id) values (:id, 1, :team)"),
                {"id": owner, "team": theirs},
            )
        api.made("/v1/contacts", **WHOLE, team_id=mine)
        api.made("/v1/contacts", last_name="Bare", owner_id=owner)

        teams = api.get(f"/v1/quality-audits/{audit()['id']}/teams").json["items"]

        scores = {each["team_id"]: each["score"] for each in teams}
        assert scores == {mine: 94, theirs: 58}

    def test_do_not_tell_of_what_is_not_for_the_caller(self, api, audit, calling):
        api.made("/v1/contacts", last_name="Secret", visibility="private")
        path = f"/v1/quality-audits/{audit()['id']}/findings"
        other = calling("member", user_id=ids.new(), team_ids=())

        assert api.get(path).json["items"]
        assert other.get(path).json["items"] == []
        assert "Secret" not in other.get(f"{path}/file").text

    def test_come_by_themselves_once_a_day(self, api, doing):
        doing(quality.audit_daily)
        doing(quality.audit_daily)
        assert len(api.get("/v1/quality-audits").json["items"]) == 1

        def tomorrow(session: Any, *, now: Any) -> None:
            quality.audit_daily(session, now=now + timedelta(days=1))

        doing(tomorrow)
        assert len(api.get("/v1/quality-audits").json["items"]) == 2

    def test_only_the_findings_of_the_last_three_are_kept(self, api, audit):
        api.made("/v1/contacts", last_name="Bare")
        audits = [audit()["id"] for _ in range(4)]

        found = [api.get(f"/v1/quality-audits/{each}/findings").json["items"] for each in audits]

        assert [bool(each) for each in found] == [False, True, True, True]


class TestWeights:
    def test_an_admin_says_what_counts(self, api, calling, audit):
        made = api.made("/v1/contacts", last_name="Bare", first_name="Bea")
        admin = calling("admin")
        off = {"contact": {"no-email": 0, "no-phone": 0, "no-account": 0, "no-job-title": 0}}

        assert api.put("/v1/quality-audits/weights", body={"weights": off}).status_code == 403
        set_ = admin.put("/v1/quality-audits/weights", body={"weights": off})

        assert (set_.json["weights"]["contact"]["no-email"], set_.status_code) == (0, 200)
        assert set_.json["weights"]["account"]["no-domain"] == 15
        assert api.get(f"/v1/contacts/{made['id']}/quality").json["score"] == 100
        assert audit()["findings"] == {}

    @pytest.mark.parametrize(
        "wrong", [{"contact": {"no-luck": 1}}, {"deal": {}}, {"contact": {"no-email": -1}}]
    )
    def test_of_what_is_no_rule_is_refused(self, calling, wrong):
        answer = calling("admin").put("/v1/quality-audits/weights", body={"weights": wrong})

        assert answer.status_code == 422
