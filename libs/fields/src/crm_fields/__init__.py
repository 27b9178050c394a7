"""Fields made at run time and conditions over them: pure functions over values.

`predicate` reads conditions, `evaluation` holds them against a record, `sql` against columns;
`types` reads the values of fields, `patterns` matches text in time that grows with its length.
"""

from crm_fields.evaluation import Happening, holds
from crm_fields.kinds import OPS, Kind, Span
from crm_fields.language import All, Any_, Condition, Language, Node, Not, Reference, conditions
from crm_fields.predicate import InvalidPredicate, parse

__all__ = [
    "OPS",
    "All",
    "Any_",
    "Condition",
    "Happening",
    "InvalidPredicate",
    "Kind",
    "Language",
    "Node",
    "Not",
    "Reference",
    "Span",
    "conditions",
    "holds",
    "parse",
]
