"""Ways to reach somebody beside addresses, and whether a way is the right one."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers

from crm_contacts.model.values import Point, PointKind

CHANNELS = (PointKind.WHATSAPP, PointKind.CHAT, PointKind.SOCIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPoint(Point):
    """What somebody is called on a channel."""

    channel: PointKind


class Quality(StrEnum):
    """Whether an e-mail address or telephone number is right."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    UNKNOWN = "unknown"


NUMBERING_PLAN = "numbering plan"


@lru_cache(maxsize=16_384)
def phone_quality(number: str) -> Quality:
    """What a normalised number's numbering plan says of it.

    A length that its country does not have is wrong. A number that only the plan as we have it does
    not know may be newer than that; one without a country cannot be judged.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return Quality.UNKNOWN
    if phonenumbers.is_valid_number(parsed):
        return Quality.CORRECT
    is_possible = phonenumbers.is_possible_number(parsed)
    return Quality.UNKNOWN if is_possible else Quality.INCORRECT
