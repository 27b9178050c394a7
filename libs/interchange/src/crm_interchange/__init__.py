"""People in the files other programs write: CSV exports and vCards, read and written."""

from crm_interchange.columns import Columns, MappingWrong, recognise
from crm_interchange.days import DayOrder, Decision, Evidence
from crm_interchange.files import CARDS, TABLE, Sniffed, Unreadable, read_file, sniff
from crm_interchange.people import Draft, Nobody
from crm_interchange.rows import Reading, row_of
from crm_interchange.tables import Record

__all__ = [
    "CARDS",
    "TABLE",
    "Columns",
    "DayOrder",
    "Decision",
    "Draft",
    "Evidence",
    "MappingWrong",
    "Nobody",
    "Reading",
    "Record",
    "Sniffed",
    "Unreadable",
    "read_file",
    "recognise",
    "row_of",
    "sniff",
]
