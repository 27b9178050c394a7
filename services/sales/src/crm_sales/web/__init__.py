"""Routes by resource: parse, call, answer."""

from crm_sales.web.deals import deals
from crm_sales.web.leads import leads
from crm_sales.web.pipelines import pipelines

BLUEPRINTS = (pipelines, deals, leads)

__all__ = ["BLUEPRINTS"]
