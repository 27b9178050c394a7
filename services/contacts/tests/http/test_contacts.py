"""/v1/contacts as a client sees it."""

import pytest

from crm_chassis import ids

pytestmark = pytest.mark.integration
ZOE = {"first_name": "Zoë", "last_name": "Müller", "emails": [{"value": "Zoe@Acme.example"}]}


class TestCreateContact:
    def test_answers_with_the_published_record(self, api):
        answer = api.post("/v1/contacts", ZOE)

        body = answer.json
        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["Location"] == f"/v1/contacts/{body['id']}"
        assert answer.headers["X-CRM-Version"] == f"contact/{body['id']}@1"
        assert api.get(f"/v1/contacts/{body['id']}").data == answer.data
        assert (body["name"], body["public_no"]) == ("Zoë Müller", 1)
        assert body["emails"][0] == {
            "value": "zoe@acme.example",
            "label": None,
            "primary": True,
            "deliverability": "unknown",
            "opted_out": False,
            "quality": "unknown",
            "judged_at": None,
            "judged_by": None,
            "judged_why": None,
        }

    def test_links_its_accounts(self, api):
        main = api.made("/v1/accounts", name="Acme")["id"]
        other = api.made("/v1/accounts", name="Globex")["id"]
        links = [
            {"account_id": other, "role": "adviser", "active": False},
            {"account_id": main, "is_primary": True},
        ]

        body = api.made("/v1/contacts", first_name="Zoë", account_links=links)

        assert (body["account_id"], body["account_ids"]) == (main, [main])
        assert [link["role"] for link in body["account_links"]] == ["adviser", None]
        listed = api.get(f"/v1/accounts/{main}/contacts").json["items"]
        assert [each["id"] for each in listed] == [body["id"]]
        assert api.get(f"/v1/accounts/{other}/contacts").json["items"] == []

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"first_name": "Z", "nickname": "Z"}, "nickname"),
            ({"first_name": 7}, "first_name"),
            ({"first_name": ""}, "first_name"),
            ({"first_name": "Z", "id": str(ids.new())}, "id"),
            ({"first_name": "Z", "emails": [{"value": "nonsense"}]}, "emails.0.value"),
            ({"first_name": "Z", "phones": [{"value": "x"}]}, "phones.0.value"),
            ({"first_name": "Z", "phones": [{"value": "0" * 61}]}, "phones.0.value"),
            ({"first_name": "Z", "lifecycle": "famous"}, "lifecycle"),
            ({"first_name": "Z", "birthday": "2023-02-29"}, "birthday"),
            ({"first_name": "Z", "time_zone": "Mars/Olympus"}, "time_zone"),
            ({"first_name": "Z", "custom": {"a": "x" * 20_000}}, "custom"),
            ({"first_name": "Z", "custom": {"a": [-(10**27)]}}, "custom"),
            ({"first_name": "Z", "account_id": "seven"}, "account_id"),
            ({"first_name": "a\x00b"}, "body"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, api, body, field):
        answer = api.post("/v1/contacts", body)

        assert answer.status_code == 422
        assert answer.mimetype == "application/problem+json"
        assert field in answer.json["errors"]

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            (b"{", {}, 400),
            (b"[]", {}, 422),
            (b"first_name=Z", {"Content_Type": "application/x-www-form-urlencoded"}, 415),
            (b'{"first_name": "' + b"x" * 11_000_000 + b'"}', {}, 413),
        ],
    )
    def test_refuses_a_body_that_is_no_contact(self, api, body, headers, status):
        answer = api.post("/v1/contacts", body, **headers)

        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"

    @pytest.mark.parametrize(
        ("body", "slug", "status"),
        [
            ({"job_title": "Head"}, "contact-unnamed", 422),
            ({"first_name": "Z", "account_id": str(ids.new())}, "account-unknown", 422),
        ],
    )
    def test_refuses(self, api, body, slug, status):
        answer = api.post("/v1/contacts", body)

        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (status, slug)

    def test_refuses_an_address_that_is_taken(self, api, facts):
        api.made("/v1/contacts", **ZOE)

        answer = api.post("/v1/contacts", ZOE | {"first_name": "Another"})

        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "email-taken")
        assert facts() == ["contact.created"]

    def test_does_it_once_for_one_key(self, api, facts):
        first = api.post("/v1/contacts", ZOE, Idempotency_Key="import-row-1")
        again = api.post("/v1/contacts", ZOE, Idempotency_Key="import-row-1")
        other = api.post("/v1/contacts", {"first_name": "X"}, Idempotency_Key="import-row-1")

        assert (first.status_code, first.data) == (again.status_code, again.data)
        assert other.status_code == 422
        assert facts() == ["contact.created"]

    def test_is_refused_to_who_only_reads_and_to_strangers(self, calling):
        assert calling("read-only").post("/v1/contacts", ZOE).status_code == 403
        assert calling().post("/v1/contacts", ZOE).status_code == 401
        assert calling("read-only").get("/v1/contacts").status_code == 200


