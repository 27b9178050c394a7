"""Files of any encoding, delimiter and line break are the same table."""

from pathlib import Path

import pytest

from crm_client.imports.reading import Unreadable, read

pytestmark = pytest.mark.unit
TEXT = "First Name,Last Name,Email\r\nZoë,Müller,zoe@a.example\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reads_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(TEXT.replace(",", delimiter).encode(encoding))

    table = read(file)

    assert ["First Name", "Last Name", "Email"] == table.headers
    assert [(2, ["Zoë", "Müller", "zoe@a.example"])] == table.rows


def test_counts_lines_through_quoted_breaks_and_blank_rows(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text('Name,Notes\nAda,"one\ntwo, three"\n\n,,\nBen,x\n')

    assert [(2, ["Ada", "one\ntwo, three"]), (6, ["Ben", "x"])] == read(file).rows


def test_takes_the_hint_of_a_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("sep=;\nName;Email\nAda, L.;a@a.example\n")

    table = read(file)

    assert ["Name", "Email"] == table.headers
    assert [(3, ["Ada, L.", "a@a.example"])] == table.rows


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_refuses_an_empty_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)

    with pytest.raises(Unreadable):
        read(file)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path / "nowhere.csv")
