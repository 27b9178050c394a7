"""Routes by resource: parse, call, answer."""

from crm_support.web.tickets import tickets

BLUEPRINTS = (tickets,)

__all__ = ["BLUEPRINTS"]
