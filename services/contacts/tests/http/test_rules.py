"""Rules as data: what records must keep to, how texts are written, and trying it first."""

import json

import pytest

pytestmark = pytest.mark.integration
CUSTOMERS = {"field": "lifecycle", "op": "eq", "value": "customer"}


@pytest.fixture
def rule(admin):
    """`rule(require=["phone"])` has contacts held to it."""

    def have(**more):
        body = {"object": "contact", "name": "A rule", "message": "Not like this.", **more}
        return admin.made("/v1/validation-rules", **body)

    return have


@pytest.fixture
def naming(admin):
    def have(**more):
        return admin.made("/v1/naming-rules", name="Names", **more)

    return have


def slug(answer):
    return answer.json["type"].split("/")[-1]


class TestDefinition:
    def test_is_an_admins_and_told(self, api, admin, facts):
        body = {"object": "contact", "name": "N", "message": "M", "require": ["phone"]}

        assert 403 == api.post("/v1/validation-rules", body).status_code
        made = admin.post("/v1/validation-rules", body)
        path = made.headers["Location"]
        assert f"/v1/validation-rules/{made.json['id']}" == path
        assert ("block", True, ["phone"], None) == (
            made.json["severity"], made.json["active"], made.json["require"], made.json["forbid"],
        )  # fmt: skip
        assert 428 == admin.patch(path, {"active": False}).status_code
        changed = admin.patch(path, {"forbid": ["job_title"]}, 1)
        assert (None, ["job_title"]) == (changed.json["require"], changed.json["forbid"])
        assert 200 == admin.delete(path, 2).status_code
        assert 200 == admin.put(f"{path}/restoration", 3).status_code
        assert [f"validation_rule.{verb}" for verb in ("created", "updated", "archived", "restored")
                ] == facts()  # fmt: skip

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({}, "require"),
            ({"require": ["phone"], "forbid": ["email"]}, "require"),
            ({"require": ["nobody"]}, "require"),
            ({"require": []}, "require"),
            ({"require": ["phone"], "when": {"field": "x", "op": "eq"}}, "when"),
            ({"match": {"name": "("}}, "match.name"),
            ({"match": {"tags": "a"}}, "match"),
            ({"range": {"birthday": {}}}, "range.birthday.value"),
            ({"range": {"birthday": {"min": "soon"}}}, "range.birthday"),
            ({"unique": ["tags"]}, "unique"),
            ({"require": ["phone"], "severity": "perhaps"}, "severity"),
        ],
    )
    def test_refuses_what_is_no_rule(self, admin, more, field):
        body = {"object": "contact", "name": "N", "message": "M", **more}

        answer = admin.post("/v1/validation-rules", body)

        told = {name.split("._")[0] for name in answer.json["errors"]}
        assert (422, True) == (answer.status_code, any(n.startswith(field) for n in told)), told


