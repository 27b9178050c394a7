"""The fast path says what Flask would say, and leaves to Flask what it does not know."""

import psycopg
import pytest
from prometheus_client import REGISTRY
from services.gateway.tests import factories as make

from crm_chassis import ids
from crm_contracts import contacts
from crm_gateway.view import ViewFolder
from crm_gateway.view.fast import ROUTE, FastPath
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
OWN = {"Date", "X-Request-Id", "RateLimit-Remaining", "RateLimit-Reset"}


@pytest.fixture(scope="module")
def app(building, houses):
    return building(CRM_PEERS=houses.peers)


@pytest.fixture
def passed_on(app, monkeypatch):
    """Count the requests that go on to Flask."""
    counted = []
    behind = app.wsgi_app._behind
    monkeypatch.setattr(
        app.wsgi_app,
        "_behind",
        lambda *args: (counted.append(args[0]["PATH_INFO"]), behind(*args))[1],
    )
    return counted


@pytest.fixture
def customer(connection):
    """`customer(note=owner)` brings a contact with a deal, and a private note, into the view."""
    folder = ViewFolder(all_sources())

    def make_one(*, note_of=None, **given):
        marta = make.contact(**given)
        things = [make.fact(contacts.ContactCreated, marta), make.deal(marta.id)]
        if note_of:
            note = make.note(marta.id, visibility="private", owner_id=note_of)
            things.append(make.fact(contacts.NoteAdded, note))
        with connection.transaction():
            folder.fold(connection, [make.item(thing) for thing in things])
        return f"/v1/customers/{marta.id}"

    return make_one


def both(caller, path, **headers):
    """Return the fast path's answer and Flask's."""
    return caller.get(path, **headers), caller.get(path, X_Request_Id="request-0001", **headers)


def said(answer):
    headers = {name: value for name, value in answer.headers.items() if name not in OWN}
    return answer.status_code, headers, answer.data


class TestFastPath:
    def test_is_in_front(self, app):
        assert isinstance(app.wsgi_app, FastPath)

    def test_says_what_flask_says(self, customer, calling, passed_on):
        ida = calling("member")
        path = customer(note_of=ida.user_id)

        for caller in (ida, calling("member"), calling("admin")):
            fast, slow = both(caller, path)
            assert said(fast) == said(slow)
            assert OWN <= {"Date", *fast.headers.keys()}
            assert fast.status_code == 200
        # What is not for everybody is composed for each member, behind Flask.
        assert len(passed_on) == 5

    def test_says_304_as_flask_does(self, customer, calling, passed_on):
        ida, path = calling("member"), customer()
        tag = ida.get(path).headers["ETag"]

        fast, slow = both(ida, path, If_None_Match=tag)

        assert said(fast) == said(slow)
        assert (fast.status_code, fast.data) == (304, b"")
        assert len(passed_on) == 1

    def test_leaves_the_rest_to_flask(self, customer, calling, passed_on):
        ida, path = calling("member"), customer()
        private = customer(visibility="private", owner_id=ids.new())

        statuses = [
            ida.get(path + "?consistency=view").status_code,
            ida.get(path, X_CRM_Version="nothing").status_code,
            ida.ask("HEAD", path).status_code,
            ida.ask("DELETE", path).status_code,
            ida.get(f"/v1/customers/{'x' * 36}").status_code,
            ida.get(private).status_code,
        ]
        ida.token = "wrong"
        statuses.append(ida.get(path).status_code)

        assert statuses == [200, 200, 200, 404, 404, 404, 401]
        assert len(passed_on) == len(statuses)

    def test_counts_toward_the_limit_and_leaves_the_refusal_to_flask(
        self, customer, building, houses, calling, passed_on
    ):
        ida, path = (
            calling("member", of=building(CRM_PEERS=houses.peers, CRM_RATE_LIMIT="2/minute")),
            customer(),
        )

        answers = [ida.get(path) for _ in range(3)]

        assert [each.status_code for each in answers] == [200, 200, 429]
        assert [each.headers["RateLimit-Remaining"] for each in answers] == ["1", "0", "0"]
        assert int(answers[2].headers["Retry-After"]) >= 1

    def test_leaves_a_database_that_is_away_to_flask(self, customer, calling, app, monkeypatch):
        ida, path = calling("member"), customer()
        assert ida.get(path).status_code == 200

        def away(_read):
            raise psycopg.OperationalError("the connection is lost")

        monkeypatch.setattr(app.extensions["view"].read, "hot", away)

        assert ida.get(path).status_code == 503

    def test_is_counted(self, customer, calling):
        ida, path = calling("member"), customer()
        labels = {
            "http_request_method": "GET",
            "http_route": ROUTE,
            "http_response_status_code": "200",
        }
        name = "http_server_request_duration_seconds_count"
        before = REGISTRY.get_sample_value(name, labels) or 0

        both(ida, path)

        assert REGISTRY.get_sample_value(name, labels) == before + 2
