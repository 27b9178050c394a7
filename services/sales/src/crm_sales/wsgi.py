"""Putting the HTTP side of sales together."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine

from crm_chassis import db, web
from crm_fields.holding.document import OwnDocument
from crm_fields.holding.errors import ValueTaken
from crm_sales.model.errors import DefaultPipelineTaken
from crm_sales.queries.asking import BOOKS
from crm_sales.settings import Settings
from crm_sales.web import BLUEPRINTS
from crm_sales.web.document import SHAPES

CONFLICTS = {"pipeline_default": DefaultPipelineTaken, "custom_value_unique": ValueTaken}


def create(settings: Settings) -> tuple[Flask, Engine]:
    """Return the application and the engine it uses."""
    deployment = settings.deployment
    engine = db.engine(
        deployment.database_url, pool_size=deployment.threads, application="sales.serve"
    )
    app = web.create_app(
        "sales",
        title="Sales",
        blueprints=BLUEPRINTS,
        sessions=db.sessions(engine),
        token_keys=deployment.token_keys,
        conflicts=CONFLICTS,
    )
    app.extensions["openapi"] = OwnDocument(
        app.extensions["openapi"](), db.sessions(engine), BOOKS.now, SHAPES
    )
    return app, engine
