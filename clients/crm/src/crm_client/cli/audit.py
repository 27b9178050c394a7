"""`crm audit`: is the trail as it was sealed; the chains' heads, to be kept elsewhere."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_client.cli import output
from crm_client.cli.operations import chosen
from crm_client.errors import Failed
from crm_client.operations import Ops

app = typer.Typer(help="The audit trail.", no_args_is_help=True)
Service = Annotated[str | None, typer.Option("--service", help="One service; all without")]
_HEAD = "/internal/audit/head"


@app.command("head")
def head(service: Service = None, as_json: output.AsJson = False) -> None:
    """Print the newest hash of each chain: kept elsewhere, it proves what stood before it."""
    ops = output.ops()
    found = {name: dict(ops.get(name, _HEAD)) for name in chosen(ops, service)}
    rows = [(name, h["seq"], h["hash"] or "-", h["unsealed"]) for name, h in found.items()]
    shown = output.table("service", "seq", "hash", "unsealed", rows=rows)
    output.show(found, as_json=as_json, text=shown)


@app.command("verify")
def verify(
    service: Service = None,
    heads: Annotated[
        Path | None, typer.Option(help="What `crm audit head --json` printed before")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Compute every chain anew and name the first row that is not as it was sealed; then end with 1.

    A chain that somebody made anew holds in itself: only a head kept elsewhere (--heads) tells.
    """
    ops, known = output.ops(), _known(heads)
    found: dict[str, Any] = {}
    for name in chosen(ops, service):
        with output.following(name) as reached:
            found[name] = ops.follow(name, "/internal/audit/verify", reached=reached)
        if found[name]["broken"] is None and name in known:
            found[name]["broken"] = _against(ops, name, known[name])
    lines = [_line(name, each) for name, each in found.items()]
    output.show(found, as_json=as_json, text="\n".join(lines))
    if any(each["broken"] for each in found.values()):
        raise typer.Exit(1)


def _known(heads: Path | None) -> dict[str, Any]:
    if heads is None:
        return {}
    try:
        return dict(json.loads(heads.read_text()))
    except (OSError, ValueError) as error:
        raise Failed(f"{heads}: {error}") from error


def _against(ops: Ops, service: str, head: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is wrong where the chain does not hold the head that was kept."""
    if head["hash"] is None:
        return None
    found = ops.get(service, _HEAD, seq=head["seq"])
    if found["hash"] == head["hash"]:
        return None
    return {"seq": head["seq"], "why": "is not sealed as in the head that was kept"}


def _line(name: str, found: dict[str, Any]) -> str:
    broken = found["broken"]
    if broken:
        what = f" ({broken['action']}, {broken['object_id']})" if broken.get("action") else ""
        return f"{name}: broken: row {broken['seq']}{what} {broken['why']}"
    names = ("sealed", "unsealed", "values_erased", "forgotten")
    return f"{name}: right: {output.counts({each: found[each] for each in names})}"
