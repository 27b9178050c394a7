"""Files of people, handed to the contacts service; locally only looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from crm_client.client import Client
from crm_client.errors import ClientError, Failed
from crm_interchange import (
    CARDS,
    Columns,
    Evidence,
    MappingWrong,
    Nobody,
    Reading,
    Unreadable,
    read_file,
    recognise,
)
from crm_interchange.files import WholeFile, draft
from crm_interchange.headers import usual_days

Reached = Callable[[str, int, int], None]


class FileWrong(ClientError):
    """The file cannot be read, or is mapped to what is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a file means, as far as it can be told without the platform."""

    system: str
    columns: dict[str, str]
    ignored: list[str]
    read: int
    refused: list[dict[str, Any]]


def read(path: Path) -> WholeFile:
    """Return all of a file. Raises FileWrong."""
    try:
        with path.open("rb") as file:
            return read_file(file)
    except OSError as error:
        raise FileWrong(f"{path}: {error.strerror}") from error
    except Unreadable as error:
        raise FileWrong(f"{path}: {error}") from error


def plan(path: Path, mapping: Mapping[str, str], *, this_year: int) -> Plan:
    """Say what would be sent, without the platform. Raises FileWrong."""
    file = read(path)
    columns = recognised(file, mapping)
    evidence = Evidence()
    for record in file.records:
        for place in columns.index_of("birthday"):
            evidence.note(record.cells[place] if place < len(record.cells) else "")
    order = evidence.decide(usual_days(columns.system)).order
    reading = Reading(columns=columns, days=order, this_year=this_year)
    refused = []
    for record in file.records:
        try:
            draft(record, reading, encoding=file.encoding, is_card=file.sniffed.format == CARDS)
        except Nobody as nobody:
            refused.append({"line": record.line, "reasons": [str(nobody)]})
    system = "vcard" if file.sniffed.format == CARDS else columns.system
    return Plan(
        system=system, columns=columns.fields, ignored=columns.ignored, read=len(file.records),
        refused=refused,
    )  # fmt: skip


def recognised(file: WholeFile, mapping: Mapping[str, str]) -> Columns:
    """Return what a file's columns mean. Raises FileWrong for a wrong mapping."""
    try:
        return recognise(file.sniffed.headers, mapping)
    except MappingWrong as error:
        raise FileWrong(str(error)) from error


def send(client: Client, path: Path, settings: Mapping[str, Any], *, reached: Reached) -> Any:
    """Have a file taken over, following it to its end; return the import and its job's result."""
    try:
        with path.open("rb") as file:
            answer = client.upload("/v1/imports", file, name=path.name, settings=settings)
    except OSError as error:
        raise FileWrong(f"{path}: {error.strerror}") from error
    return _followed(client, answer, reached)


def revert(client: Client, import_id: str, *, reached: Reached) -> Any:
    """Have an import undone, following it to its end; return the import and its job's result."""
    answer = client.request("POST", f"/v1/imports/{import_id}/revert", json={})
    return _followed(client, answer, reached)


def _followed(client: Client, answer: httpx.Response, reached: Reached) -> Any:
    body, job_path = answer.json(), urlsplit(answer.headers["Location"]).path
    job = client.follow(job_path, lambda job: reached(job["status"], job["done"], job["total"]))
    found = client.get(f"/v1/imports/{body['id']}")
    if job["status"] == "failed":
        raise Failed(f"import {body['id']}: {found['message'] or job['message']}")
    return found, job["result"]


def keep_refused(client: Client, import_id: str, path: Path) -> None:
    """Write the refused rows to a file, as it comes."""
    client.download(f"/v1/imports/{import_id}/refused", path)
