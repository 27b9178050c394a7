"""What rows would become: new, more of somebody, nobody new, or refused; nothing is written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import clock
from crm_chassis.auth import Principal
from crm_chassis.rights import Range
from crm_contacts.commands.importing import holding, resembling
from crm_contacts.commands.importing.planned import Planned, acting
from crm_contacts.model.interchange import (
    Import,
    ImportMode,
    MatchKey,
    RowStatus,
)
from crm_contacts.queries import imports, records
from crm_contacts.queries.imports import Row

_BY_ID = ("i:", "x:")
_UNSEEN = "belongs to a contact you may not see"
_NOT_YOURS = "your role does not let you change it"
_SEVERAL = "its addresses or ids belong to {} contacts"
_TAKEN = "another contact has this e-mail address"
_NOBODY = "no contact is known by its addresses or its id"


def plan(
    session: Session, file: Import, rows: Sequence[Row], *, claimed: Collection[str] = ()
) -> list[Planned]:
    """Say for each row, in order, what it would become.

    `claimed` are keys that earlier rows of the file take which are not taken over yet.
    """
    known = _known(session, file, rows)
    taken: dict[str, Planned] = {}
    planned = []
    for row in rows:
        made = _planned(file, row, known, claimed, taken)
        planned.append(made)
        if made.action in {RowStatus.CREATE, RowStatus.UPDATE}:
            taken.update(dict.fromkeys(row.keys, made.newcomer or made))
    _refuse_unseen(session, file, planned)
    holding.hold(session, file, planned, now=clock.now())
    resembling.settle(session, file, planned)
    return planned


def _known(session: Session, file: Import, rows: Sequence[Row]) -> Mapping[str, UUID]:
    """The contacts that keys of these rows mean."""
    keys = {key for row in rows for key in row.keys}
    origins = [key for key in keys if key[:2] in {"x:", "r:"}]
    known = dict(imports.known_by_origin(session, file.source, origins))
    own = [UUID(key[2:]) for key in keys if key.startswith("i:")]
    known |= {f"i:{named}": found for named, found in imports.known_by_id(session, own).items()}
    emails = [key[2:] for key in keys if key.startswith("e:")]
    found = records.contacts_with_emails(session, emails)
    return known | {f"e:{email}": contact_id for email, contact_id in found.items()}


def _planned(
    file: Import,
    row: Row,
    known: Mapping[str, UUID],
    claimed: Collection[str],
    taken: Mapping[str, Planned],
) -> Planned:
    met = {known[key] for key in _matched_by(file, row) if key in known}
    if len(met) > 1:
        return _refused(row, _SEVERAL.format(len(met)))
    if met:
        return _somebody(file, row, met.pop())
    if any(key in known for key in row.keys if key.startswith("e:")):
        return _refused(row, _TAKEN)
    earlier = next((taken[key] for key in row.keys if key in taken), None)
    if earlier is not None or any(key in claimed for key in row.keys):
        return _again(file, row, earlier)
    if file.mode is ImportMode.UPDATE:
        return _refused(row, _NOBODY)
    return Planned(row=row, action=RowStatus.CREATE, fields=dict(row.body["fields"]))


def _matched_by(file: Import, row: Row) -> Iterator[str]:
    for key in row.keys:
        is_id, is_email = key.startswith(_BY_ID), key.startswith("e:")
        if is_id and MatchKey.EXTERNAL_ID not in file.match_keys:
            continue
        if is_email and MatchKey.EMAIL not in file.match_keys:
            continue
        yield key


def _somebody(file: Import, row: Row, contact_id: UUID) -> Planned:
    is_new = file.mode is ImportMode.CREATE
    action = RowStatus.DUPLICATE if is_new else RowStatus.UPDATE
    return Planned(row=row, action=action, contact_id=contact_id, fields=row.body["fields"])


def _again(file: Import, row: Row, earlier: Planned | None) -> Planned:
    """A row whose person stands in an earlier row of the file."""
    is_new = file.mode is ImportMode.CREATE
    action = RowStatus.DUPLICATE if is_new else RowStatus.UPDATE
    contact_id = earlier.contact_id if earlier else None
    newcomer = earlier if earlier and earlier.action is RowStatus.CREATE else None
    return Planned(
        row=row, action=action, contact_id=contact_id, newcomer=newcomer, fields=row.body["fields"]
    )


def _refused(row: Row, reason: str) -> Planned:
    return Planned(row=row, action=RowStatus.REFUSED, reasons=[reason])


def _refuse_unseen(session: Session, file: Import, planned: Sequence[Planned]) -> None:
    """Refuse changes of contacts that whoever imports may not see, or what their role does not let."""
    who = acting(file.acting)
    if who.is_admin:
        return
    changed = {each.contact_id for each in planned if each.action is RowStatus.UPDATE}
    wanted = [each for each in changed if each]
    standing = records.standing(session, who, "contact", wanted, "update")
    for each in planned:
        if reason := _barred(who, each, standing):
            each.action, each.reasons, each.contact_id = RowStatus.REFUSED, [reason], None


def _barred(who: Principal, planned: Planned, standing: Mapping[UUID, bool]) -> str | None:
    """Return why a row may not become what it would, None where it may."""
    if planned.action not in {RowStatus.CREATE, RowStatus.UPDATE}:
        return None
    fixed = sorted(who.rights.fixed("contact") & planned.fields.keys())
    if fixed:
        return f"you may not change {', '.join(fixed)}"
    if planned.action is RowStatus.CREATE:
        may = who.rights.range_of("contact", "create") is not Range.NONE
        return None if may else _NOT_YOURS
    if planned.contact_id is None or standing.get(planned.contact_id):
        return None
    return _NOT_YOURS if planned.contact_id in standing else _UNSEEN