class TestValidation:
    def test_blocks_where_it_speaks_of_the_record(self, api, rule):
        made = rule(when=CUSTOMERS, require=["phone"], message="A customer needs a number.")
        ada = api.made("/v1/contacts", first_name="Ada")
        path = f"/v1/contacts/{ada['id']}"

        refused = api.patch(path, {"lifecycle": "customer"}, 1)
        number = [{"value": "+442079460018"}]
        done = api.patch(path, {"lifecycle": "customer", "phones": number}, 1)

        assert (422, "rules-broken") == (refused.status_code, slug(refused))
        assert {"phone": ["A customer needs a number."]} == refused.json["errors"]
        assert made["id"] == refused.json["rules"][0]["rule_id"]
        assert 200 == done.status_code
        assert 422 == api.patch(path, {"phones": []}, 2).status_code

    @pytest.mark.parametrize(
        ("check", "bad", "good"),
        [
            ({"forbid": ["job_title"]}, {"job_title": "Boss"}, {"department": "Sales"}),
            ({"match": {"custom.vat": "[A-Z]{2}[0-9]{9}"}},
             {"custom": {"vat": "DE12"}}, {"custom": {"vat": "DE123456789"}}),
            ({"range": {"custom.size": {"min": 20, "max": 50}}},
             {"custom": {"size": 51}}, {"custom": {"size": 50}}),
            ({"range": {"custom.end": {"min": {"field": "custom.start"}}}},
             {"custom": {"start": "2026-02-01", "end": "2026-01-01"}},
             {"custom": {"start": "2026-02-01", "end": "2026-02-01"}}),
            ({"unique": ["first_name", "department"]},
             {"first_name": "Eve", "department": "Law"}, {"first_name": "Eve"}),
            ({"require": ["emails"]}, {}, {"emails": [{"value": "a@a.example"}]}),
        ],
    )  # fmt: skip
    def test_checks(self, api, own_field, rule, check, bad, good):
        for key, type_ in (("vat", "string"), ("size", "number"), ("start", "date"),
                           ("end", "date")):  # fmt: skip
            own_field(key, type_)
        api.made("/v1/contacts", first_name="Eve", department="Law")
        rule(**check)

        refused = api.post("/v1/contacts", {"first_name": "Ada", **bad})
        taken = api.post("/v1/contacts", {"first_name": "Ada", **good})

        assert (422, 201) == (refused.status_code, taken.status_code), (refused.text, taken.text)
        assert ["Not like this."] in refused.json["errors"].values()

    def test_of_a_change(self, api, rule):
        rule(when={"field": "job_title", "op": "changed_to", "value": "Boss"},
             require=["department"])  # fmt: skip
        ada = api.made("/v1/contacts", first_name="Ada")
        path = f"/v1/contacts/{ada['id']}"

        assert 422 == api.patch(path, {"job_title": "Boss"}, 1).status_code
        assert 200 == api.patch(path, {"job_title": "Boss", "department": "x"}, 1).status_code
        assert 200 == api.patch(path, {"department": None}, 2).status_code

    def test_that_warns_is_told_and_listed_until_it_is_kept(self, api, admin, rule):
        made = rule(require=["phone"], severity="warn", message="Ask for a number — soon.")

        answer = api.post("/v1/contacts", {"first_name": "Ada"})
        [told] = json.loads(answer.headers["X-CRM-Warnings"])
        [listed] = admin.get(f"/v1/rule-breaches?rule_id={made['id']}").json["items"]
        number = {"phones": [{"value": "+442079460018"}]}
        kept = api.patch(f"/v1/contacts/{answer.json['id']}", number, 1)

        assert 201 == answer.status_code
        assert ("phone", "Ask for a number — soon.", "warn") == (
            told["field"], told["message"], told["severity"],
        )  # fmt: skip
        assert (answer.json["id"], "phone") == (listed["record_id"], listed["field"])
        assert "X-CRM-Warnings" not in kept.headers
        assert [] == admin.get("/v1/rule-breaches").json["items"]
        assert 403 == api.get("/v1/rule-breaches").status_code

    def test_in_a_batch_each_for_itself(self, api, rule):
        rule(forbid=["job_title"])
        rule(require=["phone"], severity="warn")
        operations = [
            {"op": "create", "body": {"first_name": "Ada", "job_title": "Boss"}},
            {"op": "create", "body": {"first_name": "Bo"}},
        ]

        refused, done = api.post("/v1/contacts/batch", {"operations": operations}).json["items"]

        assert (422, ["job_title", "phone"]) == (
            refused["status"], sorted(refused["problem"]["errors"]),
        )  # fmt: skip
        assert (201, "phone") == (done["status"], done["warnings"][0]["field"])

    def test_that_is_not_active_rests(self, api, admin, rule):
        made = rule(require=["phone"])

        assert 422 == api.post("/v1/contacts", {"first_name": "A"}).status_code
        admin.patch(f"/v1/validation-rules/{made['id']}", {"active": False}, 1)
        assert 201 == api.post("/v1/contacts", {"first_name": "A"}).status_code

    def test_about_a_field_that_was_put_away_rests(self, api, admin, own_field, rule):
        field = own_field("vat")
        rule(require=["custom.vat"])

        assert 422 == api.post("/v1/contacts", {"first_name": "A"}).status_code
        admin.delete(f"/v1/fields/{field['id']}", 1)
        assert 201 == api.post("/v1/contacts", {"first_name": "A"}).status_code

    def test_does_not_refuse_a_merge_but_notes_it(self, api, admin, rule):
        ada = api.made("/v1/contacts", first_name="Ada")
        bo = api.made("/v1/contacts", first_name="Bo", job_title="Boss")
        rule(forbid=["job_title"])

        merged = api.post(f"/v1/contacts/{ada['id']}/merge", {"absorbed_ids": [bo["id"]]}, 1)

        assert 201 == merged.status_code, merged.text
        [noted] = admin.get(f"/v1/rule-breaches?record_id={ada['id']}").json["items"]
        assert "job_title" == noted["field"]

    def test_account_rules_hold_for_accounts(self, api, rule):
        rule(object="account", when=CUSTOMERS, require=["domain"])

        answer = api.post("/v1/accounts", {"name": "Engines", "lifecycle": "customer"})

        assert {"domain": ["Not like this."]} == answer.json["errors"]


