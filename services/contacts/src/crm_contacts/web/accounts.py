"""Routes of accounts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut
from crm_contacts.commands import accounts as commands
from crm_contacts.model.account import Account
from crm_contacts.model.field import Held
from crm_contacts.queries import hierarchy
from crm_contacts.schemas.accounts import (
    AccountIn,
    AccountOut,
    AccountPatchIn,
    AccountsIn,
    AccountsOut,
    TreeOut,
)
from crm_contacts.schemas.contacts import (
    ContactsOut,
    HistoryIn,
    HistoryOut,
    MembersIn,
    SensitiveOut,
)
from crm_contacts.web import asking, batches, past
from crm_contacts.web.ownership import owned

blueprint = Blueprint("accounts", __name__, url_prefix="/v1/accounts", kind="account")
Fields = Mapping[str, Any]
LARGEST_TREE = 500


@blueprint.post("")
@blueprint.arguments(AccountIn)
@blueprint.response(201, AccountOut)
def create_account(fields: Fields) -> Response:
    """Take up an account."""
    return web.write(
        commands.create_account, commands.CreateAccount(fields=owned(fields)), status=201
    )


@blueprint.get("")
@blueprint.arguments(AccountsIn, location="query")
@blueprint.response(200, AccountsOut)
def list_accounts(filters: Fields) -> Response:
    """List accounts."""
    return asking.accounts(filters)


@blueprint.get("/<uuid:account_id>")
@blueprint.response(200, AccountOut)
def read_account(account_id: UUID) -> Response:
    """Read an account."""
    return web.read("account", account_id)


@blueprint.patch("/<uuid:account_id>")
@blueprint.arguments(AccountPatchIn)
@blueprint.response(200, AccountOut)
def update_account(changes: Fields, account_id: UUID) -> Response:
    """Change an account (JSON merge patch)."""
    web.read("account", account_id)  # 404 for who may not see it
    command = commands.UpdateAccount(
        account_id=account_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_account, command)


@blueprint.delete("/<uuid:account_id>")
@blueprint.response(200, AccountOut)
def archive_account(account_id: UUID) -> Response:
    """Archive an account."""
    web.read("account", account_id)
    command = commands.ArchiveAccount(account_id=account_id, expected_version=web.if_match())
    return web.write(commands.archive_account, command)


@blueprint.put("/<uuid:account_id>/restoration")
@blueprint.response(200, AccountOut)
def restore_account(account_id: UUID) -> Response:
    """Bring an archived account back."""
    web.read("account", account_id)
    command = commands.RestoreAccount(account_id=account_id, expected_version=web.if_match())
    return web.write(commands.restore_account, command)


@blueprint.get("/<uuid:account_id>/contacts")
@blueprint.arguments(MembersIn, location="query")
@blueprint.response(200, ContactsOut)
@web.needs("read", kind="contact", subject=("account_id", "account"))
def list_contacts_of_account(filters: Fields, account_id: UUID) -> Response:
    """List the contacts that belong to an account now, or did once (`active=false`)."""
    web.read("account", account_id)
    return asking.contacts(filters, account_id=account_id)


@blueprint.get("/<uuid:account_id>/history")
@blueprint.arguments(HistoryIn, location="query")
@blueprint.response(200, HistoryOut)
def read_history(args: Fields, account_id: UUID) -> Response:
    """What changed on an account, when, by whom and where from, newest first."""
    return past.history_of("account", account_id, args)


@blueprint.get("/<uuid:account_id>/sensitive")
@blueprint.response(200, SensitiveOut)
def read_sensitive(account_id: UUID) -> Response:
    """Read what an account's sensitive fields hold; for its owner and admins."""
    return past.sensitive(Held.ACCOUNT, account_id)


@blueprint.get("/<uuid:account_id>/tree")
@blueprint.response(200, TreeOut)
def read_tree(account_id: UUID) -> Response:
    """The whole of which an account is a part: each account with its depth, parents first."""
    web.read("account", account_id)
    with web.sessions()() as session:
        found = hierarchy.tree(session, account_id, web.principal(), limit=LARGEST_TREE + 1)
    shown = found[:LARGEST_TREE]
    body = {"items": shown, "is_whole": len(found) == len(shown)}
    return Response(orjson.dumps(body), mimetype="application/json")


@blueprint.post("/batch")
@blueprint.arguments(batches.EVERY_OPERATION)
@blueprint.response(207, BatchOut)
def change_accounts(batch: Fields) -> Response:
    """Create, update and archive up to 500 accounts."""
    return web.write_batch(batches.operations(batch, Account, _BUILDERS))


_BUILDERS = {
    "create": batches.creating(
        commands.create_account,
        AccountIn(),
        lambda fields: commands.CreateAccount(fields=owned(fields)),
    ),
    "update": batches.updating(
        commands.update_account,
        AccountPatchIn(),
        lambda record_id, version, changes: commands.UpdateAccount(
            account_id=record_id, expected_version=version, changes=changes
        ),
    ),
    "archive": batches.archiving(
        commands.archive_account,
        lambda record_id, version: commands.ArchiveAccount(
            account_id=record_id, expected_version=version
        ),
    ),
}
