"""Fields made at run time: defined, filled, asked for, changed, put away."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.integration
OPTIONS = [{"value": "gold", "label": "Gold customer"}, {"value": "silver"}]
EVERY_TYPE = {
    "string": ("blue", "blue"),
    "text": ("long\nstory", "long\nstory"),
    "number": ("38.5", 38.5),
    "bool": ("yes", True),
    "date": ("2026-02-28", "2026-02-28"),
    "datetime": ("2026-02-28T10:00:00+02:00", "2026-02-28T08:00:00Z"),
    "enum": ("Gold customer", "gold"),
    "multi_enum": (["silver", "gold"], ["gold", "silver"]),
    "phone": ("+44 20 7946 0018", "+442079460018"),
    "email": ("A@B.example", "a@b.example"),
    "url": ("https://a.example/x", "https://a.example/x"),
    "money": ("1234.5 EUR", {"amount": "1234.50", "currency": "EUR"}),
}


def where(api, predicate, path="/v1/contacts"):
    answer = api.get(f"{path}?where={quote(json.dumps(predicate))}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json["items"]]


@pytest.fixture
def every_type(own_field):
    for type_ in EVERY_TYPE:
        own_field(f"a_{type_}", type_, options=OPTIONS if "enum" in type_ else [])


class TestDefinition:
    def test_is_created_once_by_an_admin_and_told(self, api, admin, facts):
        body = {"object": "contact", "key": "size", "label": "Size", "type": "number"}

        assert api.post("/v1/fields", body).status_code == 403
        answer = admin.post("/v1/fields", body)
        again = admin.post("/v1/fields", body)

        assert answer.status_code == 201, answer.text
        assert answer.headers["Location"] == f"/v1/fields/{answer.json['id']}"
        assert (again.status_code, again.json["errors"]) == (
            409,
            {"key": ["taken by another field"]},
        )
        assert ["field.created"] == facts()
        assert api.get(f"/v1/fields/{answer.json['id']}").json["key"] == "size"

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"key": "Size"}, "key"),
            ({"key": "1st"}, "key"),
            ({"type": "number[]"}, "type"),
            ({"object": "ship"}, "object"),
            ({"label": ""}, "label"),
            ({"type": "enum"}, "options"),
            ({"options": [{"value": "a"}]}, "options"),
            ({"type": "enum", "options": [{"value": "a"}, {"value": "a"}]}, "options"),
            ({"searchable": True}, "searchable"),
            ({"type": "bool", "unique": True}, "unique"),
            ({"type": "string", "sensitive": True, "unique": True}, "unique"),
            ({"surprise": 1}, "surprise"),
        ],
    )
    def test_refuses_what_is_no_field(self, admin, more, field):
        body = {"object": "contact", "key": "size", "label": "Size", "type": "number", **more}

        answer = admin.post("/v1/fields", body)

        assert (422, True) == (answer.status_code, field in answer.json["errors"]), answer.text

    def test_never_changes_its_type(self, admin, own_field):
        field = own_field("size", "number")

        for name, value in (("type", "string"), ("key", "b"), ("object", "account")):
            answer = admin.patch(f"/v1/fields/{field['id']}", {name: value}, 1)
            assert {name: ["Cannot change."]} == answer.json["errors"]

    def test_is_changed_with_the_version_read(self, admin, own_field, facts):
        path = f"/v1/fields/{own_field('size', 'number')['id']}"

        assert 428 == admin.patch(path, {"label": "Shoe size"}).status_code
        assert 412 == admin.patch(path, {"label": "Shoe size"}, 7).status_code
        answer = admin.patch(path, {"label": "Shoe size", "group": "Feet", "position": 3}, 1)
        assert (200, "Shoe size", "Feet") == (
            answer.status_code, answer.json["label"], answer.json["group"],
        )  # fmt: skip
        assert ["field.created", "field.updated"] == facts()

    def test_is_listed_in_the_order_of_forms(self, api, own_field):
        own_field("last", position=9)
        own_field("first", position=1)
        own_field("other", object="account")

        found = api.get("/v1/fields?object=contact").json["items"]

        assert ["first", "last"] == [each["key"] for each in found]

    def test_keeps_options_that_are_in_use(self, api, admin, own_field):
        field = own_field("grade", "enum", options=OPTIONS)
        for _ in range(2):
            api.made("/v1/contacts", first_name="Ada", custom={"grade": "gold"})
        path = f"/v1/fields/{field['id']}"

        refused = admin.patch(path, {"options": [{"value": "silver"}]}, 1)
        changed = admin.patch(path, {"options": [{"value": "gold", "label": "Top"}]}, 1)

        assert (409, {"gold": 2}) == (refused.status_code, refused.json["in_use"])
        assert (200, "Top") == (changed.status_code, changed.json["options"][0]["label"])

    def test_put_away_keeps_its_values_and_takes_no_new_ones(self, api, admin, own_field):
        field = own_field("size", "number", required=True)
        ada = api.made("/v1/contacts", first_name="Ada", custom={"size": 38})
        path, ada_path = f"/v1/fields/{field['id']}", f"/v1/contacts/{ada['id']}"

        assert admin.delete(path, 1).status_code == 200
        refused = api.patch(ada_path, {"custom": {"size": 39}}, 1)
        other = api.patch(ada_path, {"job_title": "Boss"}, 1)

        assert {"custom.size": ["Put away."]} == refused.json["errors"]
        assert {"size": 38} == other.json["custom"]
        assert 422 == api.get("/v1/contacts?custom.size=38").status_code
        assert [] == api.get("/v1/fields").json["items"]
        assert 200 == admin.put(f"{path}/restoration", 2).status_code
        assert 1 == len(api.get("/v1/contacts?custom.size=38").json["items"])
        assert 422 == api.post("/v1/contacts", {"first_name": "Bo"}).status_code


class TestValues:
    def test_are_kept_in_one_form(self, api, every_type):
        custom = {f"a_{name}": given for name, (given, _) in EVERY_TYPE.items()}

        made = api.made("/v1/contacts", first_name="Ada", custom=custom)

        assert {f"a_{name}": kept for name, (_, kept) in EVERY_TYPE.items()} == made["custom"]

    @pytest.mark.parametrize(
        ("type_", "value"),
        [
            ("number", "many"), ("bool", "perhaps"), ("date", "2026-02-30"), ("enum", "bronze"),
            ("multi_enum", ["gold", "tin"]), ("phone", "x"), ("email", "nonsense"),
            ("url", "javascript:alert(1)"), ("money", "12"), ("datetime", "soon"),
            ("string", {"a": 1}), ("text", "x" * 10_001),
        ],
    )  # fmt: skip
    def test_of_another_type_are_refused(self, api, every_type, type_, value):
        answer = api.post("/v1/contacts", {"first_name": "A", "custom": {f"a_{type_}": value}})

        assert (422, [f"custom.a_{type_}"]) == (answer.status_code, list(answer.json["errors"]))

    def test_of_no_field_are_refused_everywhere(self, api):
        ada = api.made("/v1/contacts", first_name="Ada")
        account = api.made("/v1/accounts", name="Engines")

        for answer in (
            api.post("/v1/contacts", {"first_name": "A", "custom": {"x": 1}}),
            api.patch(f"/v1/contacts/{ada['id']}", {"custom": {"x": 1}}, 1),
            api.post("/v1/accounts", {"name": "A", "custom": {"x": 1}}),
            api.patch(f"/v1/accounts/{account['id']}", {"custom": {"x": 1}}, 1),
        ):
            assert {"custom.x": ["There is no such field."]} == answer.json["errors"]
        operations = [{"op": "create", "body": {"first_name": "A", "custom": {"x": 1}}}]
        [item] = api.post("/v1/contacts/batch", {"operations": operations}).json["items"]
        assert (422, ["custom.x"]) == (item["status"], list(item["problem"]["errors"]))

    def test_are_cleared_by_null(self, api, own_field):
        own_field("size", "number")
        ada = api.made("/v1/contacts", first_name="Ada", custom={"size": 38})

        answer = api.patch(f"/v1/contacts/{ada['id']}", {"custom": {"size": None}}, 1)

        assert {} == answer.json["custom"]
        assert [] == api.get("/v1/contacts?custom.size=38").json["items"]

    def test_needed_ones_are_asked_for(self, api, own_field):
        own_field("vat", label="VAT id", required=True)

        answer = api.post("/v1/contacts", {"first_name": "Ada"})
        made = api.made("/v1/contacts", first_name="Ada", custom={"vat": "1"})
        cleared = api.patch(f"/v1/contacts/{made['id']}", {"custom": {"vat": None}}, 1)

        assert {"custom.vat": ["VAT id is needed."]} == answer.json["errors"]
        assert (422, "rules-broken") == (cleared.status_code, cleared.json["type"].split("/")[-1])


class TestUnique:
    def test_is_held_to_by_the_database_whoever_writes(self, calling, own_field):
        own_field("badge", unique=True)

        def create(number):
            api = calling("member")
            return api.post("/v1/contacts", {"first_name": str(number), "custom": {"badge": "B7"}})

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(create, range(8)))

        assert [201] + [409] * 7 == sorted(each.status_code for each in answers)
        assert {"value-taken"} == {
            each.json["type"].split("/")[-1] for each in answers if each.status_code == 409
        }

    def test_counts_live_records_in_any_case(self, api, own_field):
        own_field("badge", unique=True)
        first = api.made("/v1/contacts", first_name="A", custom={"badge": "b7"})

        taken = api.post("/v1/contacts", {"first_name": "B", "custom": {"badge": "B7"}})
        api.delete(f"/v1/contacts/{first['id']}", 1)
        api.made("/v1/contacts", first_name="B", custom={"badge": "B7"})
        back = api.put(f"/v1/contacts/{first['id']}/restoration", 2)

        assert {"custom.badge": ["taken by another contact"]} == taken.json["errors"]
        assert 409 == back.status_code

    def test_is_refused_while_values_are_shared(self, api, admin, own_field):
        field = own_field("badge")
        for name in ("A", "B"):
            api.made("/v1/contacts", first_name=name, custom={"badge": "B7"})

        answer = admin.patch(f"/v1/fields/{field['id']}", {"unique": True}, 1)

        assert (409, {"unique": ["2 records share their value"]}) == (
            answer.status_code, answer.json["errors"],
        )  # fmt: skip


class TestAsking:
    def test_finds_by_every_type(self, api, every_type):
        custom = {f"a_{name}": given for name, (given, _) in EVERY_TYPE.items()}
        ada = api.made("/v1/contacts", first_name="Ada", custom=custom)
        api.made("/v1/contacts", first_name="Bo")

        for name, (given, _) in EVERY_TYPE.items():
            wanted = "gold" if name == "multi_enum" else given
            found = api.get(f"/v1/contacts?custom.a_{name}={quote(wanted)}").json["items"]
            assert [ada["id"]] == [each["id"] for each in found], name

    @pytest.mark.parametrize(
        ("predicate", "expected"),
        [
            ({"field": "custom.size", "op": "gt", "value": 38}, "b"),
            ({"field": "custom.size", "op": "between", "value": [36, 38]}, "a"),
            ({"field": "custom.size", "op": "ne", "value": 38}, "bc"),
            ({"field": "custom.size", "op": "empty"}, "c"),
            ({"not": {"field": "custom.size", "op": "gte", "value": 38}}, "c"),
            ({"field": "custom.since", "op": "in_last", "value": {"years": 100}}, "a"),
            ({"field": "custom.grades", "op": "contains", "value": "gold"}, "b"),
            ({"field": "custom.grades", "op": "nin", "value": ["gold"]}, "ac"),
            ({"field": "custom.fee", "op": "gt", "value": "9.99"}, "a"),
            ({"field": "custom.fee.currency", "op": "eq", "value": "EUR"}, "a"),
            ({"field": "custom.size", "op": "gt", "value": {"field": "custom.limit"}}, "b"),
            ({"all": [{"field": "custom.size", "op": "eq", "value": 38},
                      {"field": "first_name", "op": "starts", "value": "A"}]}, "a"),
            ({"field": "email", "op": "ends", "value": "@c.example"}, "c"),
            ({"field": "emails", "op": "contains", "value": "c2@d.example"}, "c"),
            ({"field": "email", "op": "empty"}, "ab"),
            ({"field": "tags", "op": "in", "value": ["vip"]}, "a"),
            ({"field": "tags", "op": "empty"}, "bc"),
            ({"field": "lifecycle", "op": "eq", "value": "customer"}, "b"),
            ({"field": "birthday", "op": "lt", "value": "1990-01-01"}, "b"),
            ({"field": "name", "op": "eq", "value": "c@c.example"}, ""),
            ({"field": "account_id", "op": "not_empty"}, "b"),
            ({"field": "address.country", "op": "eq", "value": "Germany"}, "c"),
            ({"field": "do_not_call", "op": "eq", "value": True}, "a"),
        ],
    )  # fmt: skip
    def test_by_predicate(self, api, own_field, predicate, expected):
        for key, type_ in (("size", "number"), ("limit", "number"), ("since", "date")):
            own_field(key, type_)
        own_field("grades", "multi_enum", options=OPTIONS)
        own_field("fee", "money")
        engines = api.made("/v1/accounts", name="Engines")["id"]
        people = {
            "a": {"first_name": "A", "tags": ["vip"], "do_not_call": True, "birthday": "--03-04",
                  "custom": {"size": 38, "since": "2020-01-01", "grades": ["silver"],
                             "fee": "10 EUR"}},
            "b": {"first_name": "B", "lifecycle": "customer", "birthday": "1985-03-04",
                  "account_id": engines,
                  "custom": {"size": 40.5, "limit": 40, "grades": ["gold", "silver"],
                             "fee": "9 USD"}},
            "c": {"first_name": "C", "addresses": [{"country": "Germany"}],
                  "emails": [{"value": "c@c.example"}, {"value": "c2@d.example"}]},
        }  # fmt: skip
        ids = {api.made("/v1/contacts", **each)["id"]: name for name, each in people.items()}

        assert expected == "".join(sorted(ids[each] for each in where(api, predicate)))

    def test_accounts_too(self, api, own_field):
        own_field("seats", "number", object="account")
        big = api.made("/v1/accounts", name="Big", custom={"seats": 500}, renewal_date="2027-01-01")
        api.made("/v1/accounts", name="Small", custom={"seats": 5}, parent_id=big["id"])

        assert [big["id"]] == where(
            api, {"field": "custom.seats", "op": "gte", "value": 100}, "/v1/accounts"
        )
        assert [big["id"]] == where(api, {"field": "parent_id", "op": "empty"}, "/v1/accounts")

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("where=nonsense", "where"), ("where=[]", "where"),
            ("where=%7B%22field%22:%22x%22,%22op%22:%22eq%22%7D", "where"),
            ("custom.nothing=1", "custom.nothing"), ("custom.size=many", "custom.size"),
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_be_understood(self, api, own_field, query, field):
        own_field("size", "number")

        answer = api.get(f"/v1/contacts?{query}")

        assert (422, True) == (answer.status_code, field in answer.json["errors"]), answer.text

    def test_words_of_searchable_fields_are_found(self, api, admin, own_field):
        field = own_field("hobby", searchable=True)
        ada = api.made("/v1/contacts", first_name="Ada", custom={"hobby": "Bird-watching Éclair"})
        api.made("/v1/contacts", first_name="Bird")

        def found(words):
            return [each["id"] for each in api.get(f"/v1/contacts?q={words}").json["items"]]

        assert [ada["id"]] == found("ada%20eclair")
        assert 2 == len(found("bird"))
        assert 200 == admin.patch(f"/v1/fields/{field['id']}", {"searchable": False}, 1).status_code
        assert [] == found("eclair")


class TestSensitive:
    def test_is_told_to_nobody_but_owner_and_admins(self, api, admin, calling, own_field, sessions):
        from sqlalchemy import text

        own_field("iban", sensitive=True)
        ada = api.made("/v1/contacts", first_name="Ada", custom={"iban": "DE89370400440532013000"})
        path = f"/v1/contacts/{ada['id']}"

        assert ada["custom"]["iban"]["sensitive"] is True
        with sessions() as session:
            told = session.scalars(text("select body from outbox union all "
                                        "select body from record union all "
                                        "select new::text from history_value")).all()  # fmt: skip
        assert not [body for body in told if "DE8937" in body]
        for who in (api, admin):
            assert {"iban": "DE89370400440532013000"} == who.get(f"{path}/sensitive").json["custom"]
        other = calling("member", user_id="01930000-0000-7000-8000-0000000000ff")
        assert 403 == other.get(f"{path}/sensitive").status_code
        assert 422 == api.get("/v1/contacts?custom.iban=DE89370400440532013000").status_code
        with sessions() as session:
            looked = "select object_id, detail from audit where action = 'contact.sensitive_read'"
            rows = [(str(row[0]), row[1]) for row in session.execute(text(looked))]
            every = session.scalars(text("select a::text from audit a")).all()
        assert [(ada["id"], {"fields": ["iban"]})] * 2 == rows
        assert not [row for row in every if "DE8937" in row]

    def test_sent_back_as_read_stays(self, api, own_field):
        own_field("iban", sensitive=True)
        ada = api.made("/v1/contacts", first_name="Ada", custom={"iban": "DE1"})
        path = f"/v1/contacts/{ada['id']}"

        same = api.patch(path, {"custom": ada["custom"], "job_title": "Boss"}, 1)
        cleared = api.patch(path, {"custom": {"iban": None}}, 2)

        assert ada["custom"] == same.json["custom"]
        assert ({}, {}) == (cleared.json["custom"], api.get(f"{path}/sensitive").json["custom"])


class TestHistory:
    def test_tells_each_field_with_actor_and_source(self, api, own_field):
        own_field("size", "number")
        own_field("iban", sensitive=True)
        ada = api.made("/v1/contacts", first_name="Ada", custom={"size": 38, "iban": "DE1"})
        path = f"/v1/contacts/{ada['id']}"
        api.patch(path, {"custom": {"size": 39, "iban": "DE2"}}, 1, X_CRM_Source="ui")

        [newest, first] = api.get(f"{path}/history").json["items"]

        assert ("ui", ada["created_by"]) == (newest["source"], newest["actor"])
        assert [
            {"field": "custom.iban", "old": "•••", "new": "•••"},
            {"field": "custom.size", "old": 38, "new": 39},
        ] == newest["changes"]
        assert "api" == first["source"]
        assert {"first_name", "custom.size", "custom.iban"} <= {
            each["field"] for each in first["changes"]
        }

    def test_of_an_account(self, api):
        account = api.made("/v1/accounts", name="Engines")
        api.patch(f"/v1/accounts/{account['id']}", {"industry": "steam"}, 1)

        found = api.get(f"/v1/accounts/{account['id']}/history").json["items"]

        assert [{"field": "industry", "old": None, "new": "steam"}] == found[0]["changes"]
        assert 2 == len(found)

    def test_says_what_a_merge_did(self, api):
        ada = api.made("/v1/contacts", first_name="Ada")
        bo = api.made("/v1/contacts", first_name="Bo", job_title="Boss")
        api.post(f"/v1/contacts/{ada['id']}/merge", {"absorbed_ids": [bo["id"]]}, 1)

        assert "merge" == api.get(f"/v1/contacts/{ada['id']}/history").json["items"][0]["source"]


def test_the_document_names_the_fields_of_now(api, admin, own_field):
    def described():
        schemas = api.get("/openapi.json").json["components"]["schemas"]
        return schemas["ContactIn"]["properties"]["custom"]

    before = described()
    field = own_field("grade", "enum", label="Grade", options=OPTIONS)
    during = described()
    admin.delete(f"/v1/fields/{field['id']}", 1)

    assert "grade" not in before.get("properties", {})
    assert ["gold", "silver", None] == during["properties"]["grade"]["enum"]
    assert during["additionalProperties"] is False
    assert "grade" not in described()["properties"]
