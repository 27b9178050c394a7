"""What the platform takes while nobody asks anything of it: memory and a core's time."""

import time
from pathlib import Path
from statistics import median

import pytest
from tests.bench.figures import ROUNDS, keep
from tests.bench.serving import cpu_seconds, family
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
SETTLED_SECONDS, ROUND_SECONDS = 20, 15
_SERVERS = ("postgres", "beam.smp", "erl_child_setup", "inet_gethost", "epmd")


def test_at_rest(whole_platform: Platform) -> None:
    wait_until(whole_platform.is_quiet, timeout=60, what="everything told and folded")
    time.sleep(SETTLED_SECONDS)
    root = int((whole_platform.home / "supervisord.pid").read_text())
    shares: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        before = {pid: cpu_seconds(pid) for pid in family(root)}
        started = time.perf_counter()
        time.sleep(ROUND_SECONDS)
        took = time.perf_counter() - started
        spent: dict[str, float] = {}
        for pid, used in before.items():
            spent[_whose(pid)] = spent.get(_whose(pid), 0.0) + (cpu_seconds(pid) - used) / took
        shares.append(spent)
    pids = family(root)
    memory: dict[str, float] = {}
    for pid in pids:
        memory[_whose(pid)] = memory.get(_whose(pid), 0.0) + _pss_gigabytes(pid)

    whole = "idle platform with its servers, one worker per service"
    detail = ", ".join(f"{who} {size:.2f} GB" for who, size in sorted(memory.items()))
    keep(
        f"{whole}, memory (PSS)", "-", [sum(memory.values())], at_most=2.0, unit="GB", detail=detail
    )
    parts = {who: median(each.get(who, 0.0) for each in shares) for who in shares[0]}
    detail = ", ".join(f"{who} {share * 100:.2f} %" for who, share in sorted(parts.items()))
    keep(f"{whole}, of one core", "-", [sum(each.values()) * 100 for each in shares],
         at_most=4, unit="%", detail=detail)  # fmt: skip


def _whose(pid: int) -> str:
    """Return `serve`, `relay project`, `work`, a server's name, or `else`."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    server = next((name for name in _SERVERS if name in words[0]), None)
    if server:
        return "RabbitMQ" if server != "postgres" else "PostgreSQL"
    module = next((n for n, word in enumerate(words) if word.startswith("crm_")), None)
    return " ".join(words[module + 1 :]).strip() if module else "else"


def _pss_gigabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024**2
