"""Alembic's environment; the chassis does the work."""

from crm_chassis import db

db.run_environment()
