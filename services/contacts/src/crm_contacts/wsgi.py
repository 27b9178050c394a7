"""Composition root of serve."""

from flask import Flask
from sqlalchemy import Engine

from crm_chassis import db, records, web
from crm_contacts.commands import documents
from crm_contacts.commands.contents import contents_at
from crm_contacts.commands.contents.scanning import Scanner
from crm_contacts.model import errors
from crm_contacts.queries.rulebook import rulebook
from crm_contacts.settings import Settings
from crm_contacts.web import BLUEPRINTS
from crm_contacts.web.document import SHAPES
from crm_fields.holding.document import OwnDocument

# Which refusal a breach of each constraint means.
CONFLICTS = {
    "contact_email_live": errors.EmailTaken,
    "account_contact_account": errors.AccountUnknown,
    "account_parent": errors.ParentUnknown,
    "interaction_source": errors.InteractionBeingLogged,
    "event_type_name": errors.EventNameTaken,
    "field_key": errors.FieldKeyTaken,
    "custom_value_unique": errors.ValueTaken,
}


def create(settings: Settings) -> tuple[Flask, Engine]:
    """Return the application and its engine."""
    deployment = settings.deployment
    engine = db.engine(
        deployment.database_url, pool_size=deployment.threads, application="contacts"
    )
    app = web.create_app(
        "contacts",
        title="Contacts",
        blueprints=BLUEPRINTS,
        sessions=db.sessions(engine),
        token_keys=deployment.token_keys,
        conflicts=CONFLICTS,
    )
    app.extensions["openapi"] = OwnDocument(
        app.extensions["openapi"](),
        db.sessions(engine),
        lambda session: rulebook(session).of,
        SHAPES,
    )
    app.extensions["depot"] = documents.Depot(
        contents=contents_at(settings.files_url),
        scanner=Scanner.of_url(settings.clamd_url),
        most_bytes=settings.largest_document,
    )
    app.extensions["events_per_day"] = settings.events_per_day
    app.extensions["peers"] = records.Peers(deployment.peers, ops_token=deployment.ops_token)
    return app, engine
