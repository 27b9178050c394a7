"""Blueprints whose schemas are made once, and whose routes say what right they need."""

from typing import Any

import flask_smorest
from flask_smorest.utils import deepupdate
from webargs.flaskparser import FlaskParser

from crm_chassis import rights
from crm_chassis.web import ageing


class _Parser(FlaskParser):
    def use_args(self, argmap: Any, *args: Any, **options: Any) -> Any:
        """Make the schema now: making it anew took a tenth of a write's CPU."""
        made = argmap() if isinstance(argmap, type) else argmap
        return super().use_args(made, *args, **options)


class Blueprint(flask_smorest.Blueprint):
    """A blueprint of a service's routes; `kind`: the records they read and write."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, *arguments: Any, kind: str | None = None, **options: Any) -> None:
        """Each route has the usual right of its method on `kind`, or what `needs` says."""
        super().__init__(*arguments, **options)
        self._kind = kind

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *arguments: Any,
        **options: Any,
    ) -> None:  # fmt: skip
        """Register the view with its right, which the OpenAPI document tells as `x-crm-right`."""
        method = next(iter(options.get("methods") or ("GET",)))
        given = getattr(view_func, "crm_needs", None)
        right = rights.usual(self._kind, rule, method, given)
        if right is not None:
            view_func.crm_right = right
            documented = getattr(view_func, "_apidoc", {})
            manual = documented.get("manual_doc", {})
            told = {"x-crm-right": right.told()}
            view_func._apidoc = {**documented, "manual_doc": deepupdate(manual, told)}  # noqa: SLF001
        if ages := ageing.documented(view_func):
            kept = getattr(view_func, "_apidoc", {})
            manual = deepupdate(kept.get("manual_doc", {}), ages)
            view_func._apidoc = {**kept, "manual_doc": manual}  # noqa: SLF001
        super().add_url_rule(rule, endpoint, view_func, *arguments, **options)
