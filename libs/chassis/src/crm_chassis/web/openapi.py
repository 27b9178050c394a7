"""Finishing the OpenAPI document: every status the chassis may answer is described."""

from typing import Any

from crm_chassis.web import sparse

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_OF_RECORDS = "public_no"
_FIELDS = {
    "name": sparse.PARAMETER,
    "in": "query",
    "required": False,
    "description": "Names of fields, parted by commas: a record is answered with these and its id",
    "schema": {"type": "string"},
}
_READ = (400, 401, 403, 404, 405, 414, 422, 429, 500, 503, 504)
_WRITE = (400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 428, 429, 500, 503, 504)
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_HEADERS = {
    "IfMatch": ("If-Match", "The record's version in quotes; 428 without, 412 when stale"),
    "IdempotencyKey": ("Idempotency-Key", "Repeats of a write with this key answer the same"),
}


def finished(document: dict[str, Any], service: str) -> dict[str, Any]:
    """Return the document with problems, headers and the owning service on each operation."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components.pop("responses", None)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"bearer": []}]
    for path in document.get("paths", {}).values():
        for method, operation in path.items():
            if method in _METHODS:
                operation["x-crm-service"] = service
                _join_forms(operation)
                _describe(method, operation)
                if method == "get" and _answers_records(operation, components["schemas"]):
                    operation.setdefault("parameters", []).append(_FIELDS)
    return document


def _answers_records(operation: dict[str, Any], schemas: dict[str, Any]) -> bool:
    """Whether an operation answers a record, or a page of them."""
    content = operation["responses"].get("200", {}).get("content", {})
    schema = _resolved(content.get("application/json", {}).get("schema", {}), schemas)
    items = schema.get("properties", {}).get("items", {}).get("items", {})
    return any(
        _OF_RECORDS in _resolved(each, schemas).get("properties", {}) for each in (schema, items)
    )


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return found


def _join_forms(operation: dict[str, Any]) -> None:
    """Make one multipart body of a form's fields and its files, which OpenAPI 3 knows no other way."""
    parameters = operation.get("parameters", [])
    files = [each for each in parameters if each.get("in") == "formData"]
    if not files:
        return
    operation["parameters"] = [each for each in parameters if each not in files]
    form = operation.get("requestBody", {}).get("content", {}).values()
    uploads = {
        "type": "object",
        "properties": {each["name"]: each["schema"] for each in files},
        "required": [each["name"] for each in files if each["required"]],
    }
    schema = {"allOf": [*(each["schema"] for each in form), uploads]}
    content = {"multipart/form-data": {"schema": schema}}
    operation["requestBody"] = {"required": True, "content": content}


def _describe(method: str, operation: dict[str, Any]) -> None:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses = operation.setdefault("responses", {})
    responses.pop("default", None)
    for status in _READ if method == "get" else _WRITE:
        responses[str(status)] = {"description": "A problem", "content": content}
    if method == "get":
        responses["304"] = {"description": "Not modified"}
        return
    parameters = operation.setdefault("parameters", [])
    parameters.append(_header("IdempotencyKey"))
    if method in {"put", "patch", "delete"}:
        parameters.append(_header("IfMatch"))


def _header(name: str) -> dict[str, Any]:
    header, description = _HEADERS[name]
    return {
        "name": header,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }
