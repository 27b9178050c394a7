"""Every route of the gateway itself, by everybody: each cell of range and relation where one counts.

The four services are tried in `tests/rights`; what is the gateway's own has laws of its own here,
and a route without one fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from services.gateway.tests import factories as make
from services.gateway.tests.conftest import Caller
from tests.rights.matrix import RELATIONS, Operation, cells, operations

from crm_chassis import clock, ids
from crm_chassis.rights import ACTIONS, ANYBODY, SPECIAL, Range
from crm_contracts import objects
from crm_contracts.sales import DealCreated
from crm_gateway import identity
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
# What is somebody's own, whatever anybody's role: to others it is not there.
PERSONAL = {
    "DELETE /v1/api-keys/<uuid:key_id>": "api_key",
    "DELETE /v1/sessions/<uuid:session_id>": "session",
    "POST /v1/notifications/<uuid:notification_id>/read": "notification",
}
CUSTOMERS = {
    "GET /v1/customers/<uuid:customer_id>", "GET /v1/customers/<uuid:customer_id>/timeline",
}  # fmt: skip
VIEWS = {
    "GET /v1/views", "POST /v1/views", "GET /v1/views/<uuid:view_id>",
    "PATCH /v1/views/<uuid:view_id>", "DELETE /v1/views/<uuid:view_id>",
    "PUT /v1/views/<uuid:view_id>/restoration",
}  # fmt: skip
_NOTIFY = """
insert into notification (id, user_id, kind, group_kind, group_id, about_kind, about_id, actor, at,
                          details, in_console, mail)
values (%(id)s, %(user)s, 'mention', 'contact', %(id)s, 'contact', %(id)s, 'user:1', now(), '{}',
        true, 'no')
