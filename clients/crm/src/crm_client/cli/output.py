"""How commands answer: tables and progress for a person, JSON for a program."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from crm_client import settings
from crm_client.client import Client
from crm_client.operations import Ops

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON only")]


@dataclass
class Caller:
    """The flags every command shares."""

    url: str | None = None
    token: str | None = None


CALLER = Caller()


def client(*, source: str | None = None) -> Client:
    """Return a client of the platform that flags, environment or `.local` name."""
    found = settings.sign_in(CALLER.url, CALLER.token)
    return Client(found.url, found.token, email=found.email, password=found.password, source=source)


def ops() -> Ops:
    """Return the ops ports that the environment or `.local` name."""
    return Ops(settings.operations())


def show(answer: Any, *, as_json: bool, text: str | Table | Group | None = None) -> None:
    """Print an answer: JSON when asked for, else the text or table made of it."""
    if as_json:
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False, default=str))
    elif isinstance(text, Table | Group):
        Console().print(text)
    else:
        typer.echo(text if text is not None else str(answer))


def say_failure(error: Exception) -> None:
    """Tell on stderr what went wrong."""
    typer.echo(f"crm: {error}", err=True)


def table(*names: str, rows: Sequence[Sequence[object]]) -> Table:
    """Return a plain table."""
    made = Table(*names, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        made.add_row(*(escape(str(cell)) for cell in row))
    return made


def counts(found: Mapping[str, object]) -> str:
    """Return a line like `read 3, created 2`."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found.items())


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, nothing elsewhere; the body calls what it is given to advance."""
    with _bar() as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


@contextmanager
def following(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far work elsewhere is; the body calls `reached(step, done, total)` with its news."""
    with _bar() as bar:
        task = bar.add_task(what, total=None)

        def reached(step: str, done: int, total: int) -> None:
            bar.update(task, description=f"{what} {step}", completed=done, total=total or None)

        yield reached


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)
