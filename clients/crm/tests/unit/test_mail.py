"""`crm mail classify` reads mails without a platform."""

import json
import sys
from pathlib import Path

import pytest

from crm_client import cli

pytestmark = pytest.mark.unit
MAILS = Path(__file__).parents[4] / "libs/bounces/tests/mails"


def run(*words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["crm", "mail", "classify", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_prints_one_line_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(MAILS / name) for name in ("hard-several.eml", "none-vacation.eml")]

    assert 0 == run(*files, "--json", monkeypatch=monkeypatch)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {
            "file": files[0],
            "bounce": True,
            "class": "hard",
            "addresses": ["lena@receiver.example", "karl@receiver.example"],
            "code": "5.1.1",
        },
        {"file": files[1], "bounce": False, "class": "none", "addresses": [], "code": ""},
    ]


def test_names_a_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == run("nowhere.eml", monkeypatch=monkeypatch)
    assert "nowhere.eml" in capsys.readouterr().err
