"""Routes of mail that comes in."""

import orjson
from flask import Response

from crm_chassis import db, web
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import mails as commands
from crm_contacts.commands import policies
from crm_contacts.model.mail import MailPolicy
from crm_contacts.queries import mails as queries
from crm_contacts.schemas.interactions import InteractionOut
from crm_contacts.schemas.mails import MailIn, MailPolicyIn, MailPolicyOut

blueprint = Blueprint("mails", __name__, url_prefix="/v1/mails", kind="interaction")


@blueprint.post("")
@blueprint.arguments(MailIn)
@blueprint.response(201, InteractionOut)
def ingest_mail(content: bytes) -> Response:
    """Take in a mail: log it, and keep the addresses of those it says something about."""
    command = commands.IngestMail(content=content, owner_id=web.principal().user_id)
    return web.write(commands.ingest_mail, command, status=201)


@blueprint.get("/policy")
@blueprint.response(200, MailPolicyOut)
@web.needs("read", kind="validation_rule")
def read_mail_policy() -> Response:
    """Read what happens to people who write and are not known."""
    return _policy()


def _policy() -> Response:
    with web.sessions()() as session:
        policy = queries.policy(session)
    body = {
        "strangers": policy.strangers,
        "companies": policy.companies,
        "own_domains": sorted(policy.own_domains),
    }
    return Response(orjson.dumps(body), mimetype="application/json")


@blueprint.put("/policy")
@blueprint.arguments(MailPolicyIn)
@blueprint.response(200, MailPolicyOut)
@web.needs(special="manage_rules")
def set_mail_policy(policy: MailPolicy) -> Response:
    """Say what happens to people who write and are not known, and which domains are our own."""
    with db.transaction(web.sessions(), web.context()) as session:
        policies.set_mail_policy(session, policy)
    return _policy()
