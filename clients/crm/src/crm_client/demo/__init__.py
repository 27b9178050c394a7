"""A believable company, loaded through the public API and removable again."""

from crm_client.demo.load import Report, load
from crm_client.demo.plan import Plan, make
from crm_client.demo.remove import remove

__all__ = ["Plan", "Report", "load", "make", "remove"]
