"""Definitions that flows make, and what is refused because of them."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.running import Platform

from crm_client.errors import Refused

Has = Callable[..., dict[str, Any]]


def mark() -> str:
    return "f" + uuid.uuid4().hex[:10]


@contextmanager
def definitions(platform: Platform) -> Iterator[Has]:
    """`has("fields", …)` makes a definition that is put away after the test: others run here too."""
    made: list[tuple[str, str]] = []

    def define(plural: str, **body: Any) -> dict[str, Any]:
        found = platform.api.post(f"/v1/{plural}", body)
        made.append((plural, found["id"]))
        return dict(found)

    yield define
    for plural, id_ in reversed(made):
        current = platform.api.get(f"/v1/{plural}/{id_}")
        headers = {"If-Match": f'"{current["version"]}"'}
        platform.once("DELETE", f"/v1/{plural}/{id_}", headers=headers)


@contextmanager
def refused(*fields: str) -> Iterator[Any]:
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.problem["status"] == 422, caught.value.problem
    assert set(fields) <= set(caught.value.problem["errors"]), caught.value.problem


def patched(platform: Platform, path: str, body: dict[str, Any]) -> dict[str, Any]:
    version = platform.api.get(path)["version"]
    answer = platform.once("PATCH", path, json=body, headers={"If-Match": f'"{version}"'})
    return {"status": answer.status_code, **answer.json()}
