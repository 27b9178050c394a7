"""/v1/mails: what came back retires addresses."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from crm_chassis import clock

pytestmark = pytest.mark.integration
MAILS = Path(__file__).parents[4] / "libs/bounces/tests/mails"
LENA = {
    "first_name": "Lena",
    "emails": [{"value": "lena@receiver.example"}, {"value": "lena@home.example"}],
}


def mail(name, *, message_id=None):
    content = (MAILS / f"{name}.eml").read_bytes()
    head = f"Message-ID: <{message_id}>\n".encode() if message_id else b""
    return {"content": base64.b64encode(head + content).decode()}


def emails(api, contact):
    found = api.get(f"/v1/contacts/{contact['id']}").json["emails"]
    return {each["value"]: (each["deliverability"], each["primary"]) for each in found}


class TestHardBounce:
    def test_retires_the_address_moves_the_primary_and_makes_a_task(self, api, facts):
        lena = api.made("/v1/contacts", **LENA)

        answer = api.post("/v1/mails", mail("hard-postfix"))

        assert (201, "bounce:hard") == (answer.status_code, answer.json["outcome"])
        assert [{"type": "contact", "id": lena["id"]}] == answer.json["subjects"]
        assert {
            "lena@receiver.example": ("invalid", False),
            "lena@home.example": ("unknown", True),
        } == emails(api, lena)
        [task] = api.get("/v1/tasks").json["items"]
        assert (lena["owner_id"], "Find a working e-mail address of Lena") == (
            task["assignee_id"],
            task["title"],
        )
        assert {
            *("contact_point.invalidated", "contact.updated", "task.created"),
            "interaction.logged",
        } == set(facts()[1:])

    def test_counts_once(self, api, facts):
        api.made("/v1/contacts", **LENA)
        first = api.post("/v1/mails", mail("hard-postfix"))
        before = facts()

        again = api.post("/v1/mails", mail("hard-postfix"))
        later = api.post("/v1/mails", mail("hard-exim"))

        assert first.json["id"] == again.json["id"]
        assert "bounce:hard" == later.json["outcome"]
        assert facts() == [*before, "interaction.logged"]

    def test_keeps_a_primary_that_nothing_can_replace(self, api):
        lena = api.made("/v1/contacts", **LENA | {"emails": LENA["emails"][:1]})

        api.post("/v1/mails", mail("hard-qmail"))

        assert {"lena@receiver.example": ("invalid", True)} == emails(api, lena)

    def test_judges_several_recipients_one_by_one(self, api):
        lena = api.made("/v1/contacts", **LENA)
        karl = api.made(
            "/v1/contacts", first_name="Karl", emails=[{"value": "karl@receiver.example"}]
        )

        api.post("/v1/mails", mail("hard-several"))

        assert "invalid" == emails(api, lena)["lena@receiver.example"][0]
        assert {"karl@receiver.example": ("soft", True)} == emails(api, karl)

    def test_is_forgotten_when_somebody_corrects_it(self, api, facts):
        lena = api.made("/v1/contacts", **LENA)
        api.post("/v1/mails", mail("hard-postfix"))

        path = f"/v1/contacts/{lena['id']}/correction"
        answer = api.put(path, body={"email": "lena@receiver.example"})

        assert "unknown" == answer.json["emails"][0]["deliverability"]
        assert "contact_point.corrected" in facts()


class TestSoftBounce:
    def test_retires_at_the_third_over_72_hours(self, api, calling):
        lena = api.made("/v1/contacts", **LENA)
        seen = []

        for hours in (0, 1, 71, 73):
            with time_machine.travel(clock.now() + timedelta(hours=hours), tick=True):
                later = calling("member")  # the first token has expired by then
                later.post("/v1/mails", mail("soft-full", message_id=f"m{hours}@x"))
            seen.append(emails(api, lena)["lena@receiver.example"][0])

        assert ["soft", "soft", "soft", "invalid"] == seen

    def test_is_forgotten_when_the_person_writes(self, api, facts):
        lena = api.made("/v1/contacts", **LENA)
        api.post("/v1/mails", mail("soft-full"))

        received = api.post("/v1/mails", mail("none-greeting"))

        assert "received" == received.json["outcome"]
        assert "ok" == emails(api, lena)["lena@receiver.example"][0]
        assert "contact_point.verified" in facts()


class TestOtherMail:
    @pytest.mark.parametrize("name", ["policy-spam", "none-delivered", "none-vacation-daemon"])
    def test_retires_nobody(self, api, name):
        lena = api.made("/v1/contacts", **LENA)

        api.post("/v1/mails", mail(name))

        assert emails(api, lena)["lena@receiver.example"][0] in {"unknown", "ok"}

    def test_a_complaint_stops_mailings(self, api):
        lena = api.made("/v1/contacts", **LENA)

        answer = api.post("/v1/mails", mail("none-complaint-report"))

        assert "complaint" == answer.json["outcome"]
        assert ("complained", False) == emails(api, lena)["lena@receiver.example"]
        (said,) = api.get(f"/v1/contacts/{lena['id']}/consents").json["items"]
        assert ("withdrawn", "complaint") == (said["status"], said["evidence"]["form_id"])
        shown = api.get(f"/v1/contacts/{lena['id']}").json["emails"]
        assert {True} == {each["opted_out"] for each in shown}

    def test_of_strangers_keeps_no_subject(self, api):
        answer = api.post("/v1/mails", mail("none-greeting"))

        assert (None, []) == (answer.json["subject"], answer.json["subjects"])

    def test_must_be_base64(self, api):
        assert 422 == api.post("/v1/mails", {"content": "ü"}).status_code


def letter(sender, *, to="sales@ours.example", message_id="m@letters.example", **fields):
    lines = [f"From: {sender}", f"To: {to}", f"Message-ID: <{message_id}>", "Subject: Pumps"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    content = "\n".join(
        [*lines, "", "When do they come?", "", "On Monday, Karl wrote:", "> Soon.", ""]
    )
    return {"content": base64.b64encode(content.encode()).decode()}


CREATE = {"strangers": "create", "own_domains": ["ours.example", "https://www.Ours.example/"]}


class TestCorrespondence:
    @pytest.fixture
    def creating(self, calling):
        answer = calling("admin").put("/v1/mails/policy", body=CREATE)
        assert 200 == answer.status_code, answer.json["errors"]
        assert ["ours.example"] == answer.json["own_domains"]

    def test_of_strangers_is_logged_and_no_more(self, api):
        logged = api.post("/v1/mails", letter("Ann Ott <ann@acme.example>")).json

        assert ("received", [], None, None) == (
            logged["outcome"], logged["subjects"], logged["subject"], logged["summary"],
        )  # fmt: skip
        assert [] == api.get("/v1/contacts").json["items"]

    def test_makes_strangers_contacts_where_the_policy_says_so(self, api, creating):
        first = api.post("/v1/mails", letter("Ann Ott <ann@acme-tools.co.uk>")).json
        second = api.post("/v1/mails", letter("bea@acme-tools.co.uk", message_id="n@b")).json

        ann, bea = (
            api.get(f"/v1/contacts/{each['subjects'][0]['id']}").json for each in (first, second)
        )
        assert ("Ann", "Ott", "mail") == (ann["first_name"], ann["last_name"], ann["source"])
        assert ann["account_id"] == bea["account_id"]
        account = api.get(f"/v1/accounts/{ann['account_id']}").json
        assert ("Acme Tools", "acme-tools.co.uk") == (account["name"], account["domain"])
        assert ("Pumps", "When do they come?") == (first["subject"], first["summary"])

    def test_with_a_mail_host_for_everybody_makes_no_company(self, api, creating):
        logged = api.post("/v1/mails", letter("ann@gmail.com")).json

        contact = api.get(f"/v1/contacts/{logged['subjects'][0]['id']}").json
        assert contact["account_id"] is None

    def test_from_us_is_kept_with_those_it_is_to(self, api, creating):
        ann = api.made("/v1/contacts", first_name="Ann", emails=[{"value": "ann@acme.example"}])

        logged = api.post(
            "/v1/mails",
            letter(
                "Karl <karl@ours.example>", to="ann@acme.example, info@ours.example", Cc="b@x.de"
            ),
        ).json

        assert ("out", "sent") == (logged["direction"], logged["outcome"])
        assert ann["id"] == logged["subjects"][0]["id"]
        assert 2 == len(logged["subjects"])

    def test_finds_addresses_in_a_field_written_as_it_should_not_be(self, api, creating):
        logged = api.post(
            "/v1/mails", letter('"Ott, Ann" ann@acme.example, <ann@acme.example')
        ).json

        [subject] = logged["subjects"]
        [email] = api.get(f"/v1/contacts/{subject['id']}").json["emails"]
        assert "ann@acme.example" == email["value"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"Auto_Submitted": "auto-generated"},
            {"List_Unsubscribe": "<https://x>"},
            {"Precedence": "bulk"},
        ],
    )
    def test_of_machines_makes_nobody_a_contact(self, api, creating, fields):
        api.post("/v1/mails", letter("ann@acme.example", **fields))

        assert [] == api.get("/v1/contacts").json["items"]

    def test_of_somebody_who_may_be_there_is_refused_where_the_rule_blocks(
        self, api, calling, creating
    ):
        known = {
            "first_name": "Rosalind",
            "last_name": "Okafor",
            "emails": [{"value": "r.o@acme.example"}],
        }
        api.made("/v1/contacts", **known)
        calling("admin").put("/v1/duplicates/policy", body={"rule": "block", "review": 4})

        logged = api.post("/v1/mails", letter("Rosalind Okafor <ro@acme.example>")).json

        assert [] == logged["subjects"]
        assert 1 == len(api.get("/v1/contacts").json["items"])

    def test_of_somebody_the_rules_do_not_allow_makes_nobody_a_contact(self, api, admin, creating):
        rule = {"object": "contact", "name": "N", "message": "M", "require": ["phone"]}
        admin.made("/v1/validation-rules", **rule)

        answer = api.post("/v1/mails", letter("Rosa Klein <rosa@klein.example>"))

        assert (201, []) == (answer.status_code, answer.json["subjects"])
        assert [] == api.get("/v1/contacts").json["items"]

    def test_policy_is_an_admins(self, api):
        assert 403 == api.put("/v1/mails/policy", body=CREATE).status_code

    @pytest.mark.parametrize("wrong", [{"strangers": "maybe"}, {"companies": "perhaps"}])
    def test_policy_names_what_is_wrong(self, calling, wrong):
        answer = calling("admin").put("/v1/mails/policy", body=CREATE | wrong)

        assert (422, set(wrong)) == (answer.status_code, set(answer.json["errors"]))


class TestPolicyBounce:
    def test_alerts_the_postmaster_once_a_day(self, api):
        api.post("/v1/mails", mail("policy-blocklist"))
        api.post("/v1/mails", mail("policy-dmarc", message_id="other@x"))

        [task] = api.get("/v1/tasks").json["items"]
        assert ("postmaster", "high") == (task["department"], task["priority"])
