"""alembic's environment: the chassis runs it."""

from crm_chassis import db

db.run_environment()
