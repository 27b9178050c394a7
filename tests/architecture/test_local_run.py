"""What `make up` settles before anything runs."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.running import ROOT

sys.path.insert(0, str(ROOT / "deploy" / "local"))
from rapport import ports
from rapport.home import Home

NAMES = [f"role-{n}" for n in range(12)]


@pytest.fixture(autouse=True)
def _claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "CLAIMS", tmp_path / "claims")
    monkeypatch.setattr(ports, "preferred", lambda _home, _name: 23_000)


def chosen(home: Path) -> dict[str, int]:
    home.mkdir(exist_ok=True)
    return ports.choose(Home(home), NAMES, running=False)


def test_platforms_that_start_at_once_share_no_port(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(chosen, [tmp_path / f"home-{n}" for n in range(4)]))

    every = [port for each in found for port in each.values()]
    assert len(every) == len(set(every)) == 4 * len(NAMES)


def test_a_platform_keeps_its_ports(tmp_path: Path) -> None:
    first = chosen(tmp_path / "home")
    chosen(tmp_path / "other")

    assert chosen(tmp_path / "home") == first


def test_an_old_claim_counts_no_more(tmp_path: Path) -> None:
    first = chosen(tmp_path / "home")
    for claim in ports.CLAIMS.iterdir():
        os.utime(claim, (0, 0))

    assert chosen(tmp_path / "other") == first
