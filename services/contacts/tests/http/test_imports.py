"""Files of people: taken in, foreseen, taken over, undone."""

import csv
import io
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from services.contacts.tests.conftest import Caller
from services.contacts.tests.files import HEADER, finished, rows, upload
from sqlalchemy import text

pytestmark = pytest.mark.integration
THREE = (
    HEADER + "Ada,Lovelace,ada@engines.example,Analytical Engines\n"
    "Grace,Hopper,grace@navy.example,US Navy\n"
    "Boss,,not an address,Nowhere\n"
)
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Hopper;Grace\r\nEMAIL:grace@navy.example\r\nUID:7\r\nEND:VCARD\r\n"
Importing = Callable[..., Any]


@pytest.fixture
def importing(api: Caller, sessions: Any) -> Importing:
    """`importing(content, **settings)` imports a file to its end and returns the import."""

    def run(content: str | bytes, caller: Any = None, **options: Any) -> Any:
        who = caller or api
        return finished(who, sessions, upload(who, content, **options))

    return run


def contacts(api: Caller, query: str = "") -> list[dict[str, Any]]:
    return api.get(f"/v1/contacts?limit=200&sort=created_at{query}").json["items"]


class TestTakingOver:
    def test_creates_contacts_with_their_accounts(self, api, importing, facts):
        done = importing(THREE)

        assert "completed" == done["status"]
        assert {"rows": 3, "created": 2, "refused": 1} == done["counts"]
        ada, grace = sorted(contacts(api), key=lambda each: each["first_name"])
        assert ("Ada", "Lovelace", "import") == (ada["first_name"], ada["last_name"], ada["source"])
        assert "ada@engines.example" == ada["emails"][0]["value"]
        account = api.get(f"/v1/accounts/{grace['account_id']}").json
        assert "US Navy" == account["name"]
        assert {"import.created": 1, "import.completed": 1, "contact.created": 2} == {
            name: facts().count(name)
            for name in ("import.created", "import.completed", "contact.created")
        }

    def test_writes_history_as_an_import_of_whoever_asked(self, api, importing):
        importing(THREE)

        history = api.get(f"/v1/contacts/{contacts(api)[0]['id']}/history").json["items"]

        assert [("import", 1)] == [(each["source"], each["version"]) for each in history]
        assert history[0]["actor"].startswith("user:")

    def test_tells_its_facts_behind_those_of_people(self, importing, sessions):
        importing(THREE)

        with sessions() as session:
            told = session.execute(
                text(
                    "select bulk, count(*) from outbox where type ~ '^contacts[.](contact|account)[.]' group by 1"
                )
            ).all()
        assert [True] == [row.bulk for row in told]

    def test_of_the_same_file_again_creates_nothing(self, api, importing):
        nameless = "First Name,Last Name,Phone\nKarl,Ott,+49 30 123456\nKarla,Ott,\n"
        importing(THREE)
        importing(nameless)

        again, still = importing(THREE), importing(nameless)

        assert {"rows": 3, "duplicate": 2, "refused": 1} == again["counts"]
        assert {"rows": 2, "duplicate": 2} == still["counts"]
        assert 4 == len(contacts(api))

    def test_knows_the_records_of_another_system_by_their_ids(self, api, importing):
        first = "Record ID,First Name,Last Name,Email,Lifecycle Stage\n"
        importing(first + "51,Ada,Byron,ada@byron.example,lead\n")

        done = importing(first + "51,Ada,Lovelace,ada@l.example,customer\n", mode="upsert")

        assert ("hubspot", {"rows": 1, "updated": 1}) == (done["system"], done["counts"])
        [ada] = contacts(api)
        assert ("Lovelace", "customer") == (ada["last_name"], ada["lifecycle"])
        assert ["ada@byron.example", "ada@l.example"] == [each["value"] for each in ada["emails"]]

    def test_knows_who_was_absorbed_as_the_survivor(self, api, importing):
        first, second = (api.made("/v1/contacts", first_name=name) for name in ("Ada", "Aida"))
        body = {"absorbed_ids": [second["id"]]}
        merged = api.post(f"/v1/contacts/{first['id']}/merge", body, If_Match='"1"')
        assert merged.status_code < 300, merged.text

        done = importing(f"Rapport ID,First Name,Job Title\n{second['id']},Ada,Countess\n",
                         mode="upsert")  # fmt: skip

        assert {"rows": 1, "updated": 1} == done["counts"]
        assert ["Countess"] == [each["job_title"] for each in contacts(api)]

    def test_one_person_on_several_lines_is_one_contact(self, api, importing):
        twice = HEADER + "Ada,Lovelace,ada@a.example,\nAda,L.,ada@a.example,Engines\n"

        assert {"rows": 2, "created": 1, "duplicate": 1} == importing(twice)["counts"]
        assert {"rows": 2, "unchanged": 1, "updated": 1} == importing(twice, mode="upsert")[
            "counts"
        ]
        [ada] = contacts(api)
        assert "L." == ada["last_name"]
        assert ada["account_id"]

    def test_joins_lines_of_one_newcomer(self, api, importing):
        lines = "Name,Email,Phone\nAda Byron,a@a.example,\nAda Byron,a@a.example,+442079460018\n"

        assert {"rows": 2, "created": 1, "updated": 1} == importing(lines, mode="upsert")["counts"]
        [ada] = contacts(api)
        assert ["+442079460018"] == [each["value"] for each in ada["phones"]]
        assert 1 == ada["version"]

    def test_reads_cards(self, api, importing):
        done = importing(CARD.encode(), name="phone.vcf")

        assert ("vcard", {"rows": 1, "created": 1}) == (done["format"], done["counts"])
        assert {"rows": 1, "duplicate": 1} == importing(CARD.encode(), name="phone.vcf")["counts"]

    def test_more_than_a_set_is_all_there(self, api, importing):
        many = "".join(f"N{n},Person,n{n}@many.example,House {n % 7}\n" for n in range(2_300))

        done = importing(HEADER + many)

        assert {"rows": 2_300, "created": 2_300} == done["counts"]
        assert 7 == len(api.get("/v1/accounts?limit=200").json["items"])


