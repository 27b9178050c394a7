"""`crm import`: files of other systems."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_client import imports
from crm_client.cli import output
from crm_client.errors import ClientError

app = typer.Typer(help="Take over what other systems export.", no_args_is_help=True)
_SHOWN = 100


class Mode(StrEnum):
    """What is done with who is there already, and with who is not."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"


class LookAlikes(StrEnum):
    """What is done with who may be there already."""

    POLICY = "policy"
    REFUSE = "refuse"
    CREATE = "create"
    UPDATE = "update"


@app.callback()
def about() -> None:
    """Take over what other systems export."""


@app.command()
def contacts(
    file: Annotated[Path, typer.Argument(help="CSV of HubSpot, Salesforce, Google, …, or vCards")],
    dry_run: Annotated[bool, typer.Option(help="Only say what the file means")] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where refused rows go [FILE.refused.csv or .vcf]")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source of the contacts [the recognised system]")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option(help="Column=field, as often as needed; field `ignore`")
    ] = None,
    mode: Annotated[Mode, typer.Option(help="Whom to add, whom to update")] = Mode.CREATE,
    duplicates: Annotated[
        LookAlikes, typer.Option(help="What to do with who looks like somebody")
    ] = LookAlikes.POLICY,
    as_json: output.AsJson = False,
) -> None:
    """Create the contacts of a file that are not there yet, with their accounts.

    A row is there already when an import of the same source brought it, by its id or by all it
    says, or when a contact has one of its e-mail addresses.
    """
    asked = _asked(mapping or [])
    if dry_run:
        _show_plan(imports.plan(file, asked, this_year=datetime.now(UTC).year), as_json=as_json)
        return
    settings = {"mode": mode.value, "duplicates": duplicates.value}
    settings |= {"source": source} if source else {}
    settings |= {"mapping": asked} if asked else {}  # type: ignore[dict-item]
    with output.client(source="import") as client, output.following(file.name) as reached:
        found, result = imports.send(client, file, settings, reached=reached)
        answer = _answer(found, result)
        if answer["refused"]:
            ending = ".refused.vcf" if found["format"] == "vcard" else ".refused.csv"
            path = rejects or file.with_suffix(ending)
            imports.keep_refused(client, found["id"], path)
            rows = client.get(f"/v1/imports/{found['id']}/rows", status="refused", limit=_SHOWN)
            reasons = [{"line": e["line"], "reasons": e["reasons"]} for e in rows["items"]]
            answer |= {"rejects": str(path), "reasons": reasons}
    output.show(answer, as_json=as_json, text=_told(answer))


@app.command()
def revert(
    import_id: Annotated[str, typer.Argument(help="The id that the import printed")],
    as_json: output.AsJson = False,
) -> None:
    """Undo an import; whoever was changed since by somebody else stays, and is listed."""
    with output.client(source="import") as client, output.following("undo") as reached:
        found, _ = imports.revert(client, import_id, reached=reached)
        kept = client.get(f"/v1/imports/{import_id}/rows", status="kept", limit=_SHOWN)["items"]
    counts = {name: found["counts"].get(name, 0) for name in ("reverted", "kept")}
    shown = [{"line": e["line"], "contact_id": e["contact_id"]} for e in kept]
    lines = [output.counts(counts), *(f"  left: contact {e['contact_id']}" for e in shown)]
    output.show({**counts, "left": shown}, as_json=as_json, text="\n".join(lines))


def _asked(mapping: list[str]) -> dict[str, str]:
    pairs = [each.rpartition("=") for each in mapping]
    if wrong := [each for each, (name, _, field) in zip(mapping, pairs, strict=True)
                 if not (name and field)]:  # fmt: skip
        raise typer.BadParameter(f"{wrong[0]!r} is not column=field")
    return {name.strip(): field.strip() for name, _, field in pairs}


def _answer(found: dict[str, Any], result: dict[str, int]) -> dict[str, Any]:
    """Return the counts as a person asks for them, and what the file was recognised as."""
    counts = found["counts"]
    if not counts:
        raise ClientError(f"import {found['id']} has no result")
    return {
        "import_id": found["id"],
        "read": counts["rows"],
        "created": counts.get("created", 0),
        "updated": counts.get("updated", 0),
        "already_there": counts.get("duplicate", 0) + counts.get("unchanged", 0),
        "refused": counts.get("refused", 0),
        "accounts_created": result.get("accounts_created", 0),
        "system": found["system"],
        "encoding": found["encoding"],
        "date_order": found["date_order"],
        "columns": {e["header"]: e["field"] for e in found["columns"] if e["field"]},
        "ignored": [e["header"] for e in found["columns"] if not e["field"]],
        "rejects": None,
        "reasons": [],
    }


def _show_plan(plan: imports.Plan, *, as_json: bool) -> None:
    to_send = plan.read - len(plan.refused)
    found = {
        "system": plan.system, "columns": plan.columns, "ignored": plan.ignored,
        "read": plan.read, "to_send": to_send, "refused": plan.refused,
    }  # fmt: skip
    lines = [plan.system, *(f"  {header} -> {field}" for header, field in plan.columns.items())]
    lines.append(f"not taken: {', '.join(plan.ignored) or 'nothing'}")
    lines.append(f"read {plan.read}, to send {to_send}, refused {len(plan.refused)}")
    output.show(found, as_json=as_json, text="\n".join(lines))


def _told(answer: dict[str, Any]) -> str:
    names = ("read", "created", "updated", "already_there", "refused", "accounts_created")
    ignored = f"; not taken: {', '.join(answer['ignored'])}" if answer["ignored"] else ""
    lines = [f"recognised: {answer['system']}, {len(answer['columns'])} columns{ignored}"]
    lines.append(output.counts({name: answer[name] for name in names}))
    lines += [f"  line {e['line']}: {'; '.join(e['reasons'])}" for e in answer["reasons"][:10]]
    if answer["rejects"]:
        lines.append(f"refused rows: {answer['rejects']}")
    lines.append(f"undo: crm import revert {answer['import_id']}")
    return "\n".join(lines)
