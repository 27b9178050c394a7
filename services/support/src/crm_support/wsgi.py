"""Putting the HTTP side of support together."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine

from crm_chassis import db, web
from crm_fields.holding.document import OwnDocument
from crm_fields.holding.errors import ValueTaken
from crm_support.model.errors import OriginTaken
from crm_support.queries.asking import BOOKS
from crm_support.settings import Settings
from crm_support.web import BLUEPRINTS
from crm_support.web.document import SHAPES

CONFLICTS = {"ticket_origin": OriginTaken, "custom_value_unique": ValueTaken}


def create(settings: Settings) -> tuple[Flask, Engine]:
    """Return the application and the engine it uses."""
    deployment = settings.deployment
    engine = db.engine(
        deployment.database_url, pool_size=deployment.threads, application="support.serve"
    )
    app = web.create_app(
        "support",
        title="Support",
        blueprints=BLUEPRINTS,
        sessions=db.sessions(engine),
        token_keys=deployment.token_keys,
        conflicts=CONFLICTS,
    )
    app.extensions["openapi"] = OwnDocument(
        app.extensions["openapi"](), db.sessions(engine), BOOKS.now, SHAPES
    )
    return app, engine
