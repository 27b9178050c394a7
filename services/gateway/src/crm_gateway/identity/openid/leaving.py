"""The provider says that somebody signed out there (OpenID Connect Back-Channel Logout 1.0)."""

from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, logs
from crm_gateway.clients.provider import Provider
from crm_gateway.identity.openid import claims
from crm_gateway.queries import openid as queries

_CONTEXT = db.Context(actor="service:gateway")
log = logs.get(__name__)


def end_as_told(
    sessions: sessionmaker[Session], provider: Provider, token: str, *, now: datetime
) -> None:
    """End the sessions that a logout token names; none is fine. Raises TokenRefused, ProviderAway.

    A token that comes again ends what has ended: no list of those that came is kept.
    """
    rules = provider.rules
    header, found = provider.verified(token)
    subject, sid = claims.check_logout(
        header, found, issuer=rules.issuer, client_id=rules.client_id, now=now
    )
    with db.transaction(sessions, _CONTEXT) as session:
        ended = queries.end_sessions(
            session, issuer=rules.issuer, subject=subject, sid=sid, now=now
        )
    log.info("signed out by the provider", extra={"sessions": ended})
