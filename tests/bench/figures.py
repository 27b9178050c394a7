"""Figures of one run: ratios of interleaved rounds, kept for the report."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.running import ROOT

KEPT = Path(os.environ.get("CRM_BENCH_RESULTS", ROOT / ".local" / "bench"))
ROUNDS = int(os.environ.get("CRM_BENCH_ROUNDS", "3"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report: the median ratio, its spread, and what it should reach."""

    work: str
    beside: str
    reach: str
    ratio: float
    lowest: float
    highest: float
    detail: str
    reached: bool


def interleaved(parts: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Run the parts in turn, ROUNDS times after one round that does not count."""
    found: dict[str, list[float]] = {name: [] for name in parts}
    for round_ in range(ROUNDS + 1):
        for name, part in parts.items():
            value = part()
            if round_:
                found[name].append(value)
    return found


def ratios(ours: Sequence[float], beside: Sequence[float]) -> list[float]:
    """Return ours over the other of each round."""
    return [a / b for a, b in zip(ours, beside, strict=True)]


def keep(
    work: str, beside: str, values: Sequence[float], *, at_least: float | None = None,
    at_most: float | None = None, detail: str = "", unit: str = "x",
) -> None:  # fmt: skip
    """Keep one figure and print it; nothing is judged here."""
    middle = median(values)
    reach = f">= {at_least:g} {unit}" if at_least is not None else f"<= {at_most:g} {unit}"
    reached = middle >= at_least if at_least is not None else middle <= (at_most or 0)
    figure = Figure(
        work=work, beside=beside, reach=reach, ratio=middle, lowest=min(values),
        highest=max(values), detail=detail, reached=reached,
    )  # fmt: skip
    KEPT.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "-" for c in f"{work} {beside}".lower())[:120]
    (KEPT / f"{name}.json").write_text(json.dumps(asdict(figure) | machine()))
    mark = "reached" if reached else "MISSED"
    print(f"\n{work} / {beside}: {middle:.3g} {unit} ({min(values):.3g}-{max(values):.3g}),"
          f" reach {reach}: {mark}. {detail}")  # fmt: skip


def machine() -> dict[str, str]:
    """Return where and of what the figures are."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    cores = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return {"commit": commit, "machine": f"{cores}, Python {platform.python_version()}"}
