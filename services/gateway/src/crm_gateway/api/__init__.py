"""The gateway's own resources, and the way through to the services'."""

from crm_chassis.web.blueprints import Blueprint
from crm_gateway.api import (
    audit,
    identity,
    notifications,
    own,
    roles,
    saved_views,
    services,
    ways_in,
    webhooks,
)
from crm_gateway.api.limits import install as install_limits
from crm_gateway.api.outside import install as install_outside
from crm_gateway.api.passing import Passing
from crm_gateway.api.through import install as install_routes
from crm_gateway.api.ways_in import OPEN


def blueprints() -> list[Blueprint]:
    """Return the blueprints of the gateway's own resources."""
    return [
        *identity.blueprints(),
        *own.blueprints(),
        *ways_in.blueprints(),
        services.accounts,
        *notifications.blueprints(),
        roles.blueprint,
        saved_views.views,
        webhooks.hooks,
        audit.trail,
    ]


__all__ = ["OPEN", "Passing", "blueprints", "install_limits", "install_outside", "install_routes"]
