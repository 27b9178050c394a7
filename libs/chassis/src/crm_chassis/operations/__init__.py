"""What operators ask of a service on its ops port; long work tells how far it is."""

from crm_chassis.operations.copies import Comparing, remember, verify
from crm_chassis.operations.jobs import Job, Progress
from crm_chassis.operations.server import routes
from crm_chassis.operations.status import status

__all__ = ["Comparing", "Job", "Progress", "remember", "routes", "status", "verify"]
