"""Write PERFORMANCE.md from the figures of the last runs: `python -m tests.bench.report`."""

import json
from pathlib import Path
from typing import Any

from tests.bench.figures import KEPT
from tests.running import ROOT

TRIED = ROOT / "docs" / "performance-notes.md"
HEAD = """# Performance

Generated from the figures of `make bench` by `make performance`; do not edit. Each figure is the median
of interleaved rounds on one machine, a ratio to what is named beside it; in brackets the lowest and
the highest round. What was tried where a figure falls short: `docs/performance-notes.md`.
Not listed is not measured.

| work | beside | measured | reach | |
|---|---|---|---|---|
"""


def main() -> None:
    """Write the report; figures of different commits and machines are named."""
    figures = [json.loads(file.read_text()) for file in sorted(KEPT.glob("*.json"))]
    runs = sorted({(each["commit"], each["machine"]) for each in figures})
    lines = [line(each) for each in sorted(figures, key=lambda each: str(each["work"]))]
    details = [
        f"- {each['work']} / {each['beside']}: {each['detail']}"
        for each in figures
        if each["detail"]
    ]
    foot = ["", "## Rates of the last round", "", *details, "", "## Measured on", ""]
    foot += [f"- commit {commit}: {machine}" for commit, machine in runs]
    Path(ROOT / "PERFORMANCE.md").write_text(HEAD + "\n".join([*lines, *foot]) + "\n")


def line(figure: dict[str, Any]) -> str:
    """Return one line of the table."""
    spread = f"{figure['ratio']:.3g} ({figure['lowest']:.3g}-{figure['highest']:.3g})"
    mark = "reached" if figure["reached"] else "**missed**"
    return f"| {figure['work']} | {figure['beside']} | {spread} | {figure['reach']} | {mark} |"


if __name__ == "__main__":
    main()