class TestUpdateContact:
    def test_changes_what_it_names(self, api, facts, own_field):
        own_field("a", "number")
        own_field("b", "number")
        contact = api.made("/v1/contacts", **ZOE, custom={"a": 1, "b": 2})

        body = {"job_title": "Head", "custom": {"a": None}}
        answer = api.patch(f"/v1/contacts/{contact['id']}", body, 1)

        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        assert (answer.json["job_title"], answer.json["custom"]) == ("Head", {"b": 2})
        assert answer.json["emails"] == contact["emails"]
        assert facts()[2:] == ["contact.created", "contact.updated"]

    def test_null_empties_a_field(self, api):
        contact = api.made("/v1/contacts", **ZOE, job_title="Head")

        answer = api.patch(f"/v1/contacts/{contact['id']}", {"job_title": None}, 1)

        assert answer.json["job_title"] is None

    def test_tells_nothing_when_nothing_differs(self, api, facts):
        contact = api.made("/v1/contacts", **ZOE)

        answer = api.patch(f"/v1/contacts/{contact['id']}", ZOE, 1)

        assert (answer.status_code, answer.json["version"]) == (200, 1)
        assert facts() == ["contact.created"]

    def test_tells_of_a_new_lifecycle(self, api, facts):
        contact = api.made("/v1/contacts", **ZOE)

        api.patch(f"/v1/contacts/{contact['id']}", {"lifecycle": "customer"}, 1)

        assert facts()[1:] == ["contact.lifecycle_changed"]

    def test_tells_of_a_new_owner(self, api, facts):
        contact, owner = api.made("/v1/contacts", **ZOE), str(ids.new())

        api.patch(f"/v1/contacts/{contact['id']}", {"owner_id": owner}, 1)
        api.patch(f"/v1/contacts/{contact['id']}", {"owner_id": owner, "job_title": "Head"}, 2)

        assert facts()[1:] == ["contact.assigned", "contact.updated"]

    def test_needs_the_version_it_read(self, api):
        path = f"/v1/contacts/{api.made('/v1/contacts', **ZOE)['id']}"
        api.patch(path, {"job_title": "Head"}, 1)

        blind = api.patch(path, {"job_title": "Chief"})
        stale = api.patch(path, {"job_title": "Chief"}, 1)
        unreadable = api.ask("PATCH", path, {"job_title": "Chief"}, If_Match="*")

        assert (blind.status_code, stale.status_code, unreadable.status_code) == (428, 412, 422)
        assert stale.json["current_version"] == 2

    def test_refuses_to_take_away_all_it_is_called_by(self, api):
        contact = api.made("/v1/contacts", **ZOE)
        nothing = {"first_name": None, "last_name": None, "emails": []}

        answer = api.patch(f"/v1/contacts/{contact['id']}", nothing, 1)

        assert answer.json["type"].endswith("contact-unnamed")

    def test_refuses_an_address_that_is_taken(self, api):
        api.made("/v1/contacts", **ZOE)
        other = api.made("/v1/contacts", first_name="Max")

        answer = api.patch(f"/v1/contacts/{other['id']}", {"emails": ZOE["emails"]}, 1)

        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "email-taken")

    @pytest.mark.parametrize("contact_id", [ids.new(), "seven", "1"])
    def test_knows_no_other(self, api, contact_id):
        path = f"/v1/contacts/{contact_id}"

        statuses = [api.get(path).status_code, api.patch(path, {}, 1).status_code]

        assert statuses == [404, 404]


