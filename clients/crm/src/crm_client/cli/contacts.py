"""`crm contacts`: duplicates in a file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from crm_client import imports
from crm_client.cli import output
from crm_client.errors import ClientError
from crm_interchange.files import WholeFile
from crm_matching import labelled, tables
from crm_matching.columns import Field

app = typer.Typer(help="Contacts: find duplicates in a file.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """Contacts: find duplicates in a file."""


@app.command()
def dedupe(
    file: Annotated[Path, typer.Argument(help="CSV of people, one a row, with a column of ids")],
    truth: Annotated[
        Path | None, typer.Option(help="CSV of the pairs of ids that are one person")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option(help="Column=field, where a header does not say it")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the pairs found to this CSV")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Find the duplicates in a file; with --truth, print precision and recall.

    Works on the file alone: no platform is needed and nobody's records are touched.
    """
    table = imports.read(file)
    asked = _asked(mapping or [])
    rows = [record.cells for record in table.records]
    try:
        found = tables.duplicates(list(table.sniffed.headers), rows, asked=asked)
        measured = _measured(table, asked, found, truth)
    except ValueError as error:
        raise ClientError(f"{error} (--mapping 'Column=id' names one)") from error
    if out is not None:
        _write(found, out)
    answer = {**measured, "pairs": len(found)}
    if as_json:
        typer.echo(json.dumps(answer))
    else:
        typer.echo(output.counts(answer))


def _asked(mapping: list[str]) -> dict[str, Field]:
    asked = {}
    for each in mapping:
        name, _, field = each.rpartition("=")
        if not name or field not in set(Field):
            raise typer.BadParameter(f"{each!r} is not column=field; fields: {', '.join(Field)}")
        asked[name] = Field(field)
    return asked


def _measured(
    table: WholeFile, asked: dict[str, Field], found: labelled.Pairs, truth: Path | None
) -> dict[str, float]:
    if truth is None:
        return {}
    rows = [record.cells for record in table.records]
    ids = tables.ids_of(list(table.sniffed.headers), rows, asked=asked)
    lines = imports.read(truth)
    pairs = [list(lines.sniffed.headers), *(record.cells for record in lines.records)]
    known = labelled.known_pairs(pairs, ids=ids)
    precision, recall = labelled.measure(found, known)
    return {"precision": round(precision, 6), "recall": round(recall, 6)}


def _write(found: labelled.Pairs, path: Path) -> None:
    lines = sorted(",".join(sorted(pair)) for pair in found)
    path.write_text("\n".join(["id_a,id_b", *lines]) + "\n", encoding="utf-8")
