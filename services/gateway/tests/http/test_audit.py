"""The trail of all services as one: who may read it, what they are not told, what is noted here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pyotp
import pytest
from services.gateway.tests import factories as make

from crm_chassis import audit, clock, db, ids, outbox
from crm_chassis.outbox import Announcement
from crm_chassis.testing import wait_until
from crm_contracts import contacts, sales
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
PASSWORD = "correct horse battery staple"
ADDRESS = "192.0.2.77"


@pytest.fixture(scope="module")
def app(building: Callable[..., Any], houses: Any) -> Any:
    return building(CRM_PEERS=houses.peers)


@pytest.fixture(autouse=True)
def _nothing_yet(app: Any, house: Any) -> None:
    for service in ("contacts", "sales", "marketing", "support"):
        with psycopg.connect(house.urls[service], autocommit=True) as connection:
            connection.execute(
                "truncate audit, audit_seal, history_value, record, outbox, history cascade"
            )
    app.extensions["looks"]._seen.clear()


@pytest.fixture
def admin(calling: Callable[..., Any]) -> Any:
    return calling("admin")


@pytest.fixture
def telling(house: Any) -> Callable[..., Any]:
    """`telling(fact class, record)` has its owner tell it, at the next second each time."""
    context = db.Context(
        actor="user:ann", origin=db.Origin(address="198.51.100.1", credential="session:7")
    )

    def tell(fact: Any, record: Any, **changes: Any) -> None:
        from dataclasses import replace

        engine = db.engine(house.urls[record.service], pool_size=1)
        with db.transaction(db.sessions(engine), context) as session:
            outbox.tell(session, [(Announcement(fact, replace(record, **changes)), clock.now())])
        engine.dispose()

    return tell


@pytest.fixture
def viewing(connection: psycopg.Connection[Any]) -> Callable[..., None]:
    """`viewing(record)` brings records into the view."""

    def fold(*records: Any) -> None:
        with connection.transaction():
            ViewFolder(all_sources()).fold(connection, [make.item(each) for each in records])

    return fold


def trail(caller: Any, query: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/v1/audit{query}")
    assert answer.status_code == 200, answer.json
    return list(answer.json["items"])


def actions(caller: Any, query: str = "") -> list[str]:
    return [each["action"] for each in trail(caller, query)]


class TestComposed:
    def test_is_of_all_services_newest_first_with_where_from(
        self, admin: Any, telling: Callable[..., Any]
    ) -> None:
        marta = make.contact()
        deal = make.deal(marta.id)
        telling(contacts.ContactCreated, marta)
        telling(sales.DealCreated, deal)
        telling(contacts.ContactUpdated, marta, version=2, job_title="Chief")

        found = trail(admin, "?limit=3")

        assert ["contact.updated", "deal.created", "contact.created"] == [
            e["action"] for e in found
        ]
        newest = found[0]
        assert ("contacts", "198.51.100.1", "session:7", "user:ann") == tuple(
            newest[name] for name in ("service", "address", "credential", "actor")
        )
        assert {"field": "job_title", "old": marta.job_title, "new": "Chief"} in newest["changes"]

    def test_is_paged_over_services(self, admin: Any, telling: Callable[..., Any]) -> None:
        marta = make.contact()
        for number in range(1, 4):
            telling(contacts.ContactUpdated, marta, version=number)
            telling(sales.DealCreated, make.deal(marta.id))
        whole = [(e["service"], e["seq"]) for e in trail(admin)]

        pages, cursor = [], ""
        while cursor is not None:
            answer = admin.get(f"/v1/audit?limit=2{cursor}").json
            pages += [(e["service"], e["seq"]) for e in answer["items"]]
            cursor = f"&cursor={answer['next']}" if answer["next"] else None

        assert whole == pages
        assert len(set(whole)) == len(whole) >= 6

    def test_is_asked_by_object_person_kind_action_and_time(
        self, admin: Any, telling: Callable[..., Any]
    ) -> None:
        marta, other = make.contact(), make.contact()
        telling(contacts.ContactCreated, marta)
        telling(contacts.ContactCreated, other)
        later = (clock.now() + timedelta(hours=1)).isoformat().replace("+", "%2B")

        assert ["contact.created"] == actions(admin, f"?object_id={marta.id}")
        assert [] == actions(admin, f"?actor_id={ids.new()}")
        assert 2 == len(actions(admin, "?kind=contact"))
        assert 2 == len(actions(admin, "?action=contact.created"))
        assert [] == actions(admin, f"?since={later}")
        assert 2 == len(actions(admin, f"?kind=contact&until={later}"))

    def test_names_a_service_that_is_away_and_tells_the_rest(
        self, admin: Any, telling: Callable[..., Any], house: Any
    ) -> None:
        telling(contacts.ContactCreated, make.contact())
        house.close("sales")

        answer = admin.get("/v1/audit?kind=contact").json

        assert (["sales"], 1) == (answer["missing"], len(answer["items"]))

    @pytest.mark.parametrize(
        "query", ["cursor=x", "cursor=WzFd", "since=yesterday", "object_id=1", "limit=0"]
    )
    def test_refuses_what_cannot_be_read(self, admin: Any, query: str) -> None:
        assert admin.get(f"/v1/audit?{query}").status_code == 422


class TestRight:
    @pytest.fixture
    def auditor(self, admin: Any, calling: Callable[..., Any]) -> Callable[..., Any]:
        """`auditor(fields, read)` reads the trail and some records, and is no administrator."""

        def make_one(fields: Any = None, read: str = "all") -> Any:
            body = {
                "name": f"Auditor {ids.new()}", "special": ["audit"], "fields": fields or {},
                "grants": {"contact": {"read": read}},
            }  # fmt: skip
            role = admin.post("/v1/roles", body).json
            return calling(role["id"])

        return make_one

    def test_is_needed(self, calling: Callable[..., Any], auditor: Callable[..., Any]) -> None:
        assert calling("member").get("/v1/audit").status_code == 403
        assert calling("read-only").get("/v1/audit").status_code == 403
        assert auditor().get("/v1/audit").status_code == 200

    def test_tells_no_hidden_field_before_or_after(
        self, auditor: Callable[..., Any], telling: Callable[..., Any], viewing: Callable[..., None]
    ) -> None:
        marta = make.contact(job_title="Confidential adviser")
        telling(contacts.ContactCreated, marta)
        viewing(marta)

        [row] = trail(auditor({"contact": {"job_title": "hidden"}}), f"?object_id={marta.id}")

        assert row["values"] == "shown"
        assert "job_title" not in row["fields"]
        assert "Confidential" not in str(row)
        assert "last_name" in [each["field"] for each in row["changes"]]

    @pytest.mark.parametrize(
        ("read", "visibility"), [("own", "all"), ("none", "all"), ("all", "private")]
    )
    def test_tells_no_values_of_records_that_are_not_theirs_to_see(
        self, auditor: Callable[..., Any], telling: Callable[..., Any], viewing: Callable[..., None],
        read: str, visibility: str,
    ) -> None:  # fmt: skip
        marta = make.contact(visibility=visibility, owner_id=ids.new(), job_title="Confidential")
        telling(contacts.ContactCreated, marta)
        viewing(marta)

        [row] = trail(auditor(read=read), f"?object_id={marta.id}")

        assert (row["values"], row["changes"], row["action"]) == ("hidden", None, "contact.created")
        assert "Confidential" not in str(row)

    def test_says_that_values_were_erased(
        self, admin: Any, telling: Callable[..., Any], house: Any
    ) -> None:
        marta = make.contact()
        telling(contacts.ContactCreated, marta)
        with psycopg.connect(house.urls["contacts"], autocommit=True) as connection:
            connection.execute("delete from history_value")

        [row] = trail(admin, f"?object_id={marta.id}")

        assert (row["values"], row["changes"]) == ("erased", None)
        assert "last_name" in row["fields"]


class TestOwnEvents:
    @pytest.fixture
    def ida(self, person: Callable[..., Any]) -> Any:
        return person("member", email="ida@example.com", password=PASSWORD)

    @pytest.fixture
    def stranger(self, app: Any) -> Any:
        from services.gateway.tests.conftest import Caller

        return Caller(app.test_client(), address=ADDRESS)

    def sign_in(self, stranger: Any, password: str = PASSWORD, **more: str) -> Any:
        body = {"email": "ida@example.com", "password": password, **more}
        return stranger.ask("POST", "/v1/auth/token", body, User_Agent="Browser/9")

    def test_sign_ins_and_failed_ones_are_noted_with_where_from(
        self, admin: Any, ida: Any, stranger: Any
    ) -> None:
        self.sign_in(stranger, "wrong")
        self.sign_in(stranger)

        [started] = trail(admin, "?action=session.started")
        [failed] = trail(admin, "?action=sign_in.failed")

        assert (started["actor"], started["address"], started["agent"]) == (
            f"user:{ida.id}", ADDRESS, "Browser/9",
        )  # fmt: skip
        assert started["credential"] == f"session:{started['object_id']}"
        assert (failed["object_id"], failed["address"]) == (str(ida.id), ADDRESS)

    def test_keys_sessions_passwords_and_second_factors_are_noted(
        self, admin: Any, ida: Any, stranger: Any
    ) -> None:
        stranger.token = self.sign_in(stranger).json["access_token"]
        key = stranger.post("/v1/api-keys", {"name": "ETL", "scopes": ["read"]}).json
        stranger.delete(f"/v1/api-keys/{key['id']}")
        secret = stranger.post("/v1/users/me/second-factor", {"password": PASSWORD}).json["secret"]
        code = {"code": pyotp.TOTP(secret).now()}
        codes = stranger.ask("PUT", "/v1/users/me/second-factor", code).json["recovery_codes"]
        stranger.ask("DELETE", "/v1/users/me/second-factor", {"password": PASSWORD})
        new = {"current": PASSWORD, "new": "a quite different sentence"}
        stranger.ask("PUT", "/v1/users/me/password", new)
        stranger.delete("/v1/auth/token")

        found = trail(admin, f"?actor_id={ida.id}")

        assert {
            "session.started", "api_key.created", "api_key.revoked", "second_factor.confirmed",
            "second_factor.ended", "password.changed", "session.ended", "user.updated",
        } <= {each["action"] for each in found}  # fmt: skip
        assert {each["address"] for each in found} == {ADDRESS}
        told = str(found)
        secrets = [PASSWORD, new["new"], key["key"], stranger.token, secret, code["code"], *codes]
        assert [] == [each for each in secrets if each in told]

    def test_roles_settings_and_webhooks_are_noted_without_their_secrets(
        self, admin: Any, connection: psycopg.Connection[Any]
    ) -> None:
        role = admin.post("/v1/roles", {"name": "Seller", "grants": {"deal": {"read": "own"}}}).json
        admin.patch(f"/v1/roles/{role['id']}", {"special": ["audit"]}, version=1)
        hook = {"name": "Hook", "types": ["sales.deal.won.v1"], "url": None}
        made = admin.post("/v1/webhooks", hook).json
        secret = admin.get(f"/v1/webhooks/{made['id']}/secret").json["secret"]
        admin.post(f"/v1/webhooks/{made['id']}/secret", {})

        found = actions(admin, f"?actor_id={admin.user_id}")

        assert {"role.created", "role.updated", "webhook.created", "webhook.updated"} <= set(found)
        every = connection.execute("select a::text from audit a").fetchall()
        every += connection.execute("select v::text from history_value v").fetchall()
        hashes = connection.execute("select encode(token_hash, 'hex') from credential").fetchall()
        passwords = connection.execute('select password_hash from "user"').fetchall()
        secrets = [secret, *(row[0] for row in hashes), *(row[0] for row in passwords if row[0])]
        assert [] == [each for each in secrets if each in str(every)]


class TestReads:
    @pytest.fixture
    def marta(self, viewing: Callable[..., None]) -> Any:
        marta = make.contact()
        viewing(marta)
        return marta

    def reads(self, app: Any, admin: Any, marta: Any) -> list[dict[str, Any]]:
        app.extensions["looks"].flush()
        return trail(admin, f"?action=customer.read&object_id={marta.id}")

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/v1/customers/{}", {}),
            ("/v1/customers/{}", {"X_Request_Id": "request-0001"}),
            ("/v1/customers/{}?consistency=live", {}),
            ("/v1/customers/{}/timeline", {}),
        ],
        ids=["fast", "flask", "live", "timeline"],
    )
    def test_of_a_customer_say_who_whose_and_from_where(
        self, app: Any, admin: Any, calling: Callable[..., Any], marta: Any, house: Any,
        path: str, headers: dict[str, str],
    ) -> None:  # fmt: skip
        house.keep(marta)
        reader = calling("member")
        reader.address = ADDRESS

        answer = reader.get(path.format(marta.id), User_Agent="Browser/9", **headers)

        assert answer.status_code == 200
        [row] = self.reads(app, admin, marta)
        assert (row["actor"], row["address"], row["agent"]) == (
            f"user:{reader.user_id}", ADDRESS, "Browser/9",
        )  # fmt: skip
        assert row["credential"].startswith("session:")
        assert row["request_id"] == answer.headers["X-Request-Id"]

    def test_of_a_key_name_the_key_and_whose_it_is(
        self,
        app: Any,
        admin: Any,
        person: Callable[..., Any],
        signed_in: Callable[..., Any],
        marta: Any,
    ) -> None:
        ida = person("member")
        signed_in(ida, kind="key").get(f"/v1/customers/{marta.id}")

        [row] = self.reads(app, admin, marta)

        assert row["actor"] == row["credential"]
        assert row["actor"].startswith("key:")
        assert row["on_behalf_of"] == f"user:{ida.id}"

    def test_that_told_nothing_are_not_noted(
        self, app: Any, admin: Any, calling: Callable[..., Any], marta: Any
    ) -> None:
        reader = calling("member")
        tag = reader.get(f"/v1/customers/{marta.id}").headers["ETag"]
        app.extensions["looks"]._seen.clear()

        assert reader.get(f"/v1/customers/{marta.id}", If_None_Match=tag).status_code == 304
        assert reader.get(f"/v1/customers/{ids.new()}").status_code == 404

        assert len(self.reads(app, admin, marta)) == 1

    def test_are_forgotten_after_the_time_that_is_set(
        self, building: Callable[..., Any], house: Any, calling: Callable[..., Any], marta: Any,
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        app = building(CRM_PEERS=house.peers, CRM_AUDIT_READS_DAYS="30")
        calling("member", of=app).get(f"/v1/customers/{marta.id}")
        app.extensions["looks"].flush()

        kept = connection.execute(
            "select expires_at - at from audit where action = 'customer.read'"
        ).fetchone()

        assert kept == (timedelta(days=30),)


def test_the_chain_of_the_gateway_holds(admin: Any, connection: psycopg.Connection[Any]) -> None:
    admin.post("/v1/roles", {"name": "Seller"})
    work = audit.Sealing()

    def sealed() -> bool:
        work._due = 0.0
        work.run(connection)
        return audit.head(connection)["unsealed"] == 0

    wait_until(sealed, 60)
    assert audit.verify(connection)["broken"] is None
    assert trail(admin, "?kind=role")[0]["sealed"]
