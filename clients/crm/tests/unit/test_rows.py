"""The exports of the usual systems mean the same person."""

from pathlib import Path

import pytest
from clients.crm.tests.unit import exports

from crm_client.imports import Refusal, Row, read, recognise, row_of
from crm_client.imports.columns import MappingWrong

pytestmark = pytest.mark.unit
EXPORTS = {
    "hubspot": exports.HUBSPOT,
    "salesforce": exports.SALESFORCE,
    "google": exports.GOOGLE,
    "outlook": exports.OUTLOOK,
}


def rows_of(text: str, tmp_path: Path, **mapping: str) -> list[Row | Refusal]:
    file = tmp_path / "people.csv"
    file.write_text(text)
    table = read(file)
    columns = recognise(table.headers, mapping)
    return [row_of(line, cells, columns, source="test") for line, cells in table.rows]


def only(text: str, tmp_path: Path, **mapping: str) -> Row:
    (row,) = rows_of(text, tmp_path, **mapping)
    assert isinstance(row, Row), row
    return row


@pytest.mark.parametrize(
    ("system", "text"),
    [*EXPORTS.items(), ("salesforce", exports.SALESFORCE_DATA), ("google", exports.GOOGLE_OLD)],
)
class TestExport:
    def test_is_recognised(self, system: str, text: str) -> None:
        assert system == recognise(text.partition("\n")[0].replace('"', "").split(",")).system

    def test_names_the_person(self, system: str, text: str, tmp_path: Path) -> None:
        row = only(text, tmp_path)

        assert ("Ada", "Lovelace") == (row.body["first_name"], row.body["last_name"])
        assert "ada@engines.example" == row.emails[0]
        assert row.body["emails"][0]["primary"]
        assert "Countess" == row.body["job_title"]
        assert "Analytical Engines" == row.company
        assert row.body["phones"]


def test_takes_every_address_and_number(tmp_path: Path) -> None:
    hubspot = only(exports.HUBSPOT, tmp_path)
    google = only(exports.GOOGLE, tmp_path)
    salesforce = only(exports.SALESFORCE, tmp_path)

    further = ["ada@home.example", "countess@engines.example"]
    assert ["ada@engines.example", *further] == hubspot.emails
    assert ["ada@engines.example", "ada2@engines.example", "ada@home.example"] == google.emails
    assert ["work", "work", "home"] == [each["label"] for each in google.body["emails"]]
    assert [None, "mobile"] == [each.get("label") for each in salesforce.body["phones"]]


def test_reads_what_systems_write_differently(tmp_path: Path) -> None:
    hubspot = only(exports.HUBSPOT, tmp_path)
    salesforce = only(exports.SALESFORCE, tmp_path)
    google, old = only(exports.GOOGLE, tmp_path), only(exports.GOOGLE_OLD, tmp_path)
    outlook = only(exports.OUTLOOK, tmp_path)

    assert "mql" == hubspot.body["lifecycle"]
    assert ("1985-12-10", True) == (salesforce.body["birthday"], salesforce.body["do_not_call"])
    assert ("1985-12-10", "--12-10") == (google.body["birthday"], old.body["birthday"])
    assert ["myContacts", "Friends"] == google.body["tags"]
    assert "birthday" not in outlook.body
    assert ["Friends", "Press"] == outlook.body["tags"]
    assert "engines.example" == outlook.domain


def test_maps_columns_nobody_knows(tmp_path: Path) -> None:
    text = "Kunde,Adresse 1,Farbe\nAda Lovelace,ada@a.example,blue\n"

    row = only(
        text, tmp_path, Kunde="name", **{"Adresse 1": "emails.work", "Farbe": "custom.color"}
    )

    assert ("Ada", "Lovelace") == (row.body["first_name"], row.body["last_name"])
    assert [{"value": "ada@a.example", "primary": True, "label": "work"}] == row.body["emails"]
    assert {"color": "blue"} == row.body["custom"]


@pytest.mark.parametrize("mapping", [{"Nowhere": "name"}, {"Name": "nothing"}])
def test_refuses_a_mapping_that_means_nothing(mapping: dict[str, str]) -> None:
    with pytest.raises(MappingWrong):
        recognise(["Name"], mapping)


@pytest.mark.parametrize("row", ["Boss,,", ",,", "a,b,c,d"])
def test_refuses_a_row_that_is_nobody(row: str, tmp_path: Path) -> None:
    found = rows_of(f"Job Title,Email,Notes\n{row}\n", tmp_path)

    assert all(isinstance(each, Refusal) for each in found)