class TestModes:
    def test_update_creates_nobody(self, api, importing):
        api.made("/v1/contacts", first_name="Ada", emails=[{"value": "ada@engines.example"}])

        done = importing(THREE, mode="update")

        assert {"rows": 3, "updated": 1, "refused": 2} == done["counts"]
        [ada] = contacts(api)
        assert "Lovelace" == ada["last_name"]
        assert ["no contact is known by its addresses or its id"] == rows(
            api, done["id"], status="refused"
        )[0]["reasons"]

    def test_create_leaves_who_is_there_as_they_are(self, api, importing):
        api.made("/v1/contacts", first_name="Ada", emails=[{"value": "ada@engines.example"}])

        done = importing(THREE, mode="create")

        assert {"rows": 3, "created": 1, "duplicate": 1, "refused": 1} == done["counts"]
        assert None in {each["last_name"] for each in contacts(api)}

    def test_a_row_of_two_contacts_is_refused(self, api, importing):
        for value in ("a@a.example", "b@b.example"):
            api.made("/v1/contacts", emails=[{"value": value}])

        done = importing("Name,Email,Email\nAda Byron,a@a.example,b@b.example\n", mode="upsert")

        assert {"rows": 1, "refused": 1} == done["counts"]

    def test_an_address_that_does_not_count_is_taken_all_the_same(self, api, importing):
        api.made("/v1/contacts", emails=[{"value": "ada@engines.example"}])

        done = importing(THREE, match_keys=["external_id"])

        assert {"rows": 3, "created": 1, "refused": 2} == done["counts"]

    def test_what_the_importer_may_not_see_is_not_changed(self, api, calling, importing):
        other = calling("member", user_id="01930000-0000-7000-8000-0000000000cc")
        other.made(
            "/v1/contacts", emails=[{"value": "ada@engines.example"}], visibility="private",
            owner_id="01930000-0000-7000-8000-0000000000cc",
        )  # fmt: skip

        done = importing(THREE, mode="upsert")

        assert {"rows": 3, "created": 1, "refused": 2} == done["counts"]


