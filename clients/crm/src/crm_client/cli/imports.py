"""`crm import`: files of other systems."""

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_client import imports
from crm_client.cli import output
from crm_client.imports import Columns, Outcome, Refusal, Row, Table

app = typer.Typer(help="Take over what other systems export.", no_args_is_help=True)
_OWN_COLUMNS = ("line", "reasons")


@app.callback()
def about() -> None:
    """Take over what other systems export."""


@app.command()
def contacts(
    file: Annotated[Path, typer.Argument(help="CSV of HubSpot, Salesforce, Google, Outlook, …")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would be sent")] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where refused rows go [FILE.refused.csv]")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source of the contacts [the recognised system]")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option(help="Column=field, as often as needed; field `ignore`")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Create the contacts of a file that are not there yet, with their accounts.

    A row is there already when a contact has one of its e-mail addresses; without one, when an
    import of the same source brought the same name, account and telephone numbers.
    """
    table = imports.read(file)
    columns = imports.recognise(table.headers, _asked(mapping or []))
    name = source or (columns.system if columns.system != "generic" else "import")
    rows = [imports.row_of(line, cells, columns, source=name) for line, cells in table.rows]
    found = {"system": columns.system, "columns": columns.fields, "ignored": columns.ignored}
    if dry_run:
        _show_plan(found, rows, as_json=as_json)
        return
    if not as_json:
        typer.echo(_recognised(columns), err=True)
    outcome = _send(rows, table)
    refused = _keep(outcome, rejects or file.with_suffix(".refused.csv"), table)
    _show(outcome, {**found, "rejects": refused}, as_json=as_json)
    if outcome.not_sent:
        raise typer.Exit(1)


def _asked(mapping: list[str]) -> dict[str, str]:
    pairs = [each.rpartition("=") for each in mapping]
    if wrong := [each for each, (name, _, field) in zip(mapping, pairs, strict=True)
                 if not (name and field)]:  # fmt: skip
        raise typer.BadParameter(f"{wrong[0]!r} is not column=field")
    return {name.strip(): field.strip() for name, _, field in pairs}


def _send(rows: list[Row | Refusal], table: Table) -> Outcome:
    with output.client(source="import") as client, output.progress("contacts", len(rows)) as done:
        client.get("/v1/contacts", limit=1)  # a wrong address or sign-in shows before any row
        return imports.load(client, rows, fingerprint=table.fingerprint, done=done)


def _keep(outcome: Outcome, path: Path, table: Table) -> str | None:
    """Write the refused rows as a file that can be repaired and imported again."""
    if not outcome.refusals:
        return None
    places = [index for index, name in enumerate(table.headers) if name not in _OWN_COLUMNS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_OWN_COLUMNS, *(table.headers[index] for index in places)])
        for each in outcome.refusals:
            cells = [each.cells[index] if index < len(each.cells) else "" for index in places]
            writer.writerow([each.line, "; ".join(each.reasons), *cells])
    return str(path)


def _recognised(columns: Columns) -> str:
    ignored = f"; not taken: {', '.join(columns.ignored)}" if columns.ignored else ""
    return f"recognised: {columns.system}, {len(columns.read)} columns{ignored}"


def _show_plan(found: dict[str, Any], rows: list[Row | Refusal], *, as_json: bool) -> None:
    refused = [
        {"line": row.line, "reasons": row.reasons} for row in rows if isinstance(row, Refusal)
    ]
    plan = {**found, "read": len(rows), "to_send": len(rows) - len(refused), "refused": refused}
    fields = [(header, field) for header, field in found["columns"].items()]
    lines = "\n".join(f"  {header} -> {field}" for header, field in fields)
    text = f"{found['system']}\n{lines}\nnot taken: {', '.join(found['ignored']) or 'nothing'}\n"
    text += f"read {len(rows)}, to send {plan['to_send']}, refused {len(refused)}"
    output.show(plan, as_json=as_json, text=text)


def _show(outcome: Outcome, found: dict[str, Any], *, as_json: bool) -> None:
    counted = outcome.as_dict()
    lines = [output.counts(counted)]
    lines += [f"  line {each.line}: {'; '.join(each.reasons)}" for each in outcome.refusals[:10]]
    if found["rejects"]:
        lines.append(f"refused rows: {found['rejects']}")
    answer = {**counted, **found}
    answer["reasons"] = [{"line": e.line, "reasons": e.reasons} for e in outcome.refusals[:100]]
    output.show(answer, as_json=as_json, text="\n".join(lines))
