"""When two descriptions of a person mean the same one. Pure: no database, no network, no clock."""

from crm_matching.people import Address, Person
from crm_matching.rules import DEFAULT, Evidence, Judgement, Weights, judge

__all__ = ["DEFAULT", "Address", "Evidence", "Judgement", "Person", "Weights", "judge"]
