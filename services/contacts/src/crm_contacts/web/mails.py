"""Routes of mail that comes in."""

from flask import Response
from flask_smorest import Blueprint

from crm_chassis import web
from crm_contacts.commands import mails as commands
from crm_contacts.schemas.interactions import InteractionOut
from crm_contacts.schemas.mails import MailIn

blueprint = Blueprint("mails", __name__, url_prefix="/v1/mails")


@blueprint.post("")
@blueprint.arguments(MailIn)
@blueprint.response(201, InteractionOut)
def ingest_mail(content: bytes) -> Response:
    """Take in a mail: log it, and keep the addresses of those it says something about."""
    command = commands.IngestMail(content=content, owner_id=web.principal().user_id)
    return web.write(commands.ingest_mail, command, status=201)
