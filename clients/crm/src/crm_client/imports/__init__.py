"""Contacts from a file: read, recognise, send, tell what was refused."""

from crm_client.imports.columns import Columns, recognise
from crm_client.imports.load import Outcome, load
from crm_client.imports.reading import Table, read
from crm_client.imports.rows import Refusal, Row, row_of

__all__ = [
    "Columns",
    "Outcome",
    "Refusal",
    "Row",
    "Table",
    "load",
    "read",
    "recognise",
    "row_of",
]
