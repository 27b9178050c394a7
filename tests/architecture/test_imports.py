"""Every import contract holds, and is broken by the breach planted for it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTEXTS = ("contacts", "sales", "marketing", "support", "gateway")
# The contract's name: a module, and the import planted in it.
BREACHES = {
    "Services are strangers; all may lean on the chassis; the chassis leans on contracts": (
        "crm_sales/model/breach.py",
        "import crm_contacts.model",
    ),
    "What crm_fields judges and compiles is pure; only its holding stands on the chassis": (
        "crm_fields/kinds.py",
        "import crm_chassis",
    ),
    "Every domain service has the same floors": (
        "crm_support/model/breach.py",
        "import crm_support.web",
    ),
    "Gateway floors": ("crm_gateway/view/breach.py", "import crm_gateway.api"),
    "Models know no web, no broker, no contracts": (
        "crm_sales/model/breach.py",
        "import crm_contracts",
    ),
    "nameko is seen only in worker and chassis.listen": (
        "crm_gateway/view/breach.py",
        "import nameko",
    ),
    "Only chassis.broker speaks AMQP by hand": ("crm_marketing/web/breach.py", "import pika"),
    "No cycles anywhere": (
        "crm_chassis/db/breach.py",
        "import crm_chassis.outbox",
    ),
    "Only events.py tells; only copies, reactions and worker listen": (
        "crm_sales/model/breach.py",
        "import crm_contracts.sales",
    ),
    **{
        f"{name} tells only {name} facts": (
            "crm_contacts/events/__init__.py" if name == "contacts" else f"crm_{name}/events.py",
            f"import crm_contracts.{'sales' if name != 'sales' else 'support'}",
        )
        for name in ("contacts", "sales", "marketing", "support")
    },
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on packages in a folder of their own, which precede those installed."""
    code = (
        f"import sys; sys.path[:0] = [{str(folder)!r}]; from importlinter.cli import lint_imports;"
        " sys.exit(lint_imports(no_cache=True))"
    )
    words = [sys.executable, "-c", code]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def _configure(folder: Path, contracts: list[dict[str, object]]) -> None:
    """Write a configuration that holds only these contracts."""
    whole = {**CONTRACTS, "contracts": contracts}
    lines = ["[tool.importlinter]"]
    lines += [f"{k} = {_toml(v)}" for k, v in whole.items() if k != "contracts"]
    for contract in contracts:
        lines += ["[[tool.importlinter.contracts]]"]
        lines += [f"{name} = {_toml(value)}" for name, value in contract.items()]
    (folder / "pyproject.toml").write_text("\n".join(lines))


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return '"' + str(value) + '"'


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all packages, to plant breaches in."""
    folder = tmp_path_factory.mktemp("sources")
    places = [
        f"libs/{name}/src/crm_{name}"
        for name in ("bounces", "chassis", "contracts", "fields", "matching")
    ]
    places += [f"services/{name}/src/crm_{name}" for name in CONTEXTS]
    for place in places:
        ignored = shutil.ignore_patterns("__pycache__", "*.json", "templates", "static")
        shutil.copytree(ROOT / place, folder / Path(place).name, ignore=ignored)
    return folder


def test_hold(sources: Path) -> None:
    _configure(sources, CONTRACTS["contracts"])

    done = _lint(sources)

    assert done.returncode == 0, done.stdout + done.stderr


def test_each_has_a_breach() -> None:
    assert {contract["name"] for contract in CONTRACTS["contracts"]} == set(BREACHES)


@pytest.mark.parametrize("contract", CONTRACTS["contracts"], ids=lambda each: each["name"])
def test_bites(sources: Path, contract: dict[str, object]) -> None:
    place, line = BREACHES[str(contract["name"])]
    module = sources / place
    before = module.read_text() if module.exists() else None
    _configure(sources, [contract])

    module.write_text((before or "") + f"\n{line}\n")
    try:
        done = _lint(sources)
    finally:
        if before is None:
            module.unlink()
        else:
            module.write_text(before)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
