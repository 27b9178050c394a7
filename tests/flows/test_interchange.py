"""C20, C21: files of people through the gateway: in, whatever happens meanwhile, out, undone."""

import csv
import io
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from libs.interchange.tests import exports
from tests.running import ROOT, Platform

from crm_chassis.testing import wait_until
from crm_client import imports

pytestmark = [pytest.mark.flow]
CARDS = ROOT / "libs/interchange/tests/cards"
MANY = 6_000


def word() -> str:
    return uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop"))


def unique(text: str) -> str:
    """Return an export of the same people nobody else has."""
    mark = word()
    for part in ("engines.example", "home.example", "navy.example", "viagenie.example"):
        text = text.replace(part, f"{mark}.example")
    for part in ("003A000001", '"003A"', '"51"', "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"):
        text = text.replace(part, f'"{mark}"' if part.startswith('"') else mark)
    return text.replace("Lovelace", mark.title()).replace("Analytical Engines", f"AE {mark}")


def taken_over(platform: Platform, path: Path, **settings: Any) -> tuple[Any, dict[str, int]]:
    found, result = imports.send(platform.api, path, settings, reached=lambda *_: None)
    return found, result


def people(path: Path, mark: str, count: int) -> Path:
    """Write a table of people, the seventh of whom has no address that is one."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["First Name", "Last Name", "Email", "Company", "Phone"])
        for number in range(count):
            email = "nobody" if number == 7 else f"{mark}{number}@i.example"
            company, phone = f"Firm {mark} {number % 50}", f"+44 20 7946 {number % 10_000:04d}"
            rows.writerow(["Ida", f"{mark.title()}{number}", email, company, phone])
    return path


def contacts_of(platform: Platform, mark: str) -> int:
    with platform.database("contacts") as connection:
        row = connection.execute(
            "select count(*) from contact_point p join contact c on c.id = p.contact_id"
            " where p.value like %s and c.archived_at is null",
            (f"{mark}%@i.example",),
        ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize(
    ("name", "content", "system"),
    [
        ("hubspot.csv", exports.HUBSPOT, "hubspot"),
        ("salesforce.csv", exports.SALESFORCE, "salesforce"),
        ("google.csv", exports.GOOGLE, "google"),
        ("outlook.csv", exports.OUTLOOK, "outlook"),
        ("iphone.vcf", (CARDS / "iphone-3.vcf").read_text(), "vcard"),
        ("nextcloud.vcf", (CARDS / "nextcloud-4.vcf").read_text(), "vcard"),
    ],
)
def test_every_usual_file_comes_in_once(
    platform: Platform, tmp_path: Path, name: str, content: str, system: str
) -> None:
    file = tmp_path / name
    file.write_text(unique(content))

    found, _ = taken_over(platform, file)
    again, _ = taken_over(platform, file)

    assert (system, 1) == (found["system"], found["counts"]["created"])
    assert "created" not in again["counts"]
    (row,) = platform.api.get(f"/v1/imports/{found['id']}/rows", status="created")["items"]
    wait_until(lambda: platform.customer(row["contact_id"]), timeout=30)
    history = platform.api.get(f"/v1/contacts/{row['contact_id']}/history")["items"]
    assert ["import"] == [each["source"] for each in history]


def test_a_worker_killed_in_the_middle_loses_and_doubles_nobody(
    platform: Platform, tmp_path: Path
) -> None:
    mark = word()
    file = people(tmp_path / "many.csv", mark, MANY)
    with file.open("rb") as content:
        answer = platform.api.upload("/v1/imports", content, name="many.csv", settings={})
    job = httpx.URL(answer.headers["Location"]).path

    for share in (0.2, 0.6):  # while it reads, and while it takes over
        wait_until(lambda s=share: is_past(platform, job, s), timeout=120, what=f"{share} done")
        platform.kill("roles:contacts-work")
    wait_until(lambda: platform.api.get(job)["status"] == "done", timeout=180)

    found = platform.api.get(f"/v1/imports/{answer.json()['id']}")
    assert {"rows": MANY, "created": MANY - 1, "refused": 1} == found["counts"]
    assert MANY - 1 == contacts_of(platform, mark)
    again, _ = taken_over(platform, file)
    assert {"rows": MANY, "duplicate": MANY - 1, "refused": 1} == again["counts"]
    assert 50 == len(platform.items("/v1/accounts", q=f"Firm {mark}"))


def is_past(platform: Platform, job: str, share: float) -> bool:
    found = platform.api.get(job)
    is_counted = found["total"] >= 2 * MANY  # of which the first half is reading
    return found["status"] == "done" or (is_counted and found["done"] >= share * found["total"])


def test_what_is_refused_is_repaired_and_what_came_in_is_undone(
    platform: Platform, tmp_path: Path
) -> None:
    mark, refused = word(), tmp_path / "refused.csv"
    found, _ = taken_over(platform, people(tmp_path / "few.csv", mark, 12))
    imports.keep_refused(platform.api, found["id"], refused)
    (row,) = csv.DictReader(io.StringIO(refused.read_text()))
    assert ("9", "nobody") == (row["line"], row["Email"])
    refused.write_text(refused.read_text().replace("nobody", f"{mark}7@i.example"))
    repaired, _ = taken_over(platform, refused)
    assert {"rows": 1, "created": 1} == repaired["counts"]
    (kept, *_), rest = split(platform, found["id"])
    platform.api.patch(f"/v1/contacts/{kept}", {"job_title": "Baker"}, version=1)
    wait_until(lambda: rest[0] in found_by(platform, f"{mark}1@i.example"))

    undone, _ = imports.revert(platform.api, found["id"], reached=lambda *_: None)

    assert {"rows": 12, "reverted": 10, "kept": 1, "refused": 1} == undone["counts"]
    assert 2 == contacts_of(platform, mark)
    left = platform.api.get(f"/v1/imports/{found['id']}/rows", status="kept")["items"]
    assert [kept] == [each["contact_id"] for each in left]
    gone = rest[0]
    assert platform.api.get(f"/v1/contacts/{gone}")["archived_at"]
    wait_until(lambda: gone not in found_by(platform, f"{mark}1@i.example"))


def found_by(platform: Platform, text: str) -> set[str]:
    return {each["id"] for each in platform.api.get("/v1/search", q=text)["items"]}


def split(platform: Platform, import_id: str) -> tuple[list[str], list[str]]:
    rows = platform.items(f"/v1/imports/{import_id}/rows", status="created")
    ids = [each["contact_id"] for each in rows]
    return ids[:1], ids[1:]


@pytest.mark.parametrize(("format_", "name"), [("csv", "all.csv"), ("vcard", "all.vcf")])
def test_what_goes_out_comes_in_as_nobody_new(
    platform: Platform, tmp_path: Path, format_: str, name: str
) -> None:
    mark, file = word(), tmp_path / name
    platform.api.post(
        "/v1/contacts",
        {
            "first_name": '=Ada, "the" first', "last_name": mark.title(), "source": mark,
            "emails": [{"value": f"{mark}@i.example"}, {"value": f"{mark}2@i.example"}],
            "phones": [{"value": "+442079460018", "label": "mobile"}], "birthday": "--12-10",
            "addresses": [{"street": "12 St James's;\nFlat 2", "city": "London"}],
        },
    )  # fmt: skip
    platform.api.post("/v1/contacts", {"first_name": "Nameless", "source": mark})

    answer = platform.api.request(
        "POST", "/v1/exports", json={"format": format_, "filter": {"source": mark}}
    )
    job = httpx.URL(answer.headers["Location"]).path
    wait_until(lambda: platform.api.get(job)["status"] == "done", timeout=60)
    platform.api.download(f"/v1/exports/{answer.json()['id']}/file", file)
    found, _ = taken_over(platform, file)

    assert {"rows": 2, "duplicate": 2} == found["counts"]
    if format_ == "csv":
        cells = next(
            row for row in csv.reader(io.StringIO(file.read_text())) if mark.title() in row
        )
        assert '\'=Ada, "the" first' in cells


def test_nothing_differs_after_all_of_it(platform: Platform) -> None:
    wait_until(platform.is_quiet, timeout=120)

    assert 0 == platform.differences()
    assert [] == platform.parked()
