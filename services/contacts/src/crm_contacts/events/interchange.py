"""What we tell of files of people that come in and go out."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.interchange import Export, Import
from crm_contracts import contacts as contracts
from crm_interchange.columns import IGNORE, distinct


def import_created(file: Import) -> Announcement:
    return Announcement(contracts.ImportCreated, import_record(file))


def import_updated(file: Import) -> Announcement:
    return Announcement(contracts.ImportUpdated, import_record(file))


def import_started(file: Import) -> Announcement:
    return Announcement(contracts.ImportStarted, import_record(file))


def import_completed(file: Import) -> Announcement:
    return Announcement(contracts.ImportCompleted, import_record(file))


def import_failed(file: Import) -> Announcement:
    return Announcement(contracts.ImportFailed, import_record(file))


def import_reverted(file: Import) -> Announcement:
    return Announcement(contracts.ImportReverted, import_record(file))


def export_created(export: Export) -> Announcement:
    return Announcement(contracts.ExportCreated, export_record(export))


def export_completed(export: Export) -> Announcement:
    return Announcement(contracts.ExportCompleted, export_record(export))


def export_failed(export: Export) -> Announcement:
    return Announcement(contracts.ExportFailed, export_record(export))


def export_updated(export: Export) -> Announcement:
    return Announcement(contracts.ExportUpdated, export_record(export))


def import_record(file: Import) -> contracts.Import:
    """The published shape of an import."""
    return contracts.Import(
        **record_fields(file),
        file_name=file.file_name,
        size=file.size,
        format=file.format,
        system=file.system,
        encoding=file.encoding,
        delimiter=file.delimiter,
        columns=tuple(
            contracts.ImportColumn(header=header[:100], field=_taken(file.mapping.get(header)))
            for header in distinct(file.headers)
        ),
        mode=file.mode,
        match_keys=tuple(file.match_keys),
        duplicates=file.duplicates,
        source=file.source,
        date_order=file.date_order,
        date_order_because=file.date_order_because,
        status=file.status,
        counts=file.counts,
        job_id=file.job_id,
        message=file.message,
        forgotten_at=file.forgotten_at,
    )


def _taken(field: str | None) -> str | None:
    return None if field == IGNORE else field


def export_record(export: Export) -> contracts.Export:
    """The published shape of an export."""
    return contracts.Export(
        **record_fields(export),
        file_name=export.file_name,
        format=export.format,
        filter=export.filter,
        status=export.status,
        rows=export.rows,
        size=export.size,
        job_id=export.job_id,
        message=export.message,
        forgotten_at=export.forgotten_at,
    )
