"""What roles grant here: read from this service's copy of them, by the version a token names."""

import time
from collections.abc import Iterable

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db
from crm_chassis.problems import Unavailable
from crm_chassis.rights.grants import SYSTEM, Grants, granted, of_role, together

WAIT_SECONDS = 1.0
_BETWEEN_LOOKS_SECONDS = 0.05
_MOST_KEPT = 1024
Versions = tuple[tuple[str, int], ...]
Held = tuple[frozenset[str], Versions]


class RoleBook:
    """Resolves roles; what it has read is kept until a token names a newer version."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        """System roles need no copy, so no database."""
        self._sessions = sessions
        self._known: dict[Held, Grants] = {}

    def grants(self, roles: frozenset[str], versions: Versions) -> Grants:
        """Return what roles grant together, others than the system's as of `versions` or later.

        Raises Unavailable where the copy stays behind: a wrong answer could show too much.
        """
        if not versions:
            return granted(roles)
        held = (roles, versions)
        if held not in self._known:
            made = self._read(roles, dict(versions))
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[held] = made
        return self._known[held]

    def _read(self, roles: Iterable[str], wanted: dict[str, int]) -> Grants:
        until = time.monotonic() + WAIT_SECONDS
        found = self._copied(wanted)
        while found is None and time.monotonic() < until:
            time.sleep(_BETWEEN_LOOKS_SECONDS)
            found = self._copied(wanted)
        if found is None:
            raise Unavailable(detail="what your roles grant has not arrived here yet")
        return together([*found, *(SYSTEM[role] for role in roles if role in SYSTEM)])

    def _copied(self, wanted: dict[str, int]) -> list[Grants] | None:
        """Return what each of these roles grants; None while one of them is behind."""
        with db.reading(self._sessions) as cursor:
            rows = cursor.execute(_ROLES, (list(wanted),)).fetchall()
        standing = {str(row[0]): row for row in rows}
        if any(id_ not in standing or standing[id_][1] < wanted[id_] for id_ in wanted):
            return None
        return [
            of_role(grants, fields, special) if archived_at is None else together([])
            for _, _, archived_at, grants, fields, special in standing.values()
        ]


_ROLES = """
select id, version, archived_at, grants, fields, special from role_copy where id = any(%s::uuid[])
"""
