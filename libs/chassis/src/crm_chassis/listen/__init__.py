"""Reactions and timers on nameko, hardened: nothing acknowledged that was not dealt with.

eventlet is loaded here and nowhere else; import this only in the `work` role.
"""

from crm_chassis.listen.entrypoints import every, handlers_of, to
from crm_chassis.listen.run import Runtime, run, serve_ops

__all__ = ["Runtime", "every", "handlers_of", "run", "serve_ops", "to"]
