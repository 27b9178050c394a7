"""The gateway's own resources, and the way through to the services'."""

from crm_gateway.api.identity import blueprints
from crm_gateway.api.limits import install as install_limits
from crm_gateway.api.passing import Passing
from crm_gateway.api.through import install as install_routes

__all__ = ["Passing", "blueprints", "install_limits", "install_routes"]
