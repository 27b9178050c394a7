"""The customer view: everything the services know of a customer, composed as facts arrive."""

from crm_gateway.view.busy import Composer
from crm_gateway.view.fast import FastPath
from crm_gateway.view.folder import ViewFolder
from crm_gateway.view.operations import internal_routes
from crm_gateway.view.reads import Reads
from crm_gateway.view.routes import blueprints
from crm_gateway.view.shapes import sources

__all__ = [
    "Composer",
    "FastPath",
    "Reads",
    "ViewFolder",
    "blueprints",
    "internal_routes",
    "sources",
]
