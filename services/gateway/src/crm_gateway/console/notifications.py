"""The bell, what one was told, and how one wants to be told."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, g, redirect, request, url_for

from crm_chassis import clock, db, web
from crm_chassis.problems import Invalid, NotFound
from crm_gateway import notifications as room
from crm_gateway.console import formats
from crm_gateway.console import pages as rendering
from crm_gateway.model import Mailing, News
from crm_gateway.queries import notifications as queries
from crm_gateway.schemas.notifications import PreferencesIn

PAGE_SIZE = 30
DAYS = {1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri", 6: "Sat", 7: "Sun"}
KINDS = {
    News.MENTIONED: "Somebody mentions me",
    News.ASSIGNED: "I am given a task, ticket, deal or lead",
    News.REMINDED: "A task of mine is due or overdue",
    News.REPLIED: "A customer writes again on my ticket",
    News.BREACHED: "A ticket of mine is late",
    News.WON: "My team wins a deal",
    News.FINISHED: "An import, export or merge of mine is done",
    News.REFUSED: "A lead of mine is not converted",
    News.STOPPED: "A webhook of mine stops",
}
MAILS = {Mailing.NOW: "At once", Mailing.DIGEST: "Once a day", Mailing.NO: "Never"}

pages = Blueprint("notifications", __name__)


@dataclass(frozen=True, slots=True)
class Bell:
    """In how many groups something is unread, how much, and the newest of it."""

    counted: tuple[int, int, int]

    @property
    def groups(self) -> int:
        """In how many groups."""
        return self.counted[0]

    @property
    def tag(self) -> str:
        """What stands for exactly that."""
        return rendering.tag_of(self.counted)


def context() -> dict[str, Any]:
    """Return what the head of every page shows."""
    return {"bell": _bell}


@pages.get("/notifications")
def index() -> Response:
    """Show what one was told, by what it is about."""
    unread = request.args.get("show") != "all"
    before = request.args.get("before", type=int)
    with db.reading(web.sessions()) as cursor:
        groups, next_ = room.groups_of(
            cursor, web.principal(), unread=unread, before=before, limit=PAGE_SIZE
        )
    return rendering.page(
        "notifications.html", groups=groups, next=next_, unread=unread, live=groups,
        upto=groups[0].upto if groups else None,
    )  # fmt: skip


@pages.get("/notifications/bell")
def look() -> Response:
    """Answer the bell of an open page: 304, or its number."""
    bell = _bell()
    if rendering.is_live(bell.counted):
        return rendering.unchanged(bell.counted)
    return rendering.fragment(rendering.block("bell.html", "count", news=bell), bell.counted)


@pages.get("/notifications/<kind>/<uuid:record_id>")
def open_group(kind: str, record_id: UUID) -> Any:
    """Go to what a group is about; it is read then."""
    path = room.path_of(kind, record_id)
    if path is None:
        raise NotFound(f"{kind} {record_id}")
    _mark((kind, record_id))
    return redirect(path, 303)


@pages.post("/notifications/read")
def read() -> Any:
    """Mark a group, or all that was shown, as read."""
    kind, id_ = request.form.get("kind"), request.form.get("id", type=UUID)
    _mark((kind, id_) if kind and id_ else None)
    return redirect(url_for(".index", show=request.form.get("show") or None), 303)


@pages.get("/settings/notifications")
def preferences() -> Response:
    """Show how one wants to be told."""
    return _preferences()


@pages.post("/settings/notifications")
def change_preferences() -> Any:
    """Say how one wants to be told from now on."""
    try:
        given = _given()
    except Invalid as refusal:
        draft = rendering.draft("wishes", rendering.said(refusal))
        return _preferences(draft=draft, status=int(refusal.status))
    with db.transaction(web.sessions(), web.context()) as session:
        command = room.Wish(user_id=_me(), kinds=given["kinds"], digest=given["digest"])
        room.wish(session, command)
    return redirect(url_for(".preferences", saved="yes"), 303)


def _bell() -> Bell:
    if "bell" not in g:
        with db.reading(web.sessions()) as cursor:
            g.bell = Bell(room.unread_of(cursor, web.principal()))
    return cast("Bell", g.bell)


def _mark(group: tuple[str, UUID] | None) -> None:
    upto = request.values.get("upto", type=int)
    with db.transaction(web.sessions(), web.context()) as session:
        queries.mark(session, _me(), now=clock.now(), group=group, upto=upto)


def _given() -> dict[str, Any]:
    """Return the form as the API takes it. Raises Invalid."""
    form = request.form
    kinds = {
        kind: {"console": f"console.{kind}" in form, "mail": form.get(f"mail.{kind}", "")}
        for kind in News
    }
    digest = {
        "hour": form.get("hour", type=int), "days": form.getlist("day", type=int),
        "time_zone": form.get("time_zone", "").strip() or None,
    }  # fmt: skip
    faults = PreferencesIn().validate({"kinds": kinds, "digest": digest})
    if faults:
        raise Invalid({name: ["cannot be read"] for name in faults.get("digest", faults)})
    return {"kinds": kinds, "digest": digest}


def _preferences(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    with web.sessions()() as session:
        wanted = room.preference_of(session, _me())
    return rendering.page(
        "notification_wishes.html", status=status, draft=rendering.Draft(draft.form, draft.reason),
        wanted=wanted, kinds=KINDS, mails=MAILS, days=DAYS, zones=formats.time_zones(),
        is_saved="saved" in request.args and not draft.form,
    )  # fmt: skip


def _me() -> UUID:
    return cast("UUID", web.principal().user_id)  # the console's sessions are people's