class TestLookAlikes:
    TWIN = "First Name,Last Name,Birthday\nRosalind,Franklin,1920-07-25\n"
    ROSA: ClassVar = {"first_name": "Rosalind", "last_name": "Franklin", "birthday": "1920-07-25"}

    @pytest.fixture
    def rule(self, calling: Any) -> Any:
        def set_rule(name: str) -> None:
            calling("admin").put("/v1/duplicates/policy", body={"rule": name})

        return set_rule

    def test_are_refused_where_the_policy_blocks(self, api, rule, importing):
        rosa = api.made("/v1/contacts", **self.ROSA)
        rule("block")

        done = importing(self.TWIN)

        assert {"rows": 1, "refused": 1} == done["counts"]
        assert rosa["id"] in rows(api, done["id"])[0]["reasons"][0]

    def test_of_the_same_file_are_refused_too(self, rule, importing):
        rule("block")

        done = importing(self.TWIN + "ROSALIND,Franklin,25.07.1920\n")

        assert {"rows": 2, "created": 1, "refused": 1} == done["counts"]

    def test_come_in_where_it_warns_and_wait_for_the_scan(self, api, importing):
        api.made("/v1/contacts", **self.ROSA)

        assert {"rows": 1, "created": 1} == importing(self.TWIN)["counts"]

    def test_are_the_same_where_somebody_says_so(self, api, importing):
        api.made("/v1/contacts", **self.ROSA)

        done = importing(self.TWIN.replace("\n", ",Job Title\n", 1).replace("-25\n", "-25,Dr\n"),
                         duplicates="update", mode="upsert")  # fmt: skip

        assert {"rows": 1, "updated": 1} == done["counts"]
        assert ["Dr"] == [each["job_title"] for each in contacts(api)]


class TestPreview:
    def test_says_what_rows_would_become_and_writes_nothing(self, api, importing):
        api.made("/v1/contacts", emails=[{"value": "ada@engines.example"}])

        seen = importing(THREE + "Ada,L,ada@engines.example,\n", preview=True)

        assert "ready" == seen["status"]
        assert {"rows": 4, "create": 1, "duplicate": 2, "refused": 1} == seen["counts"]
        found = rows(api, seen["id"])
        assert ["duplicate", "create", "refused", "duplicate"] == [e["status"] for e in found]
        assert "Grace" == found[1]["fields"]["first_name"]
        assert "US Navy" == found[1]["company"]
        assert 1 == len(contacts(api))

    def test_tells_encoding_separator_columns_and_order_of_dates(self, importing):
        content = "Vorname;Nachname;Geburtstag;Farbe\nZoë;Müller;13/04/1985;rot\n"

        seen = importing(content.encode("cp1252"), preview=True)

        assert ("cp1252", ";", "generic") == (seen["encoding"], seen["delimiter"], seen["system"])
        assert ["first_name", "last_name", "birthday", None] == [
            each["field"] for each in seen["columns"]
        ]
        assert ("day-month-year", "dates that read only one way") == (
            seen["date_order"],
            seen["date_order_because"],
        )

    def test_is_followed_by_a_start_with_another_mapping(self, api, sessions, importing, own_field):
        own_field("color")
        content = "Name,Birthday,Farbe\nAda Lovelace,03/04/1985,rot\n"
        seen = importing(content, preview=True)
        body = {"mapping": {"Farbe": "custom.color"}, "date_order": "month-day-year"}

        started = api.put(f"/v1/imports/{seen['id']}/start", seen["version"], body)
        done = finished(api, sessions, started)

        assert {"rows": 1, "created": 1} == done["counts"]
        [ada] = contacts(api)
        assert ({"color": "rot"}, "1985-03-04") == (ada["custom"], ada["birthday"])

    def test_starts_once_and_from_what_was_seen(self, api, sessions, importing):
        seen = importing(THREE, preview=True)
        path = f"/v1/imports/{seen['id']}/start"

        assert 428 == api.put(path, None, {}).status_code
        assert 412 == api.put(path, 99, {}).status_code
        first = api.put(path, seen["version"], {})
        again = api.put(path, seen["version"], {})
        assert first.json["job_id"] == again.json["job_id"]
        assert {"rows": 3, "created": 2, "refused": 1} == finished(api, sessions, first)["counts"]
        assert 422 == api.put(path, 1, {"mode": "destroy"}).status_code
        assert 422 == api.put(path, 1, {"unknown": 1}).status_code

    def test_is_seen_again_by_other_settings_before_it_starts(self, api, sessions, importing):
        seen = importing(THREE, preview=True, mode="update")
        assert {"rows": 3, "refused": 3} == seen["counts"]
        path = f"/v1/imports/{seen['id']}/start"

        again = finished(
            api, sessions, api.put(f"{path}?preview=true", seen["version"], {"mode": "create"})
        )

        assert ("ready", {"rows": 3, "create": 2, "refused": 1}) == (
            again["status"],
            again["counts"],
        )
        assert [] == contacts(api)
        started = api.put(path, again["version"], {"mode": "update"})
        assert {"rows": 3, "refused": 3} == finished(api, sessions, started)["counts"]

    def test_what_was_foreseen_as_refused_is_asked_anew(self, api, sessions, importing):
        seen = importing(THREE, preview=True, mode="update")

        started = api.put(f"/v1/imports/{seen['id']}/start", seen["version"], {"mode": "create"})

        assert {"rows": 3, "created": 2, "refused": 1} == finished(api, sessions, started)["counts"]

    def test_a_wrong_mapping_is_refused_at_once(self, api, importing):
        seen = importing(THREE, preview=True)

        answer = api.put(
            f"/v1/imports/{seen['id']}/start", seen["version"], {"mapping": {"Nowhere": "name"}}
        )

        assert (422, ["mapping"]) == (answer.status_code, list(answer.json["errors"]))
        assert 422 == upload(api, THREE, mapping={"Email": "nothing"}).status_code


