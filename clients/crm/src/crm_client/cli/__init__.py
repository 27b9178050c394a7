"""`crm`: import, sample company, operations. Exit codes: 0 ok, 1 failed, 2 usage, 3 not reachable."""

import sys
from typing import Annotated

import typer

from crm_client.cli import (
    audit,
    contacts,
    demo,
    doctor,
    imports,
    mail,
    operations,
    parked,
    restore,
    status,
    topology,
)
from crm_client.cli.output import CALLER, say_failure
from crm_client.errors import ClientError, NotReachable

FAILED, NOT_REACHABLE = 1, 3

app = typer.Typer(
    name="crm",
    help="Rapport CRM from the command line.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(imports.app, name="import")
app.add_typer(contacts.app, name="contacts")
app.add_typer(demo.app, name="demo")
app.add_typer(mail.app, name="mail")
app.add_typer(topology.app, name="topology")
app.add_typer(operations.view, name="view")
app.add_typer(audit.app, name="audit")
app.add_typer(parked.app, name="parked")
operations.add_to(app)
app.command("restore-bump")(restore.restore_bump)
app.command()(status.status)
app.command()(doctor.doctor)


@app.callback()
def connection(
    url: Annotated[str | None, typer.Option(help="The platform's address [CRM_URL]")] = None,
    token: Annotated[str | None, typer.Option(help="A token or API key [CRM_TOKEN]")] = None,
) -> None:
    """Without flags or CRM_URL, CRM_TOKEN (or CRM_EMAIL, CRM_PASSWORD): the platform of `make up`."""
    CALLER.url, CALLER.token = url, token


def main() -> None:
    """Run the command line."""
    try:
        app()
    except NotReachable as error:
        say_failure(error)
        sys.exit(NOT_REACHABLE)
    except ClientError as error:
        say_failure(error)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)
