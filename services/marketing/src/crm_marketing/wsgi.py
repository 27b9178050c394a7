"""Putting the HTTP side of marketing together."""

from flask import Flask
from sqlalchemy import Engine

from crm_chassis import db, web
from crm_marketing.model import errors
from crm_marketing.model.tracking import Tracking
from crm_marketing.settings import Settings
from crm_marketing.web import BLUEPRINTS

# Which refusal a breach of each constraint means.
CONFLICTS = {
    "message_idempotency_key": errors.AlreadyEnrolled,
    "enrollment_once": errors.AlreadyEnrolled,
    "campaign_origin_key": errors.OriginTaken,
}


def create(settings: Settings) -> tuple[Flask, Engine]:
    """Return the application and the engine it uses."""
    deployment = settings.deployment
    engine = db.engine(
        deployment.database_url, pool_size=deployment.threads, application="marketing.serve"
    )
    app = web.create_app(
        "marketing",
        title="Marketing",
        blueprints=BLUEPRINTS,
        sessions=db.sessions(engine),
        token_keys=deployment.token_keys,
        conflicts=CONFLICTS,
    )
    app.extensions["tracking"] = Tracking(settings.public_url, settings.tracking_key)
    return app, engine
