"""Whatever is sent, the answer is a documented one: no 500, no surprise, problems as promised."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.running import Platform, up

from crm_client import Client

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SERVICES = ("contacts", "gateway", "marketing", "sales", "support")
EXAMPLES = 5
# Signing out ends the session all cases use; ten wrong secrets at any of these lock this address
# out for a minute: what they make of rubbish is tried one by one in the gateway's own tests.
DOORS = frozenset(
    f"/v1/auth/{door}" for door in ("token", "invitations", "password", "password-reset")
)
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def rubbish_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of our own: what is made up refers to records that never arrive."""
    home = tmp_path_factory.mktemp("rubbish")
    with up(home), Platform(home) as running:
        yield running


@pytest.fixture
def platform(rubbish_platform: Platform) -> Platform:
    rubbish_platform.heal()
    return rubbish_platform


@pytest.fixture
def document(platform: Platform) -> Any:
    return platform.once("GET", "/openapi.json").json()


def _token(platform: Platform, role: str) -> str:
    """Return the token of somebody new in that role: what they may ask in a minute is their own."""
    email, password = f"{uuid.uuid4()}@example.com", uuid.uuid4().hex
    fields = {"email": email, "name": "Ida", "password": password, "roles": [role]}
    platform.api.post("/v1/users", fields)
    with closing(Client(platform.url, email=email, password=password)) as caller:
        return caller.token()


@pytest.fixture
def sending(platform: Platform, role: str) -> Iterator[Callable[[Any], None]]:
    """`sending(case)` sends a case as somebody in that role and checks the answer."""
    with requests.Session() as session:
        session.trust_env = False
        bearer = {"Authorization": f"Bearer {_token(platform, role)}"}

        def send(case: Any) -> None:
            answer = case.call(base_url=platform.url, session=session, headers=bearer, timeout=30)
            case.validate_response(answer, checks=CHECKS)

        yield send


@pytest.fixture
def known(platform: Platform) -> Callable[[str], str | None]:
    """`known("/v1/deals/{deal_id}")` is the id of a record there, if there is any."""
    found: dict[str, str | None] = {}

    def look(path: str) -> str | None:
        resource = "/".join(path.split("/")[:3])
        if resource not in found:
            answer = platform.once("GET", resource, params={"limit": 1})
            items = answer.json().get("items", []) if answer.status_code == 200 else []
            found[resource] = items[0].get("id") if items else None
        return found[resource]

    return look


def _operations(document: Any, service: str) -> list[Any]:
    schema = schemathesis.openapi.from_dict(document)
    operations = [each.ok() for each in schema.get_all_operations()]
    return [
        each
        for each in operations
        if each.definition.raw["x-crm-service"] == service and each.path not in DOORS
    ]


def _attack(
    operation: Any, mode: GenerationMode, send: Callable[[Any], None], record_id: str | None
) -> None:
    turn = iter(range(10**6))

    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        # Every other case meets a record that exists, mostly in the version it names.
        if record_id and case.path_parameters and next(turn) % 2:
            case.path_parameters = dict.fromkeys(case.path_parameters, record_id)
            if case.method != "GET":
                case.headers["If-Match"] = f'"{1 + next(turn) % 3}"'
        send(case)

    run()


@pytest.fixture
def tidied(platform: Platform) -> Iterator[None]:
    """Put away afterwards what would hold the next one's records to nonsense."""
    yield
    for path in ("/v1/validation-rules", "/v1/naming-rules", "/v1/fields", "/v1/event-types"):
        for each in platform.items(path):
            platform.api.delete(f"{path}/{each['id']}", version=each["version"])
    platform.api.put("/v1/duplicates/policy", {"rule": "warn"})
    platform.api.put("/v1/mails/policy", {"strangers": "ignore"})


@pytest.fixture
def populated(platform: Platform) -> None:
    """Leave a record of the usual kinds, so that cases meet something."""
    contact = platform.contact()
    platform.deal(contact)
    platform.api.post("/v1/tickets", {"subject": "A question", "requester_id": contact["id"]})
    platform.api.post("/v1/accounts", {"name": "Northwind"})
    email = f"{uuid.uuid4()}@example.com"  # the newest user is changed, not the administrator
    platform.api.post("/v1/users", {"email": email, "name": "Anna"})
    platform.api.post(
        "/v1/notes", {"body": "A note", "subjects": [{"type": "contact", "id": contact["id"]}]}
    )


@pytest.mark.usefixtures("populated", "tidied")
@pytest.mark.parametrize("role", ["admin", "member"])
@pytest.mark.parametrize("service", SERVICES)
def test_is_answered_as_documented(
    document: Any,
    service: str,
    sending: Callable[[Any], None],
    known: Callable[[str], str | None],
) -> None:
    operations = _operations(document, service)
    failures = []
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _attack(operation, mode, sending, known(operation.path))
            except Unsatisfiable:
                continue  # nothing about this operation can be wrong
            except Exception as error:  # noqa: BLE001 - every operation is tried, then all are named
                failures += [f"{operation.label} {mode.name}: {_told(error)}"]

    assert operations
    assert failures == []


def _told(error: BaseException) -> str:
    inner = [_told(each) for each in getattr(error, "exceptions", ())]
    return "; ".join(inner) or f"{type(error).__name__}: {error}"
