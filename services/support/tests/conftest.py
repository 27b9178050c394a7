"""Fixtures of the tests of support."""

import json
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from services.support.tests.factories import Api, Desk
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import ids
from crm_chassis.auth import Principal, Signer
from crm_chassis.testing import environment, keys, unaudited


@pytest.fixture(scope="module")
def app(database: Callable[[str], str]) -> Iterator[Flask]:
    """The application; whatever its tests had told must stand in the audit trail."""
    from crm_support import settings, wsgi

    url = database("support")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment("support", url, "amqp://127.0.0.1:9").items():
            patch.setenv(name, value)
        app, engine = wsgi.create(settings.read())
    yield app
    engine.dispose()
    assert [] == unaudited(url)


@pytest.fixture(scope="module")
def sessions(app: Flask) -> sessionmaker[Session]:
    return app.extensions["crm"].sessions


@pytest.fixture
def desk(sessions: sessionmaker[Session]) -> Desk:
    return Desk(sessions)


@pytest.fixture
def caller() -> Principal:
    user_id = ids.new()
    return Principal(actor=f"user:{user_id}", user_id=user_id, roles=frozenset({"member"}))


@pytest.fixture
def api(app: Flask, caller: Principal) -> Api:
    return Api(app.test_client(), token_for(caller))


@pytest.fixture
def reader(app: Flask) -> Api:
    return Api(
        app.test_client(), token_for(Principal(actor="user:r", roles=frozenset({"read-only"})))
    )


def token_for(principal: Principal) -> str:
    return Signer(json.dumps(keys("gateway")[0])).token("support", principal)
