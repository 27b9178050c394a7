"""`crm` against a whole platform: the import and the sample company, each twice."""

import csv
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]
ROWS = 1200


def answer(platform: Platform, *words: str, code: int = 0) -> dict[str, Any]:
    done = platform.crm(*words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A file as HubSpot writes it, with a byte order mark, `;` and one address that is none."""
    file, word = tmp_path / "export.csv", uuid.uuid4().hex[:8]
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(["Record ID", "Email", "Last Name", "First Name", "Associated Company"])
        for number in range(ROWS):
            email = f"{word}-{number}@import.example" if number != 7 else "nobody"
            email = "" if number == 8 else email
            rows.writerow([number, email, f"N{number}", "Ida", f"Firm {word} {number % 40}"])
    return file


def test_an_import_creates_everybody_once(platform: Platform, export: Path) -> None:
    first = answer(platform, "import", "contacts", str(export))
    second = answer(platform, "import", "contacts", str(export))

    assert (ROWS, ROWS - 1, 0, 1, 40) == counts(first)
    assert (ROWS, 0, ROWS - 1, 1, 0) == counts(second)
    with Path(first["rejects"]).open(newline="") as file:
        (refused,) = csv.DictReader(file)
    assert ("9", "nobody") == (refused["line"], refused["Email"])
    wait_until(platform.is_quiet, timeout=60)
    assert platform.differences() == 0


def test_the_sample_company_is_loaded_once_and_removed_whole(platform: Platform) -> None:
    answer(platform, "demo", "load")
    second = answer(platform, "demo", "load")

    assert not any(second["created"].values())
    for url in second["customers"]:
        wait_until(lambda u=url: is_rich(platform.customer(u.rpartition("/")[2])), timeout=60)
    removed = answer(platform, "demo", "remove")
    assert removed["archived"]["contacts"] == 1000
    assert not platform.items("/v1/contacts", source="demo")
    wait_until(platform.is_quiet, timeout=60)
    assert platform.differences() == 0


def test_operators_ask_every_service(platform: Platform) -> None:
    status = answer(platform, "status")

    assert {"contacts", "sales", "marketing", "support", "gateway", "roles"} == status.keys()
    assert all(each["waiting"] == 0 for each in answer(platform, "reconcile").values())
    assert answer(platform, "resync", "support")["support"]["ghosts_removed"] == 0
    assert answer(platform, "view", "rebuild", "--follow")["ghosts_removed"] == 0
    assert [] == answer(platform, "topology", "diff")["lines"]
    assert answer(platform, "topology", "apply")["applied"]
    assert [] == answer(platform, "topology", "prune")["queues"]
    assert [] == answer(platform, "parked", "list")["groups"]
    nobody = str(uuid.uuid4())
    assert platform.crm("parked", "show", nobody).returncode == 1
    assert platform.crm("parked", "retry").returncode == 2


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    names = ("read", "created", "already_there", "refused", "accounts_created")
    return tuple(found[name] for name in names)


def is_rich(view: dict[str, Any]) -> bool:
    if not view:
        return False
    found = {name: section["data"] for name, section in view["sections"].items()}
    return all(
        found[service][kind]
        for service, kind in (
            ("contacts", "notes"), ("contacts", "interactions"), ("sales", "deals"),
            ("marketing", "messages"), ("support", "tickets"),
        )
    )  # fmt: skip
