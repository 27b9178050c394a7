"""Looking up what is done with mail."""

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.mail import MailPolicy, Strangers


def policy(session: Session) -> MailPolicy:
    """The deployment's rule for mail, the usual one if it has none."""
    row = db.cursor(session).execute(_POLICY).fetchone()
    if row is None:
        return MailPolicy()
    return MailPolicy(strangers=Strangers(row[0]), companies=row[1], own_domains=frozenset(row[2]))


_POLICY = "select strangers, companies, own_domains from mail_policy"
