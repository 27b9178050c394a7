"""The console: pages rendered here, which work as plain forms without JavaScript."""

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from crm_gateway.console import (
    account_merges,
    assets,
    audit,
    board,
    boards,
    bulk,
    customers,
    deals,
    documents,
    duplicates,
    errors,
    exports,
    formats,
    going,
    home,
    house,
    imports,
    leads,
    links,
    lists,
    mail,
    me,
    notes,
    notifications,
    openid,
    own_fields,
    pages,
    quality,
    records,
    relationships,
    roles,
    rules,
    saved,
    segment_forms,
    segments,
    sign_in,
    tags,
    tasks,
    tickets,
    users,
    visitors,
    ways_in,
    webhooks,
)
from crm_gateway.settings import Settings

_ROOMS = (
    sign_in.pages, openid.pages, links.pages, home.pages, customers.pages, board.pages, tickets.pages, duplicates.pages,
    imports.pages, exports.pages, own_fields.pages, rules.pages, documents.pages, quality.pages,
    lists.pages, bulk.pages, saved.pages, records.pages, tasks.pages, boards.pages, notes.pages,
    tags.pages, account_merges.pages, visitors.pages, deals.pages, leads.pages, relationships.pages,
    segments.pages, segment_forms.pages, webhooks.pages, mail.pages, me.pages, roles.pages, users.pages, ways_in.pages,
    audit.pages, notifications.pages, going.pages,
)  # fmt: skip


def install(app: Flask, settings: Settings) -> None:
    """Serve the pages. `app.extensions` must hold the Viewer ("view") and Services ("services")."""
    is_secure = settings.public_url.startswith("https:")
    app.config.update(
        SECRET_KEY=settings.session_secret,
        SESSION_COOKIE_NAME="rapport_form",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_secure,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    protection = CSRFProtect(app)
    console = Blueprint(
        "console", __name__, template_folder="templates", static_folder="static",
        static_url_path="/static/console",
    )  # fmt: skip
    for room in _ROOMS:
        console.register_blueprint(room)
    console.before_request(errors.refuse_nul)
    console.before_request(sign_in.know_visitor)
    console.before_request(protection.protect)
    console.add_url_rule("/<path:path>", "missing", errors.missing)
    errors.install(console)
    assets.install(app, console, hsts_seconds=settings.hsts_seconds if is_secure else 0)
    formats.install(app)
    console.context_processor(house.context)
    console.context_processor(pages.context)
    console.context_processor(notifications.context)
    app.register_blueprint(console)
