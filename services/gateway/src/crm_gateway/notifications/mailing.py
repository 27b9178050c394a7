"""Telling by mail: what is urgent soon and unless it was read meanwhile, the rest once a day.

What is mailed is taken in the transaction that puts the letter into the queue: however often and
wherever this runs, or is killed, each notification is in one letter at most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, ids, rights
from crm_chassis.auth import Principal
from crm_gateway import mails
from crm_gateway.identity import roles
from crm_gateway.model import Mailing, Sealer, User
from crm_gateway.model.notification import AT_ONCE_AFTER, KEPT, READ_KEPT
from crm_gateway.notifications import showing
from crm_gateway.notifications.wishing import preference_of
from crm_gateway.queries import identity as people
from crm_gateway.queries import notifications as queries
from crm_gateway.queries import wishes

PREFERENCES = "/settings/notifications"
_WHY = "You are told this because of your preferences"
# Who had no mail server for long is not told of long ago.
_NEWS_FOR = {Mailing.NOW: timedelta(days=1), Mailing.DIGEST: timedelta(days=14)}
_CLOCKWORK = db.Context(actor="service:gateway", source="event")
Work = Callable[[Session, User], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What letters are written with: where the console is, and what seals them while they wait."""

    public_url: str
    sealer: Sealer


def mail(sessions: sessionmaker[Session], post: Post, *, now: datetime) -> None:
    """Write to everybody for whom something is due."""
    with sessions() as session:
        urgent = queries.to_mail(session, Mailing.NOW, _waiting(Mailing.NOW, now - AT_ONCE_AFTER))
        patient = queries.to_mail(session, Mailing.DIGEST, _waiting(Mailing.DIGEST, now))
        zone = people.time_zone(session) or "UTC"
    for user_id in urgent:
        _each(sessions, user_id, lambda session, user: _urgent(session, user, post, now=now))
    for user_id in patient:
        _each(sessions, user_id, lambda session, user: _digest(session, user, post, zone, now=now))


def keep_house(sessions: sessionmaker[Session], *, now: datetime) -> None:
    """Forget what was read a month ago, and what is half a year old."""
    with db.transaction(sessions, _CLOCKWORK) as session:
        queries.forget(session, read_before=now - READ_KEPT, before=now - KEPT)


def _each(sessions: sessionmaker[Session], user_id: UUID, work: Work) -> None:
    with db.transaction(sessions, _CLOCKWORK) as session:
        user = people.user_for_update(session, user_id)
        work(session, user)


def _waiting(way: Mailing, until: datetime) -> queries.Span:
    return until - _NEWS_FOR[way], until


def _urgent(session: Session, user: User, post: Post, *, now: datetime) -> None:
    _write(session, user, post, Mailing.NOW, until=now - AT_ONCE_AFTER, now=now)


def _digest(session: Session, user: User, post: Post, zone: str, *, now: datetime) -> None:
    wanted = preference_of(session, user.id)
    until = wanted.digest_until(now, zone)
    if until is None:
        return
    if _write(session, user, post, Mailing.DIGEST, until=until, now=now):
        day = now.astimezone(ZoneInfo(wanted.time_zone or zone)).date()
        wishes.keep_preference(session, user.id, replace(wanted, digest_on=day))


def _write(
    session: Session, user: User, post: Post, way: Mailing, *, until: datetime, now: datetime
) -> bool:
    """Put a letter of what waits into the queue; return whether there is one."""
    taken = queries.take_for_mail(session, user.id, way, _waiting(way, until), now=now)
    if not taken or not user.may_sign_in:
        return False
    who = principal_of(session, user)
    lines = queries.lines(db.cursor(session), rights.seen_of_all(who), taken)
    groups = showing.grouped(lines, who)
    if groups:
        key = f"notifications:{ids.derived(*sorted(taken))}"
        mails.put(session, _letter(groups, user, post, key, way), post.sealer, now=now)
    return bool(groups)


def principal_of(session: Session, user: User) -> Principal:
    """Return somebody with what they may see, as if they had signed in."""
    known = Principal(
        actor=f"user:{user.id}", user_id=user.id, roles=frozenset(user.roles),
        team_ids=(user.team_id,) if user.team_id else (),
    )  # fmt: skip
    return roles.standing_of(session, known, user)


def _letter(
    groups: Sequence[showing.Group], user: User, post: Post, key: str, way: Mailing
) -> mails.Letter:
    wishes_url = f"{post.public_url}{PREFERENCES}"
    parts = [_plain(each, post) for each in groups]
    return mails.Letter(
        key=key, to=user.email, subject=_subject(groups, way), unsubscribe=wishes_url,
        text="\n\n".join([*parts, f"-- \n{_WHY}:\n{wishes_url}"]) + "\n",
        html=str(
            Markup("").join(_rich(each, post) for each in groups)
            + Markup('<p><small>{}: <a href="{}">change them</a></small></p>').format(
                _WHY, wishes_url
            )
        ),
    )  # fmt: skip


def _subject(groups: Sequence[showing.Group], way: Mailing) -> str:
    if len(groups) == 1:
        return f"{groups[0].title}: {groups[0].items[0].text}"
    day = "Your day: " if way is Mailing.DIGEST else ""
    return f"{day}{len(groups)} things are new"


def _plain(group: showing.Group, post: Post) -> str:
    told = "\n".join(f"- {each.text}" for each in group.items)
    return f"{group.title}\n{told}\n{_address(group, post)}"


def _rich(group: showing.Group, post: Post) -> Markup:
    told = Markup("").join(Markup("<li>{}</li>").format(each.text) for each in group.items)
    return Markup('<h3><a href="{}">{}</a></h3><ul>{}</ul>').format(
        _address(group, post), group.title, told
    )


def _address(group: showing.Group, post: Post) -> str:
    return f"{post.public_url}{group.path or '/notifications'}"
