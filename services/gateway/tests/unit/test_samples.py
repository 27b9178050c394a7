"""Folders of samples that killed processes left behind."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from crm_gateway import samples

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_are_removed_where_their_process_is_gone(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = [tmp_path / f"crm-metrics-{number}-abc" for number in (ended.pid, os.getpid())]
    others = [tmp_path / f"crm-metrics-{os.getppid()}-abc", tmp_path / "crm-metrics-abc"]
    for each in (*left, *others):
        each.mkdir()
    (left[0] / "counter_1.db").touch()

    assert {each.name for each in left} == set(samples.forget_dead())
    with samples.folder() as own:
        assert Path(own).name.startswith(f"crm-metrics-{os.getpid()}-")

    assert sorted(others) == sorted(tmp_path.iterdir())
