"""A field the company gives its records."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_chassis.problems import Invalid
from crm_contacts.model.root import Base
from crm_fields.objects import Held
from crm_fields.spelling import SPELLING
from crm_fields.types import CHOICES, SEARCHABLE, UNIQUE, FieldType, Spec


class Field(Aggregate, Base):
    """A field; its values stand in `custom` of the records, under its key.

    Key, type and whether it is sensitive never change: values are kept that were read by them.
    """

    __tablename__ = "field"

    object: Mapped[Held]
    key: Mapped[str]
    label: Mapped[str]
    type: Mapped[FieldType]
    options: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default_factory=list)
    required: Mapped[bool] = mapped_column(default=False)
    unique: Mapped[bool] = mapped_column(default=False)
    searchable: Mapped[bool] = mapped_column(default=False)
    sensitive: Mapped[bool] = mapped_column(default=False)
    group: Mapped[str | None] = mapped_column(default=None)
    position: Mapped[int] = mapped_column(default=0)
    help: Mapped[str | None] = mapped_column(default=None)

    @property
    def spec(self) -> Spec:
        """The field as its values are read."""
        return Spec(
            id=self.id, key=self.key, type=self.type, label=self.label,
            options=tuple((each["value"], each["label"]) for each in self.options),
            required=self.required, unique=self.unique, searchable=self.searchable,
            sensitive=self.sensitive, archived=self.archived_at is not None, spelling=SPELLING,
        )  # fmt: skip

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named. Raises Invalid for what does not go together."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        self.check()

    def check(self) -> None:
        """Raise Invalid for what does not go together."""
        errors = {}
        if (self.type in CHOICES) != bool(self.options):
            errors["options"] = ["Needed by what can be chosen, and by nothing else."]
        if len({each["value"] for each in self.options}) < len(self.options):
            errors["options"] = ["The same value twice."]
        if self.searchable and self.type not in SEARCHABLE:
            errors["searchable"] = [f"A field of the type {self.type} holds no words."]
        if self.unique and self.type not in UNIQUE:
            errors["unique"] = [f"A field of the type {self.type} cannot be unique."]
        for name in ("unique", "searchable"):
            if self.sensitive and getattr(self, name):
                errors[name] = ["Not for a sensitive field."]
        if errors:
            raise Invalid(errors)

    def removed_options(self, options: Sequence[Mapping[str, str]]) -> list[str]:
        """Return the values that could be chosen until now and no longer can."""
        kept = {each["value"] for each in options}
        return [each["value"] for each in self.options if each["value"] not in kept]