class TestRefused:
    def test_come_back_as_a_file_that_can_be_repaired(self, api, importing):
        content = THREE + '"Open,quote,x@x.example,\nA,B,c@c.example,D,too many\n'
        done = importing(content)

        answer = api.get(f"/v1/imports/{done['id']}/refused")

        assert "attachment" in answer.headers["Content-Disposition"]
        header, *found = csv.reader(io.StringIO(answer.text))
        assert ["line", "reasons", "First Name", "Last Name", "Email", "Company"] == header
        assert ["4", "5", "6"] == [row[0] for row in found]
        assert ["Boss", "", "not an address", "Nowhere"] == found[0][2:]
        assert "emails value" in found[0][1]
        assert '"Open,quote,x@x.example,' == found[1][2]
        repaired = answer.text.replace("not an address", "boss@b.example").splitlines(True)[:2]
        assert {"rows": 1, "created": 1} == importing("".join(repaired))["counts"]

    def test_of_cards_are_cards(self, api, importing):
        done = importing(CARD.replace("grace@navy.example", "nobody at all").encode())

        answer = api.get(f"/v1/imports/{done['id']}/refused")

        assert "text/vcard" in answer.content_type
        assert "X-RAPPORT-REFUSED;LINE=1:emails value" in answer.text
        repaired = answer.text.replace("nobody at all", "grace@navy.example")
        assert {"rows": 1, "created": 1} == importing(repaired)["counts"]

    def test_rows_keep_the_rules_of_the_api(self, api, importing):
        content = (
            "Name,Email,Phone,Birthday,Lifecycle Stage\n"
            "A A,a@a,,,\nB B,,12,,\nC C,,,31/02/1985,\n" + "D" * 201 + ",,,,\nE\0E,,,,\n"
            "F F,f@f.example,+44 20 7946 0018,1985-02-28,Customer\n"
        )

        done = importing(content)

        assert {"rows": 6, "created": 1, "refused": 5} == done["counts"]
        found = [row["reasons"][0].split(":")[0] for row in rows(api, done["id"], status="refused")]
        assert ["emails value", "phones value", "birthday", "last_name", "NUL is not text"] == found


class TestRevert:
    def test_leaves_no_residue(self, api, sessions, importing, facts):
        api.made(
            "/v1/contacts", first_name="Ada", job_title="Countess", tags=["old"],
            emails=[{"value": "ada@engines.example"}],
        )  # fmt: skip
        before = contacts(api)[0]
        done = importing(
            "First Name,Last Name,Email,Job Title,Tags,Company,Phone\n"
            "Ada,Lovelace,ada@engines.example,Mathematician,new,Engines,+442079460018\n"
            "Grace,Hopper,grace@navy.example,,,Navy,\n",
            mode="upsert",
        )
        assert {"rows": 2, "created": 1, "updated": 1} == done["counts"]

        reverted = finished(api, sessions, api.delete(f"/v1/imports/{done['id']}", done["version"]))

        assert ("reverted", {"rows": 2, "reverted": 2}) == (reverted["status"], reverted["counts"])
        [ada] = contacts(api)
        changing = {"version", "updated_at"}
        assert {k: v for k, v in before.items() if k not in changing} == {
            k: v for k, v in ada.items() if k not in changing
        }
        assert [] == api.get("/v1/accounts").json["items"]
        assert 1 == facts().count("import.reverted")
        with sessions() as session:
            assert 0 == session.scalar(text("select count(*) from contact_origin"))

    def test_leaves_what_somebody_changed_since_and_lists_it(self, api, sessions, importing):
        done = importing(THREE)
        ada = next(each for each in contacts(api) if each["first_name"] == "Ada")
        api.patch(f"/v1/contacts/{ada['id']}", {"job_title": "Countess"}, 1)

        reverted = finished(api, sessions, api.post(f"/v1/imports/{done['id']}/revert", {}))

        assert {"rows": 3, "reverted": 1, "kept": 1, "refused": 1} == reverted["counts"]
        assert [ada["id"]] == [each["id"] for each in contacts(api)]
        [kept] = rows(api, done["id"], status="kept")
        assert (ada["id"], ["changed since by somebody else"]) == (
            kept["contact_id"],
            kept["reasons"],
        )

    def test_lets_the_same_file_come_in_anew(self, api, sessions, importing):
        done = importing(THREE)
        finished(api, sessions, api.post(f"/v1/imports/{done['id']}/revert", {}))

        assert {"rows": 3, "created": 2, "refused": 1} == importing(THREE)["counts"]

    def test_twice_is_once(self, api, sessions, importing):
        done = importing(THREE)
        path = f"/v1/imports/{done['id']}"
        finished(api, sessions, api.post(f"{path}/revert", {}))

        assert 202 == api.post(f"{path}/revert", {}).status_code
        assert 428 == api.delete(f"/v1/imports/{importing(THREE)['id']}").status_code

    def test_waits_for_the_end(self, api, importing):
        answer = upload(api, THREE)

        refused = api.post(f"/v1/imports/{answer.json['id']}/revert", {})

        assert (409, "import-busy") == (
            refused.status_code,
            refused.json["type"].rpartition("/")[2],
        )
        assert (
            409
            == api.post(
                f"/v1/imports/{importing(THREE, preview=True)['id']}/revert", {}
            ).status_code
        )


