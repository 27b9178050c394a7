"""`crm contacts dedupe` measures a file without a platform."""

import json
import sys
from pathlib import Path

import pytest

from crm_client import cli

pytestmark = pytest.mark.unit
PEOPLE = """Record;Forename;Family name;Birth date;Post code
1;Anna Maria;Lindqvist;1970-04-01;11320
2;Lindqvist;Anna Maria;1970-04-01;11302
3;Björn;Ekström;01.12.1985;90210
4;Bjorn;Ekstrom;01.12.1985;90210
5;Clara;Duval;1991-07-19;75011
"""


def run(*words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["crm", "contacts", "dedupe", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_prints_one_line_of_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, truth, out = (tmp_path / name for name in ("people.csv", "truth.csv", "pairs.csv"))
    file.write_text(PEOPLE)
    truth.write_text("a,b\n2,1\n3,4\n5,1\n")

    words = (str(file), "--truth", str(truth), "--out", str(out), "--json")
    assert 0 == run(*words, monkeypatch=monkeypatch)

    assert {"precision": 1.0, "recall": round(2 / 3, 6), "pairs": 2} == json.loads(
        capsys.readouterr().out
    )
    assert "id_a,id_b\n1,2\n3,4\n" == out.read_text()


def test_says_what_it_misses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, truth = tmp_path / "people.csv", tmp_path / "truth.csv"
    file.write_text("first,last\nAnna,Berg\nAnna,Berg\n")
    truth.write_text("x,y\n")

    assert 1 == run(str(file), monkeypatch=monkeypatch)
    assert 2 == run(str(file), "--mapping", "first=shoe", monkeypatch=monkeypatch)
    file.write_text(PEOPLE)
    assert 1 == run(str(file), "--truth", str(truth), monkeypatch=monkeypatch)
