"""/v1/notifications, /v1/users/me/notification-preferences: what one is told, and how."""

from dataclasses import asdict
from typing import Any, cast
from uuid import UUID

from flask import Response, jsonify, request

from crm_chassis import clock, db, web
from crm_chassis.problems import Forbidden, NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_gateway import notifications as room
from crm_gateway.model import News, Preference
from crm_gateway.queries import notifications as queries
from crm_gateway.schemas import notifications as schemas

told = Blueprint("notifications", __name__, url_prefix="/v1/notifications")
wishes = Blueprint("notification_preferences", __name__, url_prefix="/v1/users/me")


def blueprints() -> list[Blueprint]:
    """Return the blueprints of what one is told."""
    return [told, wishes]


@told.route("")
@told.arguments(schemas.NotificationsIn, location="query")
@told.response(200, schemas.NotificationsOut)
@web.needs()
def list_notifications(args: dict[str, Any]) -> dict[str, Any]:
    """List what one was told, by the record it is about, the newest first."""
    _person()
    with db.reading(web.sessions()) as cursor:
        groups, next_ = room.groups_of(
            cursor, web.principal(), unread=args["unread"], before=args["cursor"],
            limit=args["limit"],
        )  # fmt: skip
    return {"items": list(map(asdict, groups)), "next": str(next_) if next_ else None}


@told.route("/unread")
@told.response(200, schemas.UnreadOut)
@web.needs()
def count_unread() -> Response:
    """Count what is unread; cheap to ask again with If-None-Match."""
    _person()
    with db.reading(web.sessions()) as cursor:
        groups, number, newest = room.unread_of(cursor, web.principal())
    response = jsonify(groups=groups, unread=number)
    response.set_etag(f"{groups}-{number}-{newest}")
    return cast("Response", response.make_conditional(request))


@told.route("/<uuid:notification_id>/read", methods=["POST"])
@told.response(200, schemas.ReadOut)
@web.needs()
def read_one(notification_id: UUID) -> dict[str, int]:
    """Mark one as read."""
    person = _person()
    with db.transaction(web.sessions(), web.context()) as session:
        if not queries.mark_one(session, person, notification_id, now=clock.now()):
            raise NotFound(f"notification {notification_id}")
    return {"read": 1}


@told.route("/read", methods=["POST"])
@told.arguments(schemas.ReadIn)
@told.response(200, schemas.ReadOut)
@web.needs()
def read_many(given: dict[str, Any]) -> dict[str, int]:
    """Mark a group, or everything, as read."""
    group = (given["group"]["kind"], given["group"]["id"]) if given["group"] else None
    with db.transaction(web.sessions(), web.context()) as session:
        number = queries.mark(session, _person(), now=clock.now(), group=group, upto=given["upto"])
    return {"read": number}


@wishes.route("/notification-preferences")
@wishes.response(200, schemas.PreferencesOut)
@web.needs()
def read_preferences() -> dict[str, Any]:
    """Read how one is told."""
    with web.sessions()() as session:
        return _shown(room.preference_of(session, _person()))


@wishes.route("/notification-preferences", methods=["PUT"])
@wishes.arguments(schemas.PreferencesIn)
@wishes.response(200, schemas.PreferencesOut)
@web.needs()
def change_preferences(given: dict[str, Any]) -> dict[str, Any]:
    """Say how one wants to be told from now on."""
    command = room.Wish(user_id=_person(), kinds=given["kinds"], digest=given["digest"])
    with db.transaction(web.sessions(), web.context()) as session:
        return _shown(room.wish(session, command))


def _person() -> UUID:
    who = web.principal()
    if who.user_id is None:
        raise Forbidden(detail="only people are told of something")
    return who.user_id


def _shown(wanted: Preference) -> dict[str, Any]:
    return {
        "kinds": {kind: asdict(wanted.channels(kind)) for kind in News},
        "digest": {"hour": wanted.hour, "days": list(wanted.days), "time_zone": wanted.time_zone},
    }
