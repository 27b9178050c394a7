"""The services' applications as any WSGI server may serve them."""

from flask import Flask

from crm_chassis import garbage


def contacts() -> Flask:
    """Return the contacts service with the settings of the environment."""
    from crm_contacts import settings, wsgi

    app = wsgi.create(settings.read())[0]
    garbage.leave_alone()  # as `serve` does
    return app
