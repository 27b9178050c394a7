"""Who may give whom which roles."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis.auth import Principal
from crm_chassis.problems import Forbidden, Invalid
from crm_chassis.rights import SYSTEM
from crm_gateway.identity import roles as commands
from crm_gateway.queries import identity, roles


def check_assignable(
    session: Session, who: Principal, given: Mapping[str, Any], user_id: UUID | None = None
) -> None:
    """Refuse roles there are not, and giving, or changing somebody who has, more than oneself.

    Raises Invalid, Forbidden.
    """
    wanted = list(given.get("roles") or ())
    known = {str(role.id) for role in roles.in_force(session, wanted)} | SYSTEM.keys()
    if unknown := sorted(set(wanted) - known):
        raise Invalid({"roles": [f"no such role: {each}" for each in unknown]})
    if who.is_admin:
        return
    user = identity.user(session, user_id) if user_id else None
    held = [*wanted, *(user.roles if user else ())]
    if not who.rights.covers(commands.rights_of(session, held)):
        raise Forbidden(detail="only who may do as much themselves gives or takes that")
