"""One service in this process, roles told to it, records of every kind, and callers of every role.

An operation that the caller may do goes on to look at its input, which here is none: 422. One that
they may not is refused before: 403, or 404 where the record is not shown to them. So every
operation can be tried without a single valid body.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from werkzeug.routing import Rule

from crm_chassis import ids
from crm_chassis.auth import Principal, Signer
from crm_chassis.rights import Range, Right, right_of
from crm_chassis.testing import keys
from crm_contracts import RECORDS, objects

RELATIONS = ("own", "team", "other")
REACH = {"none": (), "own": ("own",), "team": ("own", "team"), "all": RELATIONS}
_RECORD = """
insert into record (kind, id, version, body, owner_id, team_id, updated_at)
values (%s, %s, 1, %s, %s, %s, now())
"""
_ROLE = """
insert into role_copy (id, version, grants, fields, special) values (%s, %s, %s, %s, %s)
on conflict (id) do update set version = excluded.version, grants = excluded.grants,
    fields = excluded.fields, special = excluded.special
"""


@dataclass(frozen=True)
class Operation:
    """A method and a path with what they need."""

    method: str
    rule: Rule
    right: Right | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def subject_kind(self) -> str | None:
        """The kind of the record whose range decides, None where no record is named."""
        right = self.right
        if right is None or right.kind is None:
            return None
        if right.subject is not None:
            return right.subject.kind
        return right.kind if right.action == "read" and "uuid:" in self.rule.rule else None

    def path(self, record_id: UUID) -> str:
        """The path with the record in its first id, anything in the others."""
        given: dict[str, Any] = {}
        for name, converter in self.rule._converters.items():
            kind = type(converter).__name__
            given[name] = {
                "UUIDConverter": record_id if not given else ids.new(),
                "IntegerConverter": 1,
                "AnyConverter": next(iter(getattr(converter, "items", ["x"])), "x"),
            }.get(kind, "x")
        built = self.rule.build(given)
        assert built is not None
        return built[1]


def operations(app: Flask) -> Iterator[Operation]:
    """Yield every operation under /v1/ that the application documents itself."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not rule.rule.startswith("/v1/") or rule.rule == "/v1/<path:path>":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Operation(method, rule, right_of(view))


@dataclass
class Bench:
    """A service's application and database, with three people's records of every kind."""

    service: str
    app: Flask
    url: str
    me: UUID = field(default_factory=ids.new)
    mate: UUID = field(default_factory=ids.new)
    team: UUID = field(default_factory=ids.new)
    below: UUID = field(default_factory=ids.new)
    records: dict[tuple[str, str], UUID] = field(default_factory=dict)

    def fill(self) -> None:
        """Put one's own, a mate's and a stranger's record of every kind there is."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for user_id, team_id in ((self.me, self.team), (self.mate, self.below)):
                self._person(connection, user_id, team_id)
            kinds = [kind for of, kind in RECORDS if of == self.service]
            for kind in sorted(kinds, key=lambda each: each in objects.PARTS):
                for relation, owner in zip(RELATIONS, (self.me, self.mate, ids.new()), strict=True):
                    record_id = self.records[kind, relation] = ids.new()
                    body = self._body(kind, relation) | {"id": record_id, "owner_id": owner}
                    values = (kind, record_id, json.dumps(body, default=str), owner, None)
                    connection.execute(_RECORD, values)

    def _body(self, kind: str, relation: str) -> dict[str, Any]:
        """What a body needs so that it can be answered, and seen as its whole is."""
        body: dict[str, Any] = {"custom": {}, "merged_into_id": None}
        if kind in objects.PARTS:
            whole, name = objects.PARTS[kind]
            body[name] = str(self.records[whole, relation])
        return body

    def role(self, grants: Any, fields: Any = None, special: Any = ()) -> UUID:
        """Tell the service a new role; return its id."""
        role_id = ids.new()
        values = (role_id, 1, json.dumps(grants), json.dumps(fields or {}), list(special))
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_ROLE, values)
        return role_id

    def as_(self, *roles: str, version: int = 1) -> dict[str, str]:
        """Return the headers of somebody with these roles, in a team that has another below."""
        own = [each for each in roles if each not in {"admin", "member", "read-only"}]
        who = Principal(
            actor=f"user:{self.me}",
            user_id=self.me,
            roles=frozenset(roles),
            team_ids=(self.team, self.below),
            role_versions=tuple(sorted((each, version) for each in own)),
        )
        token = Signer(json.dumps(keys("gateway")[0])).token(self.service, who)
        return {"Authorization": f"Bearer {token}"}

    def try_(self, operation: Operation, headers: dict[str, str], record_id: UUID) -> int:
        """Ask without any valid input; return the status."""
        path, given = operation.path(record_id), dict(headers)
        data = None
        if operation.method in {"POST", "PUT", "PATCH"}:
            data, given["Content-Type"] = b"[]", "application/json"
        if operation.method == "DELETE":
            given["If-Match"] = '"x"'
        answer = self.app.test_client().open(
            path, method=operation.method, headers=given, data=data
        )
        return answer.status_code

    @staticmethod
    def _person(connection: Any, user_id: UUID, team_id: UUID) -> None:
        connection.execute(
            "insert into user_copy (id, version, team_id) values (%s, 1, %s)", (user_id, team_id)
        )


def cells() -> Iterator[tuple[Range, str, bool]]:
    """Yield each range with each relation, and whether it reaches that far."""
    for range_ in Range:
        for relation in RELATIONS:
            yield range_, relation, relation in REACH[str(range_)]
