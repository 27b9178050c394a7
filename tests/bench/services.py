"""The services' applications as any WSGI server may serve them."""

from flask import Flask


def contacts() -> Flask:
    """Return the contacts service with the settings of the environment."""
    from crm_contacts import settings, wsgi

    return wsgi.create(settings.read())[0]
