"""Asking for a file of people to be taken over, and for that to be undone."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_chassis.problems import Invalid
from crm_contacts.commands import files, importing
from crm_contacts.commands.changing import expect
from crm_contacts.events import interchange as events
from crm_contacts.events import recognition
from crm_contacts.model.errors import FileUnreadable
from crm_contacts.model.interchange import Import, ImportSettings, ImportStatus
from crm_contacts.model.job import Job
from crm_contacts.queries import files as stored
from crm_contacts.queries import records
from crm_contacts.queries.rulebook import rulebook
from crm_fields.objects import Held
from crm_fields.types import PREFIX
from crm_interchange import CARDS, MappingWrong, Sniffed, Unreadable, recognise, sniff
from crm_interchange.columns import IGNORE
from crm_interchange.headers import plain
from crm_interchange.text import encoding_of, recoded

_HEAD, _PIECE = 256 * 1024, 1 << 20
_CARDS = "vcard"
_GENERIC = "generic"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUpImport:
    """Take in a file and read it; `goes_on`: take its rows over without waiting for a word."""

    file: BinaryIO
    file_name: str
    settings: ImportSettings
    acting: Mapping[str, Any]
    owner_id: UUID | None
    goes_on: bool = False


def take_up_import(session: Session, command: TakeUpImport, *, now: datetime) -> Import:
    """Keep a file and have it read. Raises FileUnreadable, Invalid for a wrong mapping."""
    file_id, job_id = ids.new(), ids.new()
    encoding = encoding_of(command.file)
    files.keep(session, file_id, recoded(command.file, encoding))
    sniffed = _sniffed(session, file_id)
    settled = _settled(session, sniffed.headers, command.settings.mapping)
    system = recognise(sniffed.headers).system if sniffed.format != CARDS else _CARDS
    made = Import(
        id=file_id,
        file_name=command.file_name,
        size=command.file.seek(0, 2),
        digest=digest(command.file).hex(),
        format=sniffed.format,
        system=system,
        encoding=encoding,
        delimiter=sniffed.delimiter,
        headers=list(sniffed.headers),
        rows_at=sniffed.start,
        rows_line=sniffed.line,
        mapping=settled,
        source="import" if system == _GENERIC else system,
        job_id=job_id,
        acting=dict(command.acting),
        owner_id=command.owner_id,
        visibility="private" if command.owner_id else "all",
    )
    made.choose(_canonical(session, made, command.settings))
    if command.goes_on:
        made.status = ImportStatus.RUNNING
    outbox.add(session, events.import_created, made, at=now)
    _ask(session, made, phase="survey", goes_on=command.goes_on, now=now)
    return made


def digest(file: BinaryIO) -> bytes:
    """Return the SHA-256 of a file, which is left at its beginning."""
    file.seek(0)
    found = hashlib.sha256()
    while chunk := file.read(_PIECE):
        found.update(chunk)
    file.seek(0)
    return found.digest()


def _sniffed(session: Session, file_id: UUID) -> Sniffed:
    head = b""
    for chunk in stored.chunks(session, file_id):
        head += chunk
        if len(head) >= _HEAD:
            break
    try:
        return sniff(head)
    except Unreadable as error:
        raise FileUnreadable(detail=str(error)) from error


def _settled(
    session: Session, headers: tuple[str, ...] | list[str], mapping: Mapping[str, str] | None
) -> Any:
    """Every header and what is read from it; a field of the company's own is found by its label too."""
    try:
        found = recognise(headers, mapping).settled
    except MappingWrong as error:
        raise Invalid({"mapping": [str(error)]}) from error
    known = _own_names(session)
    asked = {target for target in (mapping or {}).values() if target.startswith(PREFIX)}
    unknown = sorted(each for each in asked if _folded(each) not in known)
    if unknown:
        raise Invalid({"mapping": [f"there is no field {unknown[0]!r}"]})
    own = {
        header: known.get(_folded(target), IGNORE)
        for header, target in found.items() if target.startswith(PREFIX)
    }  # fmt: skip
    unread = (header for header, target in found.items() if target == IGNORE)
    labelled = {
        header: known[_folded(header)]
        for header in unread if header not in (mapping or {}) and _folded(header) in known
    }  # fmt: skip
    return {**found, **own, **labelled}


def _own_names(session: Session) -> Mapping[str, str]:
    """The company's own fields of contacts that are written, by folded key and label."""
    specs = rulebook(session).of[Held.CONTACT].specs.values()
    live = [spec for spec in specs if not spec.archived]
    return {_folded(name): spec.name for spec in live for name in (spec.label, spec.key)}


def _folded(name: str) -> str:
    return plain(name.removeprefix(PREFIX))


def _canonical(session: Session, file: Import, settings: ImportSettings) -> ImportSettings:
    """Return the settings with every header of the file in the mapping."""
    if settings.mapping is None:
        return settings
    mapping = _settled(session, file.headers, settings.mapping)
    return ImportSettings(
        mapping=mapping, mode=settings.mode, match_keys=settings.match_keys,
        duplicates=settings.duplicates, date_order=settings.date_order, source=settings.source,
    )  # fmt: skip


def _ask(
    session: Session, file: Import, *, phase: str, goes_on: bool, now: datetime, total: int = 0
) -> None:
    state = importing.state_of(file, phase=phase, goes_on=goes_on)
    job = Job(id=file.job_id, work=importing.WORK, owner_id=file.owner_id, state=state, total=total)
    outbox.add(session, recognition.job_created, job, at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartImport:
    """Take the rows over, as chosen; what was read otherwise is read anew first.

    Without `goes_on` it is only foreseen what they become by these settings.
    """

    import_id: UUID
    expected_version: int | None
    settings: ImportSettings
    acting: Mapping[str, Any]
    goes_on: bool = True


def start_import(session: Session, command: StartImport, *, now: datetime) -> Import:
    """Start once. Raises NotFound, StaleVersion, ImportNotReady, Invalid for a wrong mapping."""
    file = records.for_update(session, Import, command.import_id)
    if file.status in {ImportStatus.RUNNING, ImportStatus.COMPLETED}:
        return file
    expect(file, command.expected_version)
    file.start(ids.new(), goes_on=command.goes_on)
    is_read_anew = file.choose(_canonical(session, file, command.settings)) or not command.goes_on
    file.acting = dict(command.acting)
    told = events.import_started if command.goes_on else events.import_updated
    outbox.add(session, told, file, at=now)
    phase, rows = ("survey", 0) if is_read_anew else ("take", file.counts.get("rows", 0))
    _ask(session, file, phase=phase, goes_on=command.goes_on, now=now, total=rows)
    return file


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertImport:
    """Undo what an import did."""

    import_id: UUID
    expected_version: int | None
    acting: Mapping[str, Any]


def revert_import(session: Session, command: RevertImport, *, now: datetime) -> Import:
    """Revert once. Raises NotFound, StaleVersion, ImportBusy, ImportNotReady."""
    file = records.for_update(session, Import, command.import_id)
    if file.status in {ImportStatus.REVERTING, ImportStatus.REVERTED}:
        return file
    expect(file, command.expected_version)
    file.revert(ids.new())
    file.acting = dict(command.acting)
    outbox.add(session, events.import_updated, file, at=now)
    total = sum(file.counts.get(name, 0) for name in ("created", "updated"))
    _ask(session, file, phase="undo", goes_on=False, now=now, total=total)
    return file
