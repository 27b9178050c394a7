"""One's own account: password, second factor, where one is signed in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, cast
from uuid import UUID

import segno
from flask import Blueprint, Response, current_app, redirect, request, url_for
from markupsafe import Markup

from crm_chassis import clock, db, web
from crm_chassis.problems import Refusal
from crm_gateway import identity
from crm_gateway.console import house, sign_in
from crm_gateway.console import pages as rendering
from crm_gateway.identity import second_factor
from crm_gateway.identity.credentials import token_hash
from crm_gateway.queries import sign_in as queries

pages = Blueprint("me", __name__, url_prefix="/settings/me")


@pages.get("")
def show() -> Response:
    """Show one's own account."""
    return _shown()


@pages.post("/password")
def change_password() -> Any:
    """Take a new password; every other session ends."""

    def work(session: Any) -> None:
        command = identity.ChangePassword(
            user_id=_me(), current=request.form.get("current", ""), token=_token(),
            new=request.form.get("new", ""),
        )  # fmt: skip
        identity.change_password(session, command, now=clock.now())

    answer = _done("password", work)
    house.forget()
    return answer


@pages.post("/second-factor")
def begin_factor() -> Any:
    """Show what an authenticator makes one-time codes of."""
    try:
        with _guarded(), db.transaction(web.sessions(), web.context()) as session:
            user = identity.refuse_wrong(session, _me(), request.form.get("password", ""))
            secret, uri = second_factor.start(session, user, _sealer())
    except Refusal as refusal:
        return _refused("factor", refusal)
    picture = Markup(segno.make(uri).svg_inline(scale=5, border=2))  # noqa: S704 - drawn here
    return _shown(secret=secret, picture=picture)


@pages.post("/second-factor/confirmation")
def confirm_factor() -> Any:
    """Let it count; show the recovery codes once."""
    try:
        with _guarded(), db.transaction(web.sessions(), web.context()) as session:
            codes = second_factor.confirm(
                session, _me(), request.form.get("code", ""), _sealer(), now=clock.now()
            )
    except Refusal as refusal:
        return _refused("factor", refusal)
    return _shown(codes=codes)


@pages.post("/second-factor/removal")
def end_factor() -> Any:
    """Do without a second factor."""

    def work(session: Any) -> None:
        identity.refuse_wrong(session, _me(), request.form.get("password", ""))
        second_factor.end(session, _me(), now=clock.now())

    return _done("factor", work)


@pages.post("/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> Any:
    """End one of one's sessions."""
    return _done(
        "sessions",
        lambda session: identity.end_session(session, session_id, _me(), now=clock.now()),
    )


def _done(form: str, work: Callable[[Any], None]) -> Any:
    try:
        with _guarded(), db.transaction(web.sessions(), web.context()) as session:
            work(session)
    except Refusal as refusal:
        return _refused(form, refusal)
    return redirect(url_for(".show"), 303)


def _refused(form: str, refusal: Refusal) -> Response:
    reasons = [each for why in (refusal.errors or {}).values() for each in why]
    draft = rendering.draft(form, " ".join(reasons) or str(refusal.detail or refusal.title))
    return _shown(draft=draft, status=int(refusal.status))


def _shown(
    *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200, **shown: Any
) -> Response:
    with db.transaction(web.sessions(), web.context()) as session:
        sessions = queries.sessions_of(session, _me(), now=clock.now())
        has_factor = second_factor.is_on(session, _me())
        user = queries.user(session, _me())
    return rendering.page(
        "me.html", status=status, draft=rendering.Draft(draft.form, draft.reason),
        sessions=sessions, current=token_hash(_token()), has_factor=has_factor,
        has_password=user is not None and user.password_hash is not None, **shown,
    )  # fmt: skip


def _me() -> UUID:
    return cast("UUID", web.principal().user_id)  # the console's sessions are people's


def _guarded() -> AbstractContextManager[None]:
    return identity.counted(web.sessions(), _me(), now=clock.now())


def _token() -> str:
    return request.cookies.get(sign_in.COOKIE, "")


def _sealer() -> Any:
    return current_app.extensions["sealer"]
