"""python -m crm_contracts generate|check: keep the committed pages what the code says."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from crm_contracts import catalogue
from crm_contracts.base import FACTS
from crm_contracts.codec import encode
from crm_contracts.golden import golden
from crm_contracts.schema import breaking, fact_schema

_PACKAGE = Path(__file__).parent
_DOCS = _PACKAGE.parents[3] / "docs"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0: all is well; 1: the sentences printed say what is not."""
    parser = argparse.ArgumentParser(prog="python -m crm_contracts", description=__doc__)
    parser.add_argument("action", choices=["generate", "check"])
    parser.add_argument("--package", type=Path, default=_PACKAGE, help="holds schemas/, samples/")
    parser.add_argument("--docs", type=Path, default=_DOCS)
    parser.add_argument("--accept-breaking", action="store_true")
    chosen = parser.parse_args(arguments)
    faults = [] if chosen.accept_breaking else breaks(chosen.package)
    if not faults:
        wanted = pages(chosen.package, chosen.docs)
        if chosen.action == "generate":
            _write(wanted)
        else:
            faults = _stale(wanted)
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


def breaks(package: Path) -> list[str]:
    """What the code breaks of the committed schemas and of the facts they promise."""
    faults = []
    for path in sorted(package.glob("schemas/*.json")):
        fact = FACTS.get(path.stem)
        if fact is None:
            faults.append(f"{path.stem}: was published and is gone")
            continue
        old = json.loads(path.read_text())
        faults += [f"{path.stem}: {fault}" for fault in breaking(old, _plain(fact_schema(fact)))]
    return faults


def pages(package: Path, docs: Path) -> dict[Path, str]:
    """Every committed page and what the code says it holds."""
    wanted = {}
    for fact in FACTS.values():
        wanted[package / "schemas" / f"{fact.type}.json"] = _pretty(fact_schema(fact))
        sample = json.loads(encode(golden(fact)))
        wanted[package / "samples" / f"{fact.type}.json"] = _pretty(sample)
    wanted[docs / "events.md"] = catalogue.events_page()
    wanted[docs / "asyncapi.json"] = _pretty(catalogue.asyncapi())
    return wanted


def _write(wanted: dict[Path, str]) -> None:
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _stale(wanted: dict[Path, str]) -> list[str]:
    return [
        f"{path.name}: not what the code says; run python -m crm_contracts generate"
        for path, text in wanted.items()
        if not path.exists() or path.read_text() != text
    ]


def _plain(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value))


def _pretty(value: Any) -> str:
    return json.dumps(_plain(value), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
