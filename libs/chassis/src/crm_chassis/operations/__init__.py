"""What operators ask of a service on its ops port; long work tells how far it is."""

from crm_chassis.operations.jobs import Job, Progress
from crm_chassis.operations.server import routes

__all__ = ["Job", "Progress", "routes"]
