"""The gateway keeps no single copies: the customer view is its copy of everything."""

from crm_chassis.project import Copy

COPIES: tuple[Copy, ...] = ()
