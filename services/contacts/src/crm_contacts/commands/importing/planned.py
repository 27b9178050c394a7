"""What a row would become, and on whose behalf."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm_chassis.auth import Principal
from crm_chassis.rights import Grants
from crm_contacts.model.interchange import DuplicatesRule, Import, RowStatus
from crm_contacts.model.judging import Finding
from crm_contacts.queries.imports import Row


@dataclass(slots=True, kw_only=True)
class Planned:
    """A row and what it would become; `newcomer` is the row of the same set that it adds to."""

    row: Row
    action: RowStatus
    contact_id: UUID | None = None
    reasons: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    newcomer: "Planned | None" = None
    findings: list[Finding] = field(default_factory=list)


def acting(kept: Mapping[str, Any]) -> Principal:
    """Return who imports or exports, as they were when they asked."""
    return Principal(
        actor=kept["actor"],
        user_id=UUID(kept["user_id"]) if kept["user_id"] else None,
        roles=frozenset(kept["roles"]),
        team_ids=tuple(UUID(each) for each in kept["team_ids"]),
        on_behalf_of=kept["on_behalf_of"],
        grants=Grants.of(kept["rights"]) if "rights" in kept else None,
    )


def effective_rule(file: Import, *, blocks: bool) -> DuplicatesRule:
    """Return what happens to look-alikes: what was chosen, else what the deployment's rule says."""
    if file.duplicates is not DuplicatesRule.POLICY:
        return file.duplicates
    return DuplicatesRule.REFUSE if blocks else DuplicatesRule.CREATE
