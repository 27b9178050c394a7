"""Which events other systems may tell of, and what an event of each type says."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_chassis.problems import Invalid
from crm_contacts.model.root import Base
from crm_fields.types import CHOICES, FieldType, Spec, read

# What a property may be: nothing that would have to be spelt like a person's address.
PROPERTY_TYPES = frozenset({
    FieldType.STRING, FieldType.TEXT, FieldType.NUMBER, FieldType.BOOL, FieldType.DATE,
    FieldType.DATETIME, FieldType.ENUM, FieldType.MULTI_ENUM, FieldType.URL, FieldType.MONEY,
})  # fmt: skip
MOST_BYTES = 8 * 1024


class EventType(Aggregate, Base):
    """Events of this name have these properties: `{key, type, label, required, options}` each."""

    __tablename__ = "event_type"

    name: Mapped[str]
    title: Mapped[str]
    properties: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)


def read_properties(properties: list[dict[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says as it is kept. Raises Invalid, by `properties.<key>`."""
    errors: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    specs = {each["key"]: _spec(each) for each in properties}
    for key, value in given.items():
        if key not in specs:
            errors[f"properties.{key}"] = ["There is no such property."]
        elif value is not None:
            try:
                found[key] = read(specs[key], value)
            except ValueError as error:
                errors[f"properties.{key}"] = [str(error)]
    missing = [key for key, spec in specs.items() if spec.required and given.get(key) is None]
    errors |= {f"properties.{key}": ["Missing data for required field."] for key in missing}
    if not errors and len(orjson.dumps(found)) > MOST_BYTES:
        errors["properties"] = ["Longer than 8 KB."]
    if errors:
        raise Invalid(errors)
    return found


def _spec(given: Mapping[str, Any]) -> Spec:
    kind = FieldType(given["type"])
    options = tuple((each, each) for each in given["options"]) if kind in CHOICES else ()
    return Spec(
        key=given["key"], type=kind, label=given["label"], required=given["required"],
        options=options,
    )  # fmt: skip
