"""Putting the gateway's HTTP side together."""

import os
import threading
import time

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from crm_chassis import audit, auth, clock, db, garbage, logs, records, tracing, web
from crm_gateway import api, console, identity, view
from crm_gateway import settings as settings_room
from crm_gateway.clients import Documents, Services, Trail
from crm_gateway.clients.outgoing import Outgoing
from crm_gateway.clients.provider import Provider
from crm_gateway.model import EmailTaken, NameTaken, RoleNameTaken, Sealer
from crm_gateway.settings import Settings
from crm_gateway.view.live import Live
from crm_gateway.view.viewer import Viewer

_PARENT_WATCHED_SECONDS, _BETWEEN_TRIES_SECONDS = 0.2, 1.0
log = logs.get(__name__)
CONFLICTS = {
    "user_email": EmailTaken, "invitation_open": EmailTaken, "saved_view_name": NameTaken,
    "role_name": RoleNameTaken,
}  # fmt: skip


def create(settings: Settings) -> tuple[Flask, Engine]:
    """Return the application and the engine it uses."""
    deployment = settings.deployment
    engine = db.engine(deployment.database_url, pool_size=8, application="gateway.serve")
    sessions = db.sessions(engine)
    verifier = identity.IdentityVerifier(sessions)
    app = web.create_app(
        "gateway",
        title="Rapport gateway",
        blueprints=[*api.blueprints(), *view.blueprints()],
        sessions=sessions,
        verifier=verifier,
        conflicts=CONFLICTS,
        open_paths={"POST /v1/auth/token", *api.OPEN},
        is_edge=True,
    )
    reader = db.Reader(deployment.database_url, application="gateway.read")
    peers = records.Peers(deployment.peers, ops_token=deployment.ops_token)
    viewer = app.extensions["view"] = Viewer(reader, Live(peers))
    app.extensions["trail"] = Trail(peers, reader)
    looks = app.extensions["looks"] = audit.Looks(sessions, service="gateway")
    reads = app.extensions["reads"] = view.Reads(looks, days=settings.audit_reads_days)
    services = Services(settings.services, auth.Signer(deployment.signing_key))
    documents = Documents(services, sessions)
    app.extensions["documents"] = documents
    app.extensions["services"] = services
    app.extensions["outgoing"] = Outgoing(settings.outgoing_allowed)
    app.extensions["sealer"] = sealer = Sealer(settings.sealing_keys)
    app.extensions["desk"] = identity.Desk(
        sealer=sealer, url=settings.public_url, sends=settings.smtp_url is not None
    )
    openid = settings.openid
    app.extensions["provider"] = openid and Provider(openid, settings.outgoing_allowed)
    api.install_routes(app, services, documents, url=settings.public_url)
    limit = api.install_limits(
        app, rate=settings.rate_limit, whole=settings.rate_limit_whole,
        storage=settings.rate_limit_storage,
    )  # fmt: skip
    console.install(app, settings)
    passing = api.Passing(app.wsgi_app, services, documents, verifier.principal, limit)
    app.wsgi_app = view.FastPath(passing, viewer, verifier.principal, limit, reads)  # type: ignore[method-assign]
    api.install_outside(app, origins=settings.cors_origins, hops=settings.behind_proxies)
    return app, engine


def serving() -> Flask:
    """Return the application of a serving process, its background refresh started."""
    settings = settings_room.read()
    if settings.serving_parent:
        parent = settings.serving_parent
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    logs.configure("gateway", "serve", settings.deployment.log_level)
    tracing.start("gateway", "serve")
    app, engine = create(settings)
    _ensure_admin_in_time(settings, engine)
    app.extensions["documents"].start()
    garbage.leave_alone()
    return app


def _leave_with(parent: int) -> None:
    """End when the parent was killed: an orphan would keep both ports from the one started anew."""
    while os.getppid() == parent:
        time.sleep(_PARENT_WATCHED_SECONDS)
    os._exit(1)


def _ensure_admin_in_time(settings: Settings, engine: Engine) -> None:
    """See to it now, or on a thread while the database is away: nobody else has to wait for that."""
    if not _is_ensured(settings, engine):
        threading.Thread(target=_keep_trying, args=(settings, engine), daemon=True).start()


def _keep_trying(settings: Settings, engine: Engine) -> None:
    while not _is_ensured(settings, engine):
        time.sleep(_BETWEEN_TRIES_SECONDS)


def _is_ensured(settings: Settings, engine: Engine) -> bool:
    try:
        _ensure_admin(settings, engine)
    except (SQLAlchemyError, OSError) as error:
        if not db.is_infrastructure(error):
            raise
        log.warning("first user put off", extra={"cause": repr(error)[:300]})
        return False
    return True


def _ensure_admin(settings: Settings, engine: Engine) -> None:
    context = db.Context(actor="service:gateway", source="event")
    with db.transaction(db.sessions(engine), context) as session:
        identity.ensure_first_admin(
            session, email=settings.admin_email, password=settings.admin_password, now=clock.now()
        )
        identity.ensure_system_roles(session, now=clock.now())
