"""Each service of the platform in this process, with records of every kind."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from tests.rights.matrix import Bench

from crm_chassis.testing import environment

SERVICES = ("contacts", "sales", "marketing", "support")


@pytest.fixture(scope="module", params=SERVICES)
def bench(request: pytest.FixtureRequest, database: Callable[[str], str]) -> Iterator[Bench]:
    url = database(request.param)
    app, engine = an_app(request.param, url)
    made = Bench(request.param, app, url)
    made.fill()
    yield made
    engine.dispose()


def an_app(service: str, url: str, **more: str) -> tuple[Flask, Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(service, url, "amqp://127.0.0.1:9", **more).items():
            patch.setenv(name, value)
        settings = import_module(f"crm_{service}.settings").read()
    made: tuple[Flask, Any] = import_module(f"crm_{service}.wsgi").create(settings)
    return made
