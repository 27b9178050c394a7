"""The JSON Schema of each fact, and which differences between two schemas break a reader."""

from collections.abc import Iterator
from typing import Any

import msgspec

from crm_contracts.base import Fact
from crm_contracts.codec import wire_type

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KEYWORDS = ("type", "const", "enum", "format", "pattern", "minimum", "maximum", "contentEncoding")


def fact_schema(fact: type[Fact[Any]], template: str = "#/$defs/{name}") -> Schema:
    """The schema of a fact's CloudEvent, with the definitions it uses."""
    (record,), definitions = msgspec.json.schema_components(
        [wire_type(fact.record_type)], ref_template=template
    )
    service = fact.type.partition(".")[0]
    optional = ("onbehalfof", "causationid", "traceparent", "restated")
    properties: Schema = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"const": f"/{service}"},
        "type": {"const": fact.type},
        "subject": {"type": "string", "format": "uuid"},
        "subjectversion": {"type": "integer", "minimum": 1},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "actor": {"type": "string"},
        "correlationid": {"type": "string", "format": "uuid"},
        "hops": {"type": "integer", "minimum": 0},
        "onbehalfof": {"type": "string"},
        "causationid": {"type": "string", "format": "uuid"},
        "traceparent": {"type": "string"},
        "restated": {"type": "boolean"},
        "data": {
            "type": "object",
            "properties": {
                "record": record,
                "changed": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["record", "changed"],
        },
    }
    return {
        "$schema": _DIALECT,
        "$id": f"urn:rapport-crm:fact:{fact.type}",
        "title": fact.__name__,
        "description": fact.__doc__,
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "$defs": definitions,
    }


def breaking(old: Schema, new: Schema) -> list[str]:
    """What a reader of the old schema can no longer rely on, one sentence each."""
    return list(_differences(_Side(old, old), _Side(new, new), "$"))


class _Side:
    """A schema at hand and the document that its references point into."""

    def __init__(self, schema: Schema, root: Schema) -> None:
        self.root = root
        while "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        self.schema = schema

    def of(self, schema: Schema) -> "_Side":
        return _Side(schema, self.root)


def _differences(old: _Side, new: _Side, path: str) -> Iterator[str]:
    for keyword in _KEYWORDS:
        before, after = old.schema.get(keyword), new.schema.get(keyword)
        if before != after:
            yield f"{path}: {keyword} was {before!r} and is {after!r}"
    yield from _property_differences(old, new, path)
    yield from _choice_differences(old, new, path)
    for keyword in ("items", "additionalProperties"):
        before, after = old.schema.get(keyword), new.schema.get(keyword)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(old.of(before), new.of(after), f"{path}.{keyword}")
        elif before != after:
            yield f"{path}: {keyword} was {before!r} and is {after!r}"


def _property_differences(old: _Side, new: _Side, path: str) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    required = set(new.schema.get("required", ()))
    was_required = set(old.schema.get("required", ()))
    for name, schema in before.items():
        if name not in after:
            yield f"{path}.{name}: gone"
            continue
        if (name in required) != (name in was_required):
            yield f"{path}.{name}: required changed"
        yield from _differences(old.of(schema), new.of(after[name]), f"{path}.{name}")
    for name in sorted((required - set(before)) & set(after)):
        yield f"{path}.{name}: new and without a default, so older facts lack it"


def _choice_differences(old: _Side, new: _Side, path: str) -> Iterator[str]:
    before, after = old.schema.get("anyOf", []), new.schema.get("anyOf", [])
    if len(before) != len(after):
        yield f"{path}: has {len(after)} shapes instead of {len(before)}"
        return
    for one, other in zip(before, after, strict=True):
        yield from _differences(old.of(one), new.of(other), path)
