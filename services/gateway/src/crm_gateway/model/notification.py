"""What people are told of, by which way, and when their day's mail goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

AT_ONCE_AFTER = timedelta(seconds=60)  # what is read meanwhile needs no mail
READ_KEPT, KEPT = timedelta(days=30), timedelta(days=180)


class News(StrEnum):
    """The kinds of news."""

    MENTIONED = "mentioned"
    ASSIGNED = "assigned"
    REMINDED = "reminded"
    REPLIED = "replied"
    BREACHED = "breached"
    WON = "won"
    FINISHED = "finished"
    REFUSED = "refused"
    STOPPED = "stopped"


class Mailing(StrEnum):
    """Whether and when a mail tells of something."""

    NOW = "now"
    DIGEST = "digest"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Channels:
    """Where one kind of news is told."""

    console: bool
    mail: Mailing


USUAL: Mapping[News, Channels] = {
    News.MENTIONED: Channels(console=True, mail=Mailing.NOW),
    News.ASSIGNED: Channels(console=True, mail=Mailing.NOW),
    News.REMINDED: Channels(console=True, mail=Mailing.NOW),
    News.REPLIED: Channels(console=True, mail=Mailing.DIGEST),
    News.BREACHED: Channels(console=True, mail=Mailing.NOW),
    News.WON: Channels(console=True, mail=Mailing.DIGEST),
    News.FINISHED: Channels(console=True, mail=Mailing.NO),
    News.REFUSED: Channels(console=True, mail=Mailing.DIGEST),
    News.STOPPED: Channels(console=True, mail=Mailing.NOW),
}
USUAL_HOUR, USUAL_DAYS = 8, (1, 2, 3, 4, 5)  # ISO: Monday is 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """How somebody wants to be told: by kind of news; when the digest comes, on which days.

    `time_zone`: theirs, None for the company's. `digest_on`: the day of their last digest, there.
    """

    kinds: Mapping[News, Channels] = field(default_factory=dict)
    hour: int = USUAL_HOUR
    days: tuple[int, ...] = USUAL_DAYS
    time_zone: str | None = None
    digest_on: date | None = None

    def channels(self, kind: News) -> Channels:
        """Return where a kind of news is told."""
        return self.kinds.get(kind, USUAL[kind])

    def digest_until(self, now: datetime, company_zone: str) -> datetime | None:
        """Return until when today's digest tells; None: not yet, not today, or it went out."""
        local = now.astimezone(ZoneInfo(self.time_zone or company_zone))
        is_new = self.digest_on is None or self.digest_on < local.date()
        until = datetime.combine(local.date(), time(self.hour), local.tzinfo).astimezone(UTC)
        return until if local.isoweekday() in self.days and is_new and until <= now else None
