"""The command line finds the platform, answers in JSON, and ends with the right code."""

import json
import sys
from pathlib import Path

import pytest

from crm_client import cli, settings
from crm_client.cli.topology import abandoned

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CRM_URL", "CRM_TOKEN", "CRM_EMAIL", "CRM_PASSWORD", "CRM_OPS_PEERS", "CRM_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def code_of(*words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["crm", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_plans_without_a_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("First Name;Email;Shoe size\nAda;a@a.example;38\n;;39\n")

    assert 0 == code_of(
        "import", "contacts", str(file), "--dry-run", "--json", monkeypatch=monkeypatch
    )
    plan = json.loads(capsys.readouterr().out)
    assert (2, 1, ["Shoe size"]) == (plan["read"], plan["to_send"], plan["ignored"])
    assert [3] == [each["line"] for each in plan["refused"]]


def test_tells_failures_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Email\na@a.example\n")
    away = ("--url", "http://127.0.0.1:9", "--token", "t")
    monkeypatch.setattr("time.sleep", lambda _: None)

    assert 2 == code_of("import", "contacts", monkeypatch=monkeypatch)
    assert 2 == code_of("import", "contacts", str(file), "--mapping", "x", monkeypatch=monkeypatch)
    assert 1 == code_of("import", "contacts", "nowhere.csv", monkeypatch=monkeypatch)
    assert 1 == code_of("import", "contacts", str(file), monkeypatch=monkeypatch)
    assert 3 == code_of(*away, "import", "contacts", str(file), monkeypatch=monkeypatch)


def test_finds_a_local_platform_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, inside = tmp_path / ".local", tmp_path / "a" / "b"
    home.mkdir()
    inside.mkdir(parents=True)
    sign_in = {"url": "http://here", "email": "e", "password": "p"}
    (home / "admin.json").write_text(json.dumps(sign_in))
    (home / "secrets.json").write_text(json.dumps({"ops_token": "t"}))
    (home / "ports.json").write_text(json.dumps({"sales.serve": 1, "sales.work": 2}))
    monkeypatch.chdir(inside)

    found, ops = settings.sign_in(), settings.operations()

    assert ("http://here", "e", "p") == (found.url, found.email, found.password)
    assert {"sales": "http://127.0.0.1:1", "sales.work": "http://127.0.0.1:2"} == ops.peers
    assert ["sales"] == ops.services


def test_prunes_only_what_nobody_reads_beside_what_is_read() -> None:
    queues = [
        {"name": "sales.copy.contact", "consumers": 1},
        {"name": "sales.copy.gone", "consumers": 0},
        {"name": "sales.on.x", "consumers": 0},
        {"name": "sales.dead", "consumers": 0},
        {"name": "foreign.copy.x", "consumers": 0},
    ]

    assert ["sales.copy.gone"] == abandoned(queues)
