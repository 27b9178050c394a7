"""`python -m crm_sales serve|relay|project|work|migrate|check`."""

from __future__ import annotations

import sys

from crm_chassis import roles


def main() -> int:
    """Run a role; after `migrate` see to it that there is a pipeline to work in."""
    code = roles.main("sales")
    if code == 0 and sys.argv[1:] == ["migrate"]:
        open_shop()
    return code


def open_shop() -> None:
    """Create and announce the default pipeline unless it exists."""
    from crm_chassis import clock, db
    from crm_sales import settings
    from crm_sales.commands.pipelines import ensure_default_pipeline

    engine = db.engine(settings.read().deployment.database_url, application="sales.migrate")
    context = db.Context(actor="service:sales", source="event")
    with db.transaction(db.sessions(engine), context) as session:
        ensure_default_pipeline(session, now=clock.now())
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