"""


def law_of(operation: Operation) -> str | None:
    """Return by which law a route is tried; None where nobody has thought of it."""
    right = operation.right
    if right is None:
        return None
    if right.special is not None:
        return "special"
    if operation.name in PERSONAL:
        return "personal"
    if right.action == ANYBODY:
        return None if "uuid:" in operation.rule.rule else "oneself"
    if operation.name in CUSTOMERS | VIEWS:
        return "ranged"
    is_told = right.action == "read" and objects.object_of(str(right.kind)) == "user"
    return "everybody's" if is_told else None


@pytest.fixture(scope="module")
def app(building: Callable[..., Flask], houses: Any) -> Flask:
    return building(CRM_PEERS=houses.peers, CRM_RATE_LIMIT="1000000/minute")


@pytest.fixture
def every(app: Flask) -> list[Operation]:
    return list(operations(app))


@dataclass
class People:
    """Somebody in a team, a mate in the team below, and a stranger."""

    me: Caller
    ids: dict[str, UUID]
    teams: dict[str, UUID | None]


@pytest.fixture
def holding(calling: Callable[..., Caller]) -> Callable[..., Caller]:
    """`holding({"contact": {"read": "own"}}, ["audit"], team_id=…)` holds such a role."""
    admin = calling("admin")

    def hold(grants: Any, special: Any = (), **given: Any) -> Caller:
        body = {"name": f"Role {ids.new()}", "grants": grants, "special": list(special)}
        made = admin.post("/v1/roles", body)
        assert made.status_code == 201, made.text
        return calling(made.json["id"], **given)

    return hold


@pytest.fixture
def people(holding: Any, person: Any, doing: Any) -> Callable[[Any], People]:
    """`people(grants)`: the first of them holds a role with these grants."""

    def make_them(grants: Any) -> People:
        north = doing(identity.create_team, identity.CreateTeam(name=f"North {ids.new()}")).id
        below = identity.CreateTeam(name=f"Coast {ids.new()}", parent_id=north)
        coast = doing(identity.create_team, below).id
        me, mate = holding(grants, team_id=north), person("member", team_id=coast)
        assert me.user_id
        known = {"own": me.user_id, "team": mate.id, "other": person("member").id}
        return People(me, known, {"own": north, "team": coast, "other": None})

    return make_them


def everything(range_: Range) -> dict[str, dict[str, str]]:
    return {name: dict.fromkeys(ACTIONS, str(range_)) for name in objects.objects()}


def test_every_route_has_a_law(every: list[Operation]) -> None:
    assert [] == [each.name for each in every if law_of(each) is None]
    names = {each.name for each in every}
    assert {*PERSONAL, *CUSTOMERS, *VIEWS} <= names


class TestSpecial:
    def test_rights_are_needed_and_enough(
        self, every: list[Operation], holding: Any, calling: Any
    ) -> None:
        asked = [each for each in every if law_of(each) == "special"]
        rest = {None: SPECIAL} | {
            name: [each for each in SPECIAL if each != name] for name in SPECIAL
        }
        without = {name: holding(everything(Range.ALL), few) for name, few in rest.items()}
        held = {name: holding({}, [name]) for name in SPECIAL} | {"administer": calling("admin")}

        wrong = []
        for each in asked:
            special = str(each.right and each.right.special)
            refused = without.get(special, without[None])
            statuses = [
                who.ask(each.method, each.path(ids.new()), {} if each.method != "GET" else None)
                .status_code
                for who in (refused, held[special])
            ]  # fmt: skip
            if statuses[0] != 403 or statuses[1] in {401, 403, 500}:
                wrong.append((each.name, statuses))
        assert asked
        assert [] == wrong


class TestPersonal:
    @pytest.mark.parametrize("range_", Range)
    @pytest.mark.parametrize("relation", RELATIONS)
    def test_things_are_there_for_whose_they_are(
        self, every: list[Operation], people: Any, signed_in: Any, doing: Any, range_: Range,
        relation: str, connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        them = people(everything(range_))
        wrong = []
        for each in every:
            if each.name in PERSONAL:
                made = self.made(PERSONAL[each.name], them.ids[relation], connection, doing)
                status = them.me.ask(each.method, each.path(made)).status_code
                if status not in ({200, 204} if relation == "own" else {404}):
                    wrong.append((each.name, status))
        assert [] == wrong

    def made(self, kind: str, user_id: UUID, connection: Any, doing: Any) -> UUID:
        made = ids.new()
        if kind == "notification":
            connection.execute(_NOTIFY, {"id": made, "user": user_id})
            return made
        if kind == "session":
            doing(identity.credentials.start, user_id, address=None, agent=None)
        else:
            doing(
                identity.credentials.issue_key, user_id=user_id, name="k", scopes=["read"],
                expires_at=None,
            )  # fmt: skip
        sql = "select id from credential where user_id = %s and kind = %s order by id desc limit 1"
        row = connection.execute(sql, (user_id, "session" if kind == "session" else "key"))
        found: UUID = row.fetchone()[0]
        return found


class TestViews:
    SEEN = {  # noqa: RUF012
        "private": ("own",), "team": ("own", "team"), "all": RELATIONS,
    }  # fmt: skip

    @pytest.mark.parametrize("range_", Range)
    @pytest.mark.parametrize("relation", RELATIONS)
    @pytest.mark.parametrize("visibility", ["private", "team", "all"])
    def test_are_seen_as_they_are_shared_and_changed_by_their_owner(
        self, people: Any, signed_in: Any, person: Any, range_: Range, relation: str,
        visibility: str, connection: psycopg.Connection[Any], calling: Any,
    ) -> None:  # fmt: skip
        them = people(everything(range_))
        made = calling("admin").post("/v1/views", {"object": "contact", "name": str(ids.new())})
        for table in ("saved_view", "record"):
            connection.execute(
                f"update {table} set owner_id = %s, team_id = %s, visibility = %s where id = %s",
                (them.ids[relation], them.teams[relation], visibility, made.json["id"]),
            )

        path, is_seen = f"/v1/views/{made.json['id']}", relation in self.SEEN[visibility]
        read = them.me.get(path)
        listed = [each["id"] for each in them.me.get("/v1/views").json["items"]]
        written = [them.me.patch(path, {"sort": "name"}, 1)]
        if relation == "own":
            written += [
                them.me.delete(path, 2),
                them.me.ask("PUT", f"{path}/restoration", If_Match='"3"'),
            ]
        else:
            written.append(them.me.delete(path, 1))

        assert (200 if is_seen else 404) == read.status_code
        assert is_seen is (made.json["id"] in listed)
        expected = {200} if relation == "own" else {403} if is_seen else {404}
        assert expected == {each.status_code for each in written}


class TestCustomers:
    @pytest.fixture
    def told(self, app: Flask, house: Any, connection: Any) -> Callable[..., None]:
        at = clock.now() - timedelta(seconds=1)
        for service in ("contacts", "sales", "marketing", "support"):
            connection.execute("insert into watermark values (%s, %s)", [service, at])
        app.extensions["view"]._marks = (0.0, {})

        def tell(*things: Any) -> None:
            house.keep(*things)
            with connection.transaction():
                items = [make.item(thing) for thing in things]
                ViewFolder(all_sources()).fold(connection, items)

        return tell

    @pytest.mark.parametrize("kind", ["contact", "account"])
    @pytest.mark.parametrize(("range_", "relation", "reaches"), tuple(cells()))
    def test_are_there_for_whom_the_range_reaches(
        self, people: Any, told: Any, kind: str, range_: Range, relation: str, reaches: bool
    ) -> None:
        them = people({kind: {"read": str(range_)}})
        name = f"Zebulon {ids.new().hex[-6:]}"
        whose = {"owner_id": them.ids[relation]}
        customer = make.contact(name, **whose) if kind == "contact" else make.account(name, **whose)
        told(customer)

        path = f"/v1/customers/{customer.id}"
        pages = {
            query: them.me.get(f"{path}{query}").status_code
            for query in ("", "?consistency=live", "?consistency=view")
        }
        plain = them.me.get(path, X_Request_Id="request-0001").status_code
        found = them.me.get(f"/v1/search?facets=true&q={name.replace(' ', '%20')}").json

        assert {200 if reaches else 404} == {plain, *pages.values()}
        assert ([str(customer.id)] if reaches else []) == [each["id"] for each in found["items"]]
        assert ([{"kind": kind, "count": 1}] if reaches else []) == found["facets"]

    @pytest.mark.parametrize(("range_", "relation", "reaches"), tuple(cells()))
    def test_their_timeline_tells_of_what_the_range_reaches(
        self, people: Any, told: Any, range_: Range, relation: str, reaches: bool
    ) -> None:
        them = people({"contact": {"read": "all"}, "deal": {"read": str(range_)}})
        marta = make.contact()
        deal = make.deal(marta.id, owner_id=them.ids[relation])
        told(marta, make.fact(DealCreated, deal))

        items = them.me.get(f"/v1/customers/{marta.id}/timeline").json["items"]

        assert ([str(deal.id)] if reaches else []) == [each["subject_id"] for each in items]
