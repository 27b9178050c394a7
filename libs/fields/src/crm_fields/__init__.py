"""Fields made at run time, conditions over them and rules: pure functions over values.

`predicate` reads conditions, `evaluation` holds them against a record, `sql` against columns;
`types` reads the values of fields, `patterns` matches text in time that grows with its length.
`objects` says what has fields, `judging` and `rulebook` what keeps to rules. Only `holding` stands
on the chassis: a service's writes, lists and trials.
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
