"""The gateway's own resources, and the way through to the services'."""

from crm_chassis.web.blueprints import Blueprint
from crm_gateway.api import identity, notifications, own, roles, saved_views, webhooks
from crm_gateway.api.limits import install as install_limits
from crm_gateway.api.passing import Passing
from crm_gateway.api.through import install as install_routes


def blueprints() -> list[Blueprint]:
    """Return the blueprints of the gateway's own resources."""
    return [
        *identity.blueprints(),
        *own.blueprints(),
        *notifications.blueprints(),
        roles.blueprint,
        saved_views.views,
        webhooks.hooks,
    ]


__all__ = ["Passing", "blueprints", "install_limits", "install_routes"]
