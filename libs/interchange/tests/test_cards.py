"""Cards of telephones and mail programs mean the person they show."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_interchange import CARDS, Draft, Nobody, Reading, read_file, recognise
from crm_interchange.days import DayOrder
from crm_interchange.files import draft

pytestmark = pytest.mark.unit
FOLDER = Path(__file__).parent / "cards"
READING = Reading(columns=recognise([]), days=DayOrder.DAY_FIRST, this_year=2026)


def people(content: bytes) -> list[Draft | str]:
    """Return the drafts of a file's cards, or why one is none."""
    file = read_file(io.BytesIO(content))
    assert CARDS == file.sniffed.format
    found: list[Draft | str] = []
    for record in file.records:
        try:
            found.append(draft(record, READING, encoding=file.encoding, is_card=True))
        except Nobody as nobody:
            found.append(str(nobody))
    return found


def of(name: str) -> list[Any]:
    return people((FOLDER / f"{name}.vcf").read_bytes())


def card(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""]).encode()


class TestTelephones:
    def test_groups_name_the_addresses_of_an_iphone(self) -> None:
        (ada,) = of("iphone-3")

        assert ("Ada King", "Lovelace") == (ada.body["first_name"], ada.body["last_name"])
        assert [
            {"value": "ada@engines.example", "primary": True, "label": "laboratory"},
            {"value": "ada@home.example", "primary": False, "label": "other"},
        ] == ada.body["emails"]
        assert ["work", "mobile"] == [each["label"] for each in ada.body["phones"]]
        assert "+44 20 7946 0018" == ada.body["phones"][0]["value"]
        assert ("Analytical Engines", "Research") == (ada.company, ada.body["department"])
        assert "--12-10" == ada.body["birthday"]
        assert [
            {
                "street": "12 St James's Square\nFlat 2", "city": "London", "postcode": "SW1Y 4JH",
                "country": "United Kingdom", "label": "home",
            }
        ] == ada.body["addresses"]  # fmt: skip

    def test_quoted_printable_of_an_android(self) -> None:
        zoe, garage = of("android-2.1")

        assert ("Zoë", "Müller") == (zoe.body["first_name"], zoe.body["last_name"])
        assert "Straße des 17. Juni 135" == zoe.body["addresses"][0]["street"]
        assert "Grüne Wiese GmbH" == zoe.company
        assert ["mobile", "messenger"] == [each["label"] for each in zoe.body["phones"]]
        assert "1990-02-28" == zoe.body["birthday"]
        assert "Garage" == garage.body["first_name"]


class TestMailPrograms:
    def test_windows_letters_of_outlook(self) -> None:
        (joerg,) = of("outlook-2.1")

        assert ("Jörg", "Müller") == (joerg.body["first_name"], joerg.body["last_name"])
        assert ("Müller & Söhne", "Vertrieb") == (joerg.company, joerg.body["department"])
        assert "München" == joerg.body["addresses"][0]["city"]
        assert ["work", "mobile", "work"] == [each["label"] for each in joerg.body["phones"]]
        assert "1965-12-04" == joerg.body["birthday"]

    def test_version_four_of_nextcloud(self) -> None:
        simon, group = of("nextcloud-4")

        assert ("Simón", "Pérez") == (simon.body["first_name"], simon.body["last_name"])
        assert "simon@viagenie.example" == simon.body["emails"][0]["value"]
        assert "+1-418-656-9254" == simon.body["phones"][0]["value"]
        assert "2875 Laurier, Suite D2-630" == simon.body["addresses"][0]["street"]
        assert ["Friends", "Press, national"] == simon.body["tags"]
        assert ("--02-03", "fr") == (simon.body["birthday"], simon.body["language"])
        assert "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1" == simon.external_id
        assert "not a person" in group

    def test_labels_of_google(self) -> None:
        (grace,) = of("google-3")

        assert "Grace Brewster Murray" == grace.body["first_name"]
        assert [
            {"value": "+1 202-555-0143", "primary": True, "label": "office line"}
        ] == grace.body["phones"]
        assert ["myContacts", "Navy"] == grace.body["tags"]


class TestHostileCards:
    def test_without_an_end_are_refused_alone(self) -> None:
        broken, whole = people(b"BEGIN:VCARD\nVERSION:3.0\nFN:Ada\n" + card("FN:Ben Bell"))

        assert "the card does not end" == broken
        assert isinstance(whole, Draft)

    def test_within_a_card_are_its_agent(self) -> None:
        agent = "AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Somebody Else", "END:VCARD"

        (found,) = people(card("FN:Ada Lovelace", *agent, "EMAIL:ada@a.example"))

        assert isinstance(found, Draft)
        assert ("Ada", "ada@a.example") == (
            found.body["first_name"],
            found.body["emails"][0]["value"],
        )

    def test_whose_folds_part_a_letter(self) -> None:
        parted = "FN:Zoë".encode()[:-1] + b"\r\n " + "ë".encode()[1:] + b" Bell"

        (found,) = people(card("EMAIL:z@a.example").replace(b"VERSION:3.0", parted))

        assert isinstance(found, Draft)
        assert "Zoë" == found.body["first_name"]

    def test_with_a_picture_of_ten_megabytes(self) -> None:
        picture = "PHOTO;ENCODING=b:" + "A" * 10_000_000

        (found,) = people(card(picture, "FN:Ada Lovelace"))

        assert isinstance(found, Draft)

    def test_with_a_note_of_two_megabytes(self) -> None:
        (found,) = people(card("FN:Ada Lovelace", "NOTE:" + "A" * 2_000_000))

        assert "longer than 1 MB" == found

    @pytest.mark.parametrize("bad", ["FN:A\0da", "FN", "", "N:;;;;", "ORG:Only a company"])
    def test_that_name_nobody(self, bad: str) -> None:
        (found,) = people(card(bad))

        assert isinstance(found, str)

    @given(st.binary(max_size=300))
    def test_of_any_bytes_are_read_or_refused(self, content: bytes) -> None:
        found = people(b"BEGIN:VCARD\nVERSION:3.0\n" + content)

        assert all(isinstance(each, Draft | str) for each in found)
        assert found