class TestTrial:
    @pytest.mark.parametrize(
        ("check", "checked", "broken"),
        [
            ({"require": ["phone"]}, 4, ["Bo", "Cy", "Di"]),
            ({"require": ["phone"], "when": CUSTOMERS}, 2, ["Cy"]),
            ({"forbid": ["custom.size"]}, 4, ["Ada", "Bo"]),
            ({"match": {"first_name": "[A-B].*"}}, 4, ["Cy", "Di"]),
            ({"range": {"custom.size": {"max": 39}}}, 4, ["Bo"]),
            ({"unique": ["department"]}, 4, ["Cy", "Di"]),
            ({"unique": ["custom.size", "department"]}, 4, []),
        ],
    )
    def test_counts_what_is_there(self, api, own_field, check, checked, broken):
        own_field("size", "number")
        for name, more in (
            ("Ada", {"lifecycle": "customer", "custom": {"size": 38},
                     "phones": [{"value": "+442079460018"}]}),
            ("Bo", {"custom": {"size": 40}}),
            ("Cy", {"lifecycle": "customer", "department": "Law"}),
            ("Di", {"department": "Law"}),
        ):  # fmt: skip
            api.made("/v1/contacts", first_name=name, **more)

        answer = api.post("/v1/validation-rules/dry-run", {"object": "contact", **check})

        assert 200 == answer.status_code, answer.text
        assert (checked, len(broken), broken) == (
            answer.json["checked"],
            answer.json["broken"],
            [each["name"] for each in answer.json["offenders"]],
        )

    def test_compares_days_of_two_fields(self, api, own_field):
        for key in ("start", "end"):
            own_field(key, "date")
        for name, start, end in (("Ada", "01", "02"), ("Bo", "03", "02"), ("Cy", "03", None)):
            days = {"start": f"2026-01-{start}", "end": end and f"2026-01-{end}"}
            api.made("/v1/contacts", first_name=name, custom=days)

        check = {"range": {"custom.end": {"min": {"field": "custom.start"}}}}
        answer = api.post("/v1/validation-rules/dry-run", {"object": "contact", **check})

        assert ["Bo"] == [each["name"] for each in answer.json["offenders"]], answer.text

    def test_of_a_change_cannot_be_tried(self, api):
        body = {"object": "contact", "require": ["phone"],
                "when": {"field": "job_title", "op": "changed"}}  # fmt: skip

        assert ["when"] == list(api.post("/v1/validation-rules/dry-run", body).json["errors"])

    def test_of_very_many_is_long_work(self, api, admin, sessions, monkeypatch):
        from crm_contacts.commands import jobs, trials

        monkeypatch.setattr(trials, "LARGEST_AT_ONCE", 1)
        for name in ("Ada", "Bo"):
            api.made("/v1/contacts", first_name=name)

        body = {"object": "contact", "require": ["phone"]}
        answer = api.post("/v1/validation-rules/dry-run", body)
        jobs.run(sessions)

        assert 202 == answer.status_code
        job = api.get(answer.headers["Location"]).json
        assert ("done", 2, 2) == (job["status"], job["result"]["checked"], job["result"]["broken"])


