import typer

app = typer.Typer(help="A believable company to look around in.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """."""
