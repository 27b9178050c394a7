"""Duplicates of a file: columns by name, weights by the file itself."""

import pytest

from crm_matching import labelled, tables
from crm_matching.columns import Field, recognise
from crm_matching.described import date_digits, describe
from crm_matching.levels import Level, level

pytestmark = pytest.mark.unit
HEADERS = ["id", "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "dob"]


class TestColumns:
    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            (
                (
                    "rec_id,given_name,surname,street_number,address_1,address_2,suburb,postcode,state,"
                    "date_of_birth"
                ),
                "id,given,surname,number,street,street_2,city,postcode,region,birth",
            ),
            (
                "RecordID,FirstName,LastName,DOB,ZIP Code,Town",
                "id,given,surname,birth,postcode,city",
            ),
            ("uid,Name,Street,Ort,PLZ,Geburtsdatum", "id,name,street,city,postcode,birth"),
            ("id,full name,home address,email,mobile phone", "id,name,street,email,phone"),
            ("key,fname,lname,house_no,addr1,shoe size", "id,given,surname,number,street,other"),
        ],
    )
    def test_are_known_by_their_headers(self, headers, expected):
        assert expected.split(",") == recognise(headers.split(","), [])

    def test_an_id_and_a_birth_date_are_known_by_their_contents(self):
        rows = [["x1", "Anna", "1970-04-01"], ["x2", "Anna", "01.04.1970"], ["x3", "", "19700401"]]

        assert [Field.ID, Field.GIVEN, Field.BIRTH] == recognise(["col", "first", "when"], rows)

    def test_what_is_asked_for_comes_first(self):
        found = recognise(["id", "no", "first"], [], asked={"no": Field.ID})

        assert [Field.OTHER, Field.ID, Field.GIVEN] == found


class TestDescribe:
    def test_splits_a_whole_name_and_address(self):
        fields = [Field.ID, Field.NAME, Field.STREET]

        row = describe(fields, ["", "", ""], ["7", "Berg, Dr. Anna Maria", "12a Hill Road 10115"])

        assert row == {
            "given": "anna maria",
            "surname": "berg",
            "number": "12a",
            "street": "hill road",
            "postcode": "10115",
        }

    @pytest.mark.parametrize("text", ["1970-4-1", "01.04.1970", "19700401", "1970/04/01"])
    def test_reads_dates(self, text):
        assert "19700401" == date_digits(text)


class TestLevel:
    @pytest.mark.parametrize(
        ("field", "one", "other", "expected"),
        [
            ("surname", "gillard", "gillard", Level.SAME),
            ("surname", "gillard", "gilalrd", Level.CLOSE),
            ("surname", "gillard", "gil lard", Level.CLOSE),
            ("given", "bill", "william", Level.CLOSE),
            ("given", "w", "william", Level.ALIKE),
            ("surname", "gillard", "caruana", Level.DIFFERENT),
            ("birth", "19700401", "19700410", Level.CLOSE),
            ("birth", "19700412", "19701204", Level.ALIKE),
            ("birth", "19700412", "19520130", Level.DIFFERENT),
            ("postcode", "2116", "2161", Level.CLOSE),
            ("number", "7", "8", Level.DIFFERENT),
            ("city", "", "alton", Level.UNKNOWN),
        ],
    )
    def test_of_two_values(self, field, one, other, expected):
        rows = ({field: one}, {field: other})

        assert expected is level(field, rows[0], rows[1], field)


class TestDuplicates:
    @pytest.mark.parametrize(
        ("people", "copies", "recall", "precision"), [(400, 1, 0.95, 0.99), (400, 4, 0.9, 0.98)]
    )
    def test_are_found_in_a_town(self, town, people, copies, recall, precision):
        rows, known = town(people, copies, seed=7)

        found = tables.duplicates(HEADERS, rows)

        measured = labelled.measure(found, known)
        assert measured[0] >= precision, measured
        assert measured[1] >= recall, measured

    def test_none_where_there_are_none(self, town):
        rows, _known = town(300, 1, seed=11)
        originals = [row for row in rows if row[0].endswith("-0")]

        assert set() == tables.duplicates(HEADERS, originals)

    def test_need_an_id(self):
        with pytest.raises(ValueError, match="no column holds an id"):
            tables.duplicates(["first", "last"], [["Anna", "Berg"], ["Anna", "Berg"]])

    def test_hang_together(self):
        assert [{1, 2, 3}, {7, 8}] == sorted(tables.groups([(1, 2), (7, 8), (3, 2)]), key=min)


class TestKnownPairs:
    ids = ("a", "b", "c")

    def test_are_two_columns_of_ids_with_or_without_header(self):
        expected = {frozenset("ab")}

        assert expected == labelled.known_pairs([["x", "y"], ["a", "b"]], ids=self.ids)
        assert expected == labelled.known_pairs([["b", "a"]], ids=self.ids)

    def test_may_be_groups(self):
        rows = [["id", "cluster"], ["a", "1"], ["b", "1"], ["c", "2"]]

        assert {frozenset("ab")} == labelled.known_pairs(rows, ids=self.ids)

    def test_must_be_of_this_file(self):
        with pytest.raises(ValueError, match="none of the ids"):
            labelled.known_pairs([["x", "y"]], ids=self.ids)