class TestArchive:
    def test_puts_away_once_and_goes_on_answering(self, api, facts):
        path = f"/v1/contacts/{api.made('/v1/contacts', **ZOE)['id']}"

        first, again = api.delete(path, 1), api.delete(path, 1)

        assert (first.status_code, again.status_code, again.json["version"]) == (200, 200, 2)
        assert api.get(path).json["archived_at"] is not None
        assert api.get("/v1/contacts").json["items"] == []
        assert len(api.get("/v1/contacts?archived=true").json["items"]) == 1
        assert facts() == ["contact.created", "contact.archived"]

    def test_needs_a_version_and_no_archived_record_is_changed(self, api):
        path = f"/v1/contacts/{api.made('/v1/contacts', **ZOE)['id']}"

        blind = api.delete(path)
        api.delete(path, 1)
        late = api.patch(path, {"job_title": "Head"}, 2)

        assert (blind.status_code, late.status_code) == (428, 409)
        assert late.json["type"].endswith("/archived")

    def test_frees_the_address_and_restoring_may_find_it_taken(self, api, facts):
        path = f"/v1/contacts/{api.made('/v1/contacts', **ZOE)['id']}"
        api.delete(path, 1)
        second = f"/v1/contacts/{api.made('/v1/contacts', **ZOE)['id']}"

        refused = api.put(f"{path}/restoration", 2)
        api.delete(second, 1)
        restored = api.put(f"{path}/restoration", 2)
        again = api.put(f"{path}/restoration", 2)

        assert (refused.status_code, restored.status_code, again.status_code) == (409, 200, 200)
        assert restored.json["archived_at"] is None
        assert facts()[-1] == "contact.restored"


class TestListContacts:
    def _names(self, answer):
        return [each["name"] for each in answer.json["items"]]

    def test_pages_to_the_end_without_losing_any(self, api):
        for number in range(7):
            api.made("/v1/contacts", first_name=f"C{number}")
        seen, cursor = [], ""

        while cursor is not None:
            page = api.get(f"/v1/contacts?limit=3&sort=name{cursor}")
            seen += self._names(page)
            cursor = f"&cursor={page.json['next']}" if page.json["next"] else None

        assert seen == [f"C{number}" for number in range(7)]

    @pytest.mark.parametrize(
        "words", ["zoe", "MÜLL zo", "zoe@acme", "442079", "+44 2079", "head of"]
    )
    def test_finds_by_the_beginnings_of_words(self, api, words):
        phone = {"phones": [{"value": "+44 20 7946 0958"}], "job_title": "Head of IT"}
        api.made("/v1/contacts", **ZOE, **phone)
        api.made("/v1/contacts", first_name="Max", emails=[{"value": "max@zoo.example"}])

        found = api.ask("GET", "/v1/contacts?q=" + words.replace("+", "%2B").replace(" ", "%20"))

        if words != "442079" and "2079" in words:
            assert self._names(found) == []  # a number is one word
        else:
            assert self._names(found) == ["Zoë Müller"]

    @pytest.mark.parametrize(
        "condition",
        ["email=ZOE@acme.example", "lifecycle=mql", "source=fair", "tag=vip"],
    )
    def test_filters(self, api, condition):
        api.made("/v1/contacts", **ZOE, lifecycle="mql", source="fair", tags=["vip"])
        api.made("/v1/contacts", first_name="Max")

        assert self._names(api.get(f"/v1/contacts?{condition}")) == ["Zoë Müller"]

    @pytest.mark.parametrize(
        "query",
        [
            "cursor=nonsense",
            "cursor=%00",
            "sort=shoe_size",
            "limit=0",
            "limit=201",
            "limit=many",
            "owner_id=7",
            "lifecycle=famous",
            "email=nonsense",
            "q=%00",
        ],
    )
    def test_refuses_a_query_it_does_not_understand(self, api, query):
        answer = api.get(f"/v1/contacts?{query}")

        assert answer.status_code == 422
        assert answer.json["errors"]

    def test_a_cursor_belongs_to_its_sort(self, api):
        for number in range(2):
            api.made("/v1/contacts", first_name=f"C{number}")
        cursor = api.get("/v1/contacts?limit=1&sort=name").json["next"]

        assert api.get(f"/v1/contacts?limit=1&cursor={cursor}").status_code == 422

    def test_shows_private_ones_to_their_owner_alone(self, api, calling):
        mine = api.made(
            "/v1/contacts", first_name="Secret", visibility="private", owner_id=api_user()
        )
        other = calling("member", user_id=ids.new(), team_ids=())

        assert self._names(api.get("/v1/contacts")) == ["Secret"]
        assert self._names(other.get("/v1/contacts")) == []
        assert other.get(f"/v1/contacts/{mine['id']}").status_code == 404
        assert other.patch(f"/v1/contacts/{mine['id']}", {}, 1).status_code == 404
        assert calling("admin", user_id=ids.new()).get(f"/v1/contacts/{mine['id']}").json == mine


def api_user():
    return "01930000-0000-7000-8000-00000000000a"


