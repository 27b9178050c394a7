"""`crm demo`: the sample company."""

import time

import typer

from crm_client import demo
from crm_client.cli import output

app = typer.Typer(help="A believable company to look around in.", no_args_is_help=True)


@app.command()
def load(as_json: output.AsJson = False) -> None:
    """Load the sample company through the public API; doing it again creates nothing."""
    began, plan = time.monotonic(), demo.make()
    total = sum(map(len, plan.wishes.values()))
    with output.client(source="import") as client, output.progress("sample company", total) as done:
        report = demo.load(client, plan, done=done)
    seconds = round(time.monotonic() - began, 1)
    answer = {
        "created": report.created,
        "already_there": report.already_there,
        "seconds": seconds,
        "customers": report.customers,
    }
    made = output.counts({name: n for name, n in report.created.items() if n}) or "nothing"
    there = f"; {sum(report.already_there.values())} were there" * any(
        report.already_there.values()
    )
    links = "\n".join(f"  {url}" for url in report.customers)
    text = f"created in {seconds} s: {made}{there}\nworth opening:\n{links}"
    output.show(answer, as_json=as_json, text=text)


@app.command()
def remove(as_json: output.AsJson = False) -> None:
    """Archive the sample company. Its sent mails and interactions stay with the archived contacts."""
    with output.client() as client, output.progress("removing", 10) as done:
        removed, left = demo.remove(client, demo.make(), done=done)
    archived = output.counts({name: n for name, n in removed.items() if n}) or "nothing"
    lines = [f"archived: {archived}", *(f"  left: {each}" for each in left)]
    answer = {"archived": removed, "left": left}
    output.show(answer, as_json=as_json, text="\n".join(lines))
    if left:
        raise typer.Exit(1)
