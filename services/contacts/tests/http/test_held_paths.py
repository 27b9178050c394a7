"""Fields and rules hold on the paths nobody types into: files, leads, others' facts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from services.contacts.tests.conftest import Caller
from services.contacts.tests.files import finished, upload
from sqlalchemy import text

from crm_contacts import reactions
from crm_contracts import sales, sample

pytestmark = pytest.mark.integration
Importing = Callable[..., Any]


@pytest.fixture
def importing(api: Caller, sessions: Any) -> Importing:
    """`importing(content, **settings)` imports a file to its end; look-alikes are no matter here."""

    def run(content: str, **options: Any) -> Any:
        return finished(api, sessions, upload(api, content, duplicates="create", **options))

    return run


@pytest.fixture
def rule(admin: Caller) -> Callable[..., Any]:
    def have(**more: Any) -> Any:
        body = {"object": "contact", "name": "N", "message": "Not like this.", **more}
        return admin.made("/v1/validation-rules", **body)

    return have


def reasons(api: Caller, done: Any) -> list[list[str]]:
    found = api.get(f"/v1/imports/{done['id']}/rows?status=refused").json["items"]
    return [each["reasons"] for each in found]


def people(api: Caller) -> list[dict[str, Any]]:
    return api.get("/v1/contacts?limit=200&sort=created_at").json["items"]


class TestFiles:
    def test_read_values_by_type_and_dates_as_the_file_writes_them(
        self, api, importing, own_field
    ) -> None:
        own_field("size", "number", label="Shoe size")
        own_field("since", "date")
        own_field("grade", "enum", options=[{"value": "gold", "label": "Gold customer"}])
        done = importing(
            "First name,E-mail,Birthday,Shoe size,since,Grade\n"
            "Ada,a@a.example,13/04/1985,38,01/12/2020,gold CUSTOMER\n"
            "Bo,b@b.example,,large,,\nCy,c@c.example,,,31/02/2020,\nDi,d@d.example,,,,tin\n"
        )

        assert {"rows": 4, "created": 1, "refused": 3} == done["counts"]
        assert {"size": 38, "since": "2020-12-01", "grade": "gold"} == people(api)[0]["custom"]
        assert ["custom.size", "custom.since", "custom.grade"] == [
            why.partition(":")[0] for [why] in reasons(api, done)
        ]

    def test_take_over_no_column_that_is_no_field(self, api, importing, own_field) -> None:
        own_field("size", "number")
        columns = {"Custom: size": "38", "Custom: Colour": "red"}
        text_ = ",".join(["First name", *columns]) + "\n" + ",".join(["Ada", *columns.values()])

        done = importing(text_ + "\n")

        assert {"size": 38} == people(api)[0]["custom"]
        assert [None] == [c["field"] for c in done["columns"] if c["header"] == "Custom: Colour"]

    def test_are_refused_a_mapping_to_no_field(self, api, sessions) -> None:
        answer = upload(api, "First name,X\nAda,1\n", mapping={"X": "custom.nothing"})

        assert (422, ["mapping"]) == (answer.status_code, list(answer.json["errors"]))

    def test_keep_what_must_be_unique(self, api, importing, own_field) -> None:
        own_field("badge", unique=True)
        api.made("/v1/contacts", first_name="Zoe", custom={"badge": "7"})

        done = importing(
            "First name,E-mail,badge\nAda,a@a.example,8\nBo,b@b.example,8\nCy,c@c.example,7\n"
        )

        assert {"rows": 3, "created": 1, "refused": 2} == done["counts"]
        assert [["custom.badge: taken by another contact"]] * 2 == reasons(api, done)

    def test_are_judged_by_the_rules_new_or_changed(self, api, importing, rule) -> None:
        api.made("/v1/contacts", first_name="Ada", emails=[{"value": "a@a.example"}])
        rule(require=["phone"])

        done = importing(
            "First name,E-mail,Phone,Department\nAda,a@a.example,,Law\nAda,a@a.example,,Tax\n"
            "Bo,b@b.example,,\nCy,c@c.example,+442079460018,\n", mode="upsert",
        )  # fmt: skip

        assert {"rows": 4, "created": 1, "refused": 3} == done["counts"]
        assert [["phone: Not like this."]] * 3 == reasons(api, done)

    def test_note_what_they_were_warned_of(self, api, admin, importing, rule) -> None:
        made = rule(require=["phone"], severity="warn")

        importing("First name,E-mail\nAda,a@a.example\nBo,b@b.example\n")

        assert 2 == len(admin.get(f"/v1/rule-breaches?rule_id={made['id']}").json["items"])

    def test_make_no_company_the_rules_do_not_allow(
        self, api, admin, importing, rule, own_field
    ) -> None:
        rule(object="account", require=["domain"])
        admin.made("/v1/naming-rules", name="N", severity="correct", legal_suffix={"Ltd": ["ltd."]})

        done = importing(
            "First name,E-mail,Company,Website\nAda,a@a.example,Pumps ltd.,\nBo,b@b.example,,\n"
        )

        assert {"rows": 2, "created": 1, "refused": 1} == done["counts"]
        assert [["company domain: Not like this."]] == reasons(api, done)

    def test_are_undone_whole(self, api, importing, sessions, own_field) -> None:
        own_field("size", "number")
        own_field("iban", sensitive=True)
        ada = api.made(
            "/v1/contacts", first_name="Ada", emails=[{"value": "a@a.example"}],
            custom={"size": 38, "iban": "DE1"},
        )  # fmt: skip
        path = f"/v1/contacts/{ada['id']}"
        done = importing("First name,E-mail,size,iban\nAda,a@a.example,40,DE2\n", mode="upsert")
        assert {"iban": "DE2"} == api.get(f"{path}/sensitive").json["custom"]

        finished(api, sessions, api.delete(f"/v1/imports/{done['id']}", done["version"]))

        assert ada["custom"] == api.get(path).json["custom"]
        assert {"iban": "DE1"} == api.get(f"{path}/sensitive").json["custom"]


class TestLeads:
    FACT = sample(sales.LeadConversionRequested)

    @pytest.mark.parametrize("held", ["contact", "account"])
    def test_against_the_rules_are_refused_and_leave_nothing(
        self, doing, sessions, facts, rule, held
    ) -> None:
        rule(object=held, require=["lifecycle"], forbid=None)
        rule(object=held, require=["owner_id", "team_id"])

        doing(reactions.lead_conversion_requested, self.FACT)

        with sessions() as session:
            reason = session.scalar(text("select reason from lead_conversion"))
            kept = session.scalar(text("select count(*) from rule_breach"))
        assert (f"rules-broken: {held}.team_id", 0) == (reason, kept)
        assert ["lead_conversion.refused"] == facts()[2:]

    def test_are_converted_with_names_written_right(self, api, admin, doing) -> None:
        admin.made("/v1/naming-rules", name="N", casing="upper", severity="correct")

        doing(reactions.lead_conversion_requested, self.FACT)

        [account] = api.get("/v1/accounts").json["items"]
        assert self.FACT.record.company.upper() == account["name"]


def test_a_deal_won_is_not_refused_but_noted(api, admin, doing, rule) -> None:
    ada = api.made("/v1/contacts", first_name="Ada")
    made = rule(when={"field": "lifecycle", "op": "eq", "value": "customer"}, require=["phone"])
    fact = sample(sales.DealWon)
    record = replace(fact.record, primary_contact_id=ada["id"], account_id=None)

    doing(reactions.deal_won, replace(fact, record=record))

    assert "customer" == api.get(f"/v1/contacts/{ada['id']}").json["lifecycle"]
    [noted] = admin.get(f"/v1/rule-breaches?record_id={ada['id']}").json["items"]
    assert (made["id"], "phone") == (noted["rule_id"], noted["field"])


def test_an_option_is_never_taken_away_under_a_write_that_uses_it(calling, own_field) -> None:
    options = [{"value": "gold"}, {"value": "tin"}]
    field = own_field("grade", "enum", options=options)
    path = f"/v1/fields/{field['id']}"

    def write(number: int) -> int:
        body = {"first_name": str(number), "custom": {"grade": "gold"}}
        return int(calling("member").post("/v1/contacts", body).status_code)

    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(write, number) for number in range(6)]
        taken = pool.submit(
            lambda: calling("admin").patch(path, {"options": options[1:]}, 1).status_code
        )
        statuses = [each.result() for each in writes]

    used = calling("member").get("/v1/contacts?limit=200").json["items"]
    assert set(statuses) <= {201, 422}
    assert statuses.count(201) == len(used)
    assert (taken.result() == 200) is (not used)
