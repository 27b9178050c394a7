"""Who owns what a person takes up or writes down."""

from collections.abc import Mapping
from typing import Any

from crm_chassis import web


def owned(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields with the caller as owner, unless they name one: a private record needs one."""
    return {"owner_id": web.principal().user_id, **fields}
