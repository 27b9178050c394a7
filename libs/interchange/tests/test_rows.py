"""The exports of the usual systems mean the same person."""

import io

import pytest
from libs.interchange.tests import exports

from crm_interchange import (
    DayOrder,
    Draft,
    MappingWrong,
    Nobody,
    Reading,
    read_file,
    recognise,
    row_of,
)

pytestmark = pytest.mark.unit
EXPORTS = {
    "hubspot": exports.HUBSPOT,
    "salesforce": exports.SALESFORCE,
    "google": exports.GOOGLE,
    "outlook": exports.OUTLOOK,
}


def rows_of(text: str, **mapping: str) -> list[Draft | str]:
    file = read_file(io.BytesIO(text.encode()))
    columns = recognise(file.sniffed.headers, mapping)
    reading = Reading(columns=columns, days=DayOrder.MONTH_FIRST, this_year=2026)
    found: list[Draft | str] = []
    for record in file.records:
        try:
            found.append(row_of(record.cells, reading))
        except Nobody as nobody:
            found.append(str(nobody))
    return found


def only(text: str, **mapping: str) -> Draft:
    (row,) = rows_of(text, **mapping)
    assert isinstance(row, Draft), row
    return row


def values(row: Draft, kind: str) -> list[str]:
    return [each["value"] for each in row.body[kind]]


@pytest.mark.parametrize(
    ("system", "text"),
    [*EXPORTS.items(), ("salesforce", exports.SALESFORCE_DATA), ("google", exports.GOOGLE_OLD)],
)
class TestExport:
    def test_is_recognised(self, system: str, text: str) -> None:
        assert system == recognise(text.partition("\n")[0].replace('"', "").split(",")).system

    def test_names_the_person(self, system: str, text: str) -> None:
        row = only(text)

        assert ("Ada", "Lovelace") == (row.body["first_name"], row.body["last_name"])
        assert {"value": "ada@engines.example", "primary": True}.items() <= row.body["emails"][
            0
        ].items()
        assert "Countess" == row.body["job_title"]
        assert "Analytical Engines" == row.company
        assert row.body["phones"]


def test_takes_every_address_and_number() -> None:
    hubspot, google, salesforce = map(only, (exports.HUBSPOT, exports.GOOGLE, exports.SALESFORCE))

    further = ["ada@home.example", "countess@engines.example"]
    assert ["ada@engines.example", *further] == values(hubspot, "emails")
    assert ["ada@engines.example", "ada2@engines.example", "ada@home.example"] == values(
        google, "emails"
    )
    assert ["work", "work", "home"] == [each["label"] for each in google.body["emails"]]
    assert [None, "mobile"] == [each.get("label") for each in salesforce.body["phones"]]


def test_reads_what_systems_write_differently() -> None:
    hubspot, salesforce, outlook = map(only, (exports.HUBSPOT, exports.SALESFORCE, exports.OUTLOOK))
    google, old = only(exports.GOOGLE), only(exports.GOOGLE_OLD)

    assert ("mql", "51") == (hubspot.body["lifecycle"], hubspot.external_id)
    assert ("1985-12-10", True) == (salesforce.body["birthday"], salesforce.body["do_not_call"])
    assert "003A000001" == salesforce.external_id
    assert [{"street": "12 St James's Square\nFlat 2", "city": "London"}] == salesforce.body[
        "addresses"
    ]
    assert ("1985-12-10", "--12-10") == (google.body["birthday"], old.body["birthday"])
    assert ["myContacts", "Friends"] == google.body["tags"]
    assert "birthday" not in outlook.body
    assert ["Friends", "Press"] == outlook.body["tags"]
    assert "engines.example" == outlook.domain


class TestMapping:
    def test_names_columns_nobody_knows(self) -> None:
        text = "Kunde,Adresse 1,Farbe,Haus\nAda Lovelace,ada@a.example,blue,Am Markt 1\n"

        row = only(
            text, Kunde="name", Farbe="custom.color", Haus="address.home.street",
            **{"Adresse 1": "emails.work"},
        )  # fmt: skip

        assert ("Ada", "Lovelace") == (row.body["first_name"], row.body["last_name"])
        assert [{"value": "ada@a.example", "primary": True, "label": "work"}] == row.body["emails"]
        assert {"color": "blue"} == row.body["custom"]
        assert [{"street": "Am Markt 1", "label": "home"}] == row.body["addresses"]

    @pytest.mark.parametrize("mapping", [{"Nowhere": "name"}, {"Name": "nothing"}])
    def test_that_means_nothing_is_refused(self, mapping: dict[str, str]) -> None:
        with pytest.raises(MappingWrong):
            recognise(["Name"], mapping)

    def test_tells_headers_apart_that_stand_there_twice(self) -> None:
        text = "Name,Phone,Phone,Note,Note\nAda Lovelace,+4420123,+4420456,a,b\n"

        columns = recognise(["Name", "Phone", "Phone", "Note", "Note"])

        assert ["+4420123", "+4420456"] == values(only(text), "phones")
        assert {"Phone": "phones", "Phone (2)": "phones"}.items() <= columns.fields.items()
        assert ["Note", "Note (2)"] == columns.ignored
        assert "phones" not in only(text, Phone="ignore", **{"Phone (2)": "ignore"}).body


@pytest.mark.parametrize("row", ["Boss,,", ",,x", "a,b,c,d"])
def test_refuses_a_row_that_is_nobody(row: str) -> None:
    (found,) = rows_of(f"Job Title,Email,Notes\n{row}\n")

    assert isinstance(found, str)