class TestHistory:
    def test_tells_what_changed_newest_first(self, api):
        path = f"/v1/contacts/{api.made('/v1/contacts', **ZOE)['id']}"
        api.patch(path, {"job_title": "Head"}, 1)

        newest = api.get(f"{path}/history?limit=1").json
        rest = api.get(f"{path}/history?cursor={newest['next']}").json

        assert newest["items"][0]["changes"] == [{"field": "job_title", "old": None, "new": "Head"}]
        assert [each["version"] for each in rest["items"]] == [1]
        assert rest["next"] is None

    def test_knows_no_other(self, api):
        assert api.get(f"/v1/contacts/{ids.new()}/history").status_code == 404


class TestBatch:
    def _create(self, **body):
        return {"op": "create", "body": body}

    def test_does_each_operation_by_itself(self, api, facts):
        known = api.made("/v1/contacts", **ZOE)
        gone = api.made("/v1/contacts", first_name="Gone")
        operations = [
            self._create(first_name="New"),
            self._create(**ZOE),
            self._create(nickname="?"),
            {"op": "update", "id": known["id"], "version": 1, "body": {"job_title": "Head"}},
            {"op": "update", "id": known["id"], "version": 1, "body": {"job_title": "Chief"}},
            {"op": "update", "id": known["id"], "body": {"job_title": "Chief"}},
            {"op": "update", "body": {}},
            {"op": "archive", "id": gone["id"]},
            {"op": "archive", "id": str(ids.new())},
        ]

        answer = api.post("/v1/contacts/batch", {"operations": operations})

        statuses = [each["status"] for each in answer.json["items"]]
        assert answer.status_code == 207
        assert statuses == [201, 409, 422, 200, 412, 428, 422, 200, 404]
        assert sorted(facts()[2:]) == ["contact.archived", "contact.created", "contact.updated"]

    def test_names_who_has_a_taken_address(self, api):
        known = api.made("/v1/contacts", **ZOE)

        answer = api.post(
            "/v1/contacts/batch", {"operations": [self._create(**ZOE), self._create(**ZOE)]}
        )

        problems = [each["problem"] for each in answer.json["items"]]
        assert [each["contact_id"] for each in problems] == [known["id"]] * 2

    def test_refuses_the_second_of_two_with_one_address(self, api):
        twice = [self._create(**ZOE), self._create(**ZOE), self._create(first_name="Max")]

        answer = api.post("/v1/contacts/batch", {"operations": twice})

        assert [each["status"] for each in answer.json["items"]] == [201, 409, 201]

    def test_changes_nothing_the_caller_may_not_see(self, api, calling, facts):
        secret = {"first_name": "Secret", "visibility": "private", "owner_id": api_user()}
        made = api.made("/v1/contacts", **secret)
        change = {"op": "update", "id": made["id"], "version": 1, "body": {"job_title": "x"}}
        other = calling("member", user_id=ids.new())

        theirs = other.post("/v1/contacts/batch", {"operations": [change]})
        ours = api.post("/v1/contacts/batch", {"operations": [change]})

        assert [each.json["items"][0]["status"] for each in (theirs, ours)] == [404, 200]
        assert len(facts()) == 2

    def test_does_it_once_for_one_key(self, api, facts):
        body = {"operations": [self._create(first_name=f"C{number}") for number in range(3)]}

        first = api.post("/v1/contacts/batch", body, Idempotency_Key="chunk-1")
        again = api.post("/v1/contacts/batch", body, Idempotency_Key="chunk-1")

        assert first.data == again.data
        assert facts() == ["contact.created"] * 3

    @pytest.mark.parametrize(
        "operations",
        [None, [], "all", [{"op": "erase"}], [{"op": "create", "body": []}], [{}] * 501],
    )
    def test_refuses_what_is_no_batch(self, api, operations):
        answer = api.post("/v1/contacts/batch", {"operations": operations})

        assert answer.status_code == 422

    def test_takes_five_hundred_in_few_statements(self, api, app):
        from sqlalchemy import event

        engine, statements = app.extensions["crm"].sessions.kw["bind"], []
        many = [
            self._create(first_name=f"C{n}", emails=[{"value": f"c{n}@acme.example"}])
            for n in range(500)
        ]

        def note(*arguments):
            statements.append(arguments[2])

        event.listen(engine, "before_cursor_execute", note)
        answer = api.post("/v1/contacts/batch", {"operations": many})
        event.remove(engine, "before_cursor_execute", note)

        assert {each["status"] for each in answer.json["items"]} == {201}
        assert len(statements) < 15
