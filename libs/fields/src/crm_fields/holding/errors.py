"""What is refused for the sake of fields and rules, in every service alike."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from crm_chassis.problems import Refusal


class RulesBroken(Refusal):
    """The company's rules do not allow this."""

    slug, status = "rules-broken", HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Name each rule that is broken, by field; what would keep it is suggested."""
        errors: dict[str, list[str]] = {}
        for each in findings:
            errors.setdefault(each["field"], []).append(each["message"])
        super().__init__(errors=errors)
        self.findings = list(findings)

    def extra(self) -> dict[str, Any]:
        """Give the rules, and a text for each field that a naming rule would have otherwise."""
        suggested = {
            each["field"]: each["suggestion"] for each in self.findings if "suggestion" in each
        }
        return {"rules": self.findings} | ({"suggestions": suggested} if suggested else {})


class ValueTaken(Refusal):
    """Another record has this value, which is to be unique."""

    slug = "value-taken"


class TrialTooLarge(Refusal):
    """There are too many records to hold a pattern against each now; narrow `when`."""

    slug, status = "trial-too-large", HTTPStatus.UNPROCESSABLE_ENTITY
