"""What contacts refuses about fields of the company's own and its rules."""

from typing import Any

from crm_contacts.model.errors.base import ContactsError


class FieldKeyTaken(ContactsError):
    """There is a field of this key, perhaps an archived one: restore that, or choose another key."""

    slug = "field-key-taken"

    def __init__(self, subject: object = None) -> None:
        """Name the key as what is at fault."""
        super().__init__(subject, errors={"key": ["taken by another field"]})


class OptionInUse(ContactsError):
    """An option that records have cannot be taken away."""

    slug = "option-in-use"

    def __init__(self, counts: dict[str, int]) -> None:
        """Say how many records have each."""
        told = [f"{value} is in use by {count} records" for value, count in counts.items()]
        super().__init__(detail="; ".join(told), errors={"options": told})
        self.counts = counts

    def extra(self) -> dict[str, Any]:
        """Give the numbers."""
        return {"in_use": self.counts}


class ValuesNotUnique(ContactsError):
    """Records share values; a field cannot be unique that is not."""

    slug = "values-not-unique"

    def __init__(self, count: int = 0) -> None:
        """Say how many records there are whose value another has."""
        reason = f"{count} records share their value" if count else "records share their value"
        super().__init__(errors={"unique": [reason]})
