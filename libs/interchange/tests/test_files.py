"""Files of any encoding, delimiter and line break are the same table; broken rows stand alone."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_interchange import Unreadable, read_file
from crm_interchange.files import Sniffed, records, sniff
from crm_interchange.text import Line, lines

pytestmark = pytest.mark.unit
TEXT = "First Name,Last Name,Email\r\nZoë,Müller,zoe@a.example\r\n"


def rows(content: bytes | str) -> list[tuple[int, list[str], str | None]]:
    file = read_file(io.BytesIO(content.encode() if isinstance(content, str) else content))
    return [(each.line, each.cells, each.fault) for each in file.records]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reads_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    content = TEXT.replace(",", delimiter).encode(encoding)

    file = read_file(io.BytesIO(content))

    assert ("First Name", "Last Name", "Email") == file.sniffed.headers
    assert [(2, ["Zoë", "Müller", "zoe@a.example"], None)] == rows(content)
    assert encoding == file.encoding


def test_what_is_no_windows_text_is_latin() -> None:
    assert [(2, ["\x81é"], None)] == rows(b"Name\n\x81\xe9\n")


def test_counts_lines_through_quoted_breaks_and_blank_rows() -> None:
    text = 'Name,Notes\nAda,"one\r\ntwo, three"\n\n,,\nBen,x\n'

    assert [(2, ["Ada", "one\ntwo, three"], None), (6, ["Ben", "x"], None)] == rows(text)


def test_takes_the_hint_of_a_spreadsheet() -> None:
    assert [(3, ["Ada, L.", "a@a.example"], None)] == rows(
        "sep=;\nName;Email\nAda, L.;a@a.example\n"
    )


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b'"' + b"x" * 300_000])
def test_refuses_a_file_that_is_no_table(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_file(io.BytesIO(content))


class TestBrokenRows:
    def test_a_quote_that_is_not_closed_costs_its_own_line_only(self) -> None:
        good = "".join(f"Ben{number},b{number}@b.example\n" for number in range(400))

        found = rows(f'Name,Email\n"Ada,a@a.example\n{good}')

        assert (2, ['"Ada,a@a.example'], "a quotation mark is not closed") == found[0]
        assert 400 == len(found[1:])
        assert not any(fault for _, _, fault in found[1:])

    def test_a_quote_closed_by_the_next_rows_costs_its_own_line_only(self) -> None:
        found = rows('Name,Email\n"Ada,a@a.example\nBen,"b@b.example"\nCid,c@c.example\n')

        assert [True, False, False] == [bool(fault) for _, _, fault in found]

    def test_a_quote_left_open_at_the_end_is_a_fault(self) -> None:
        assert [(2, ['"Ada,a@a.example'], "a quotation mark is not closed")] == rows(
            'Name,Email\n"Ada,a@a.example'
        )

    def test_a_line_of_ten_megabytes_is_a_fault_not_a_burden(self) -> None:
        found = rows("Name,Email\nAda," + "x" * 10_000_000 + "\nBen,b@b.example\n")

        assert [(2, "longer than 1 MB"), (3, None)] == [(line, fault) for line, _, fault in found]
        assert len(found[0][1][0]) < 2_000

    def test_quotes_within_cells_are_just_letters(self) -> None:
        assert [(2, ['5" pipe', "x"], None)] == rows('Name,Email\n5" pipe,x\n')

    def test_nul_does_not_end_a_row(self) -> None:
        assert [(2, ["A\0da", "x"], None)] == rows("Name,Email\nA\0da,x\n")


def content_and_pieces() -> st.SearchStrategy[tuple[str, int]]:
    text = st.text(alphabet='ab,"\n\té', max_size=120)
    return st.tuples(text, st.integers(1, 40))


class TestPlaces:
    @given(content_and_pieces())
    def test_reading_goes_on_anywhere_as_if_it_had_never_stopped(
        self, given_: tuple[str, int]
    ) -> None:
        content = ("Name,Email\n" + given_[0]).encode()
        sniffed = sniff(content)

        def open_at(start: int, number: int) -> Iterator[Line]:
            pieces = (content[at : at + given_[1]] for at in range(start, len(content), given_[1]))
            return lines(pieces, start=start, number=number)

        whole = list(records(sniffed, open_at, start=sniffed.start, line=sniffed.line))
        resumed, start, line = [], sniffed.start, sniffed.line
        while (one := next(records(sniffed, open_at, start=start, line=line), None)) is not None:
            resumed.append(one)
            start, line = one.end, one.next_line

        assert whole == resumed

    def test_a_record_stands_where_it_says(self) -> None:
        content = 'Name,Email\nAda,"a\nb"\nBen,é\n'.encode()
        file = read_file(io.BytesIO(content))

        assert [b'Ada,"a\nb"\n', "Ben,é\n".encode()] == [
            content[each.start : each.end] for each in file.records
        ]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        file = read_file(io.BytesIO(content))
    except Unreadable:
        return
    assert isinstance(file.sniffed, Sniffed)
