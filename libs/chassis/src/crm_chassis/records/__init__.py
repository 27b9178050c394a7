"""Records and facts between services: served, pulled, compared."""

from crm_chassis.records.client import PeerAway, Peers
from crm_chassis.records.server import routes
from crm_chassis.records.verify import Difference, Kept, count, drop_ghosts, resync, verify

__all__ = [
    "Difference",
    "Kept",
    "PeerAway",
    "Peers",
    "count",
    "drop_ghosts",
    "resync",
    "routes",
    "verify",
]
