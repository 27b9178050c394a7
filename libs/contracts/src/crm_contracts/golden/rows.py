"""Who and when: the ids, times and common fields of the golden samples."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm_contracts.base import SubjectRef


def id_(number: int) -> UUID:
    return UUID(int=0x0193_0000_0000_7000_8000_0000_0000_0000 + number)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


ANNA, TEAM, CONTACT, ACCOUNT, DEAL, PIPELINE, LEAD = (id_(number) for number in range(1, 8))
SEGMENT, TEMPLATE, CAMPAIGN, TICKET = (id_(number) for number in range(8, 12))
QUALIFIED, PROPOSAL, WON, LOST = (id_(number) for number in range(21, 25))
SUBJECTS = (SubjectRef(type="contact", id=CONTACT), SubjectRef(type="deal", id=DEAL))


def row(record_id: UUID, number: int, *, version: int = 3) -> dict[str, Any]:
    by = f"user:{ANNA}"
    return {
        "id": record_id,
        "public_no": number,
        "version": version,
        "created_at": at(2, 8, 15),
        "updated_at": at(3),
        "created_by": by,
        "updated_by": by,
        "owner_id": ANNA,
        "team_id": TEAM,
    }