class TestNaming:
    SUFFIX = {"legal_suffix": {"GmbH": ["gmbh", "G.m.b.H."], "Ltd": ["limited", "ltd."]}}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("style", "given", "written"),
        [
            (SUFFIX, "Engines limited", "Engines Ltd"),
            (SUFFIX, "Maschinen, g.m.b.h.", "Maschinen GmbH"),
            (SUFFIX, "Limited", "Limited"),
            (SUFFIX, "Unlimited", "Unlimited"),
            ({"casing": "title"}, "ENGINES OF LONDON", "Engines OF London"),
            ({"casing": "title"}, "engines by McNally and IBM", "Engines By McNally And IBM"),
            ({"casing": "upper"}, "Engines", "ENGINES"),
            ({"forbidden": ["test", "(old)"]}, "Engines (old) test", "Engines"),
            ({"standard": {"Deutsche Bahn": ["DB", "Bahn"]}}, " db", "Deutsche Bahn"),
        ],
    )
    def test_corrects(self, api, naming, style, given, written):
        naming(severity="correct", **style)

        made = api.made("/v1/accounts", name=given)

        assert written == made["name"]

    def test_suggests_where_it_blocks(self, api, naming):
        naming(severity="block", position=1, **self.SUFFIX)
        naming(severity="correct", position=2, casing="title")

        answer = api.post("/v1/accounts", {"name": "engines limited"})

        assert (422, "rules-broken") == (answer.status_code, slug(answer))
        assert {"name": "Engines Ltd"} == answer.json["suggestions"]
        assert "Engines Ltd" == api.made("/v1/accounts", name="Engines Ltd")["name"]

    def test_warns_and_leaves_it(self, api, admin, naming):
        naming(severity="warn", **self.SUFFIX)

        answer = api.post("/v1/accounts", {"name": "Engines limited"})

        [told] = json.loads(answer.headers["X-CRM-Warnings"])
        assert ("Engines limited", "Engines Ltd") == (answer.json["name"], told["suggestion"])
        [listed] = admin.get("/v1/rule-breaches?object=account").json["items"]
        assert "Engines Ltd" == listed["suggestion"]

    def test_leaves_no_empty_name(self, api, naming):
        naming(severity="correct", forbidden=["test"])

        assert 422 == api.post("/v1/accounts", {"name": "Test"}).status_code

    def test_holds_for_other_texts(self, api, own_field, naming):
        own_field("country")
        values = {"Germany": ["Deutschland", "DE"]}
        for field in ("address.country", "custom.country"):
            naming(object="contact", field=field, severity="correct", standard=values)

        made = api.made(
            "/v1/contacts", first_name="Ada", addresses=[{"country": "de"}],
            custom={"country": "deutschland"},
        )  # fmt: skip

        assert ("Germany", "Germany") == (
            made["addresses"][0]["country"], made["custom"]["country"],
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("body", "field"),
        [({"casing": "odd"}, "casing"), ({}, "casing"), ({"casing": "title", "field": "domain"},
          "field"), ({"legal_suffix": {}}, "legal_suffix")],
    )  # fmt: skip
    def test_refuses_what_is_no_rule(self, admin, body, field):
        answer = admin.post("/v1/naming-rules", {"name": "N", **body})

        assert (422, [field]) == (answer.status_code, list(answer.json["errors"])), answer.text

    def test_is_told(self, admin, naming, facts):
        path = f"/v1/naming-rules/{naming(casing='title')['id']}"
        admin.patch(path, {"forbidden": ["x"]}, 1)
        admin.delete(path, 2)
        admin.put(f"{path}/restoration", 3)

        assert [f"naming_rule.{verb}" for verb in ("created", "updated", "archived", "restored")
                ] == facts()  # fmt: skip
        assert (None, ["x"]) == tuple(admin.get(path).json[n] for n in ("casing", "forbidden"))