class TestTheDoor:
    def test_the_same_key_is_one_import_and_another_file_is_refused(self, api):
        first, again = (upload(api, THREE, key="once") for _ in range(2))

        assert first.json == again.json
        assert 422 == upload(api, THREE + "x", key="once").status_code

    @pytest.mark.parametrize("content", [b"", b"\n \n", b'"' + b"x" * 300_000])
    def test_refuses_what_is_no_table(self, api, content):
        assert (422, "file-unreadable") == (
            (answer := upload(api, content)).status_code,
            answer.json["type"].rpartition("/")[2],
        )

    def test_needs_a_form_with_a_file(self, api):
        assert 422 == api.post("/v1/imports", {"mode": "create"}).status_code
        form = {"Content_Type": "multipart/form-data; boundary=x"}
        assert 422 == api.ask("POST", "/v1/imports", b"--x--\r\n", **form).status_code
        assert 415 == api.ask("POST", "/v1/contacts", b"--x--\r\n", **form).status_code

    def test_takes_more_than_a_json_body_may_hold(self, api):
        note = "x" * 900_000
        content = "Name,Note\n" + "".join(f"P{n} Q,{note}\n" for n in range(13))

        assert 202 == upload(api, content).status_code

    def test_refuses_settings_that_are_none(self, api):
        for settings in ("[]", "{", '{"mode": "\\u0000"}', '{"match_keys": []}'):
            form = {"file": (io.BytesIO(b"Name\nA B\n"), "a.csv"), "settings": settings}
            answer = api.client.post(
                "/v1/imports", data=form, content_type="multipart/form-data",
                headers={"Authorization": f"Bearer {api.token}"},
            )  # fmt: skip
            assert 422 == answer.status_code, settings

    def test_is_its_owners_and_the_admins(self, api, calling):
        made = upload(api, THREE).json["id"]
        other = calling("member", user_id="01930000-0000-7000-8000-0000000000cc")

        for path in ("", "/rows", "/refused"):
            assert 404 == other.get(f"/v1/imports/{made}{path}").status_code
            assert 200 == calling("admin").get(f"/v1/imports/{made}{path}").status_code
        assert 404 == other.post(f"/v1/imports/{made}/revert", {}).status_code
        assert [] == other.get("/v1/imports").json["items"]
        assert 1 == len(api.get("/v1/imports").json["items"])
        assert 403 == upload(calling("read-only"), THREE).status_code


class TestFaults:
    def test_of_ours_end_it_and_leave_what_can_be_undone(self, api, sessions, importing):
        answer = upload(api, THREE)
        with sessions() as session, session.begin():
            session.execute(
                text("alter table contact add constraint never check (first_name <> 'Ada')")
            )
        try:
            done = finished(api, sessions, answer)
        finally:
            with sessions() as session, session.begin():
                session.execute(text("alter table contact drop constraint never"))

        assert ("failed", "CheckViolation in a step of the work") == (
            done["status"],
            done["message"],
        )
        assert "failed" == api.get(answer.headers["Location"]).json["status"]
        reverted = finished(api, sessions, api.post(f"/v1/imports/{done['id']}/revert", {}))
        assert "reverted" == reverted["status"]
