"""Whom a mail is from or to, and taking up those nobody knows yet."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses
from uuid import UUID

from sqlalchemy.orm import Session

from crm_bounces import signs
from crm_bounces.mail import Mail
from crm_bounces.recipients import ADDRESS
from crm_chassis import outbox
from crm_contacts import events
from crm_contacts.commands import addresses, duplicates
from crm_contacts.commands.holding import begin
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import DuplicateSuspected, RulesBroken
from crm_contacts.model.mail import MailPolicy, Strangers
from crm_contacts.model.values import Point, corporate_domain
from crm_contacts.queries import mails, records
from crm_fields.objects import Held
from crm_fields.spelling import email_address
from crm_interchange.people import split_name

_MOST = 50  # of those a mail is to
_SOURCE = "mail"
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class Correspondence:
    """The contacts a mail is from (`in`) or to (`out`)."""

    contact_ids: list[UUID]
    direction: str


def settle(session: Session, mail: Mail, *, now: datetime) -> Correspondence:
    """Find the contacts a mail is from or to; take up strangers where the policy says so.

    Whoever writes proves the address. A mail machines send makes nobody a contact, nor does one
    from somebody the rule at the door blocks, or whom the company's own rules do not allow.
    """
    policy = mails.policy(session)
    sender = _people(mail, "from")
    is_ours = bool(sender) and all(map(policy.is_ours, sender))
    people = _people(mail, "to", "cc", "bcc") if is_ours else sender
    wanted = policy.theirs(people)[:_MOST]
    known = dict(records.contacts_with_emails(session, wanted))
    if not is_ours:
        for address in sorted(known, key=lambda each: known[each]):
            contact = records.for_update(session, Contact, known[address])
            addresses.proved(session, contact, address, now=now)
    if policy.strangers is Strangers.CREATE and not signs.is_automatic(mail):
        for address in [each for each in wanted if each not in known]:
            made = _newcomer(session, address, people[address], policy, now=now)
            known |= {address: made} if made else {}
    found = list(dict.fromkeys(known[each] for each in wanted if each in known))
    return Correspondence(found, "out" if is_ours else "in")


def _people(mail: Mail, *fields: str) -> dict[str, str]:
    """Normalised addresses of some fields, with the names that stand before them."""
    found: dict[str, str] = {}
    for name, address in (each for field in fields for each in _named(mail.header(field))):
        try:
            found.setdefault(email_address(address), name.replace("\0", "").strip())
        except ValueError:
            continue
    return found


def _named(header: str) -> list[tuple[str, str]]:
    """Names and addresses of a field; only addresses where it is not written as it should be."""
    named = [each for each in getaddresses([header]) if each[1]] if header else []
    return named or [("", address) for address in ADDRESS.findall(header)]


def _newcomer(
    session: Session, address: str, name: str, policy: MailPolicy, *, now: datetime
) -> UUID | None:
    spoken = {} if "@" in name else split_name(name[:200])
    fields = {**spoken, "source": _SOURCE, "emails": [Point(value=address)]}
    holding = begin(session, Held.CONTACT, fields, now=now)
    contact = Contact()
    contact.change(holding.fields)
    try:
        holding.check(session, contact)
        duplicates.look_out(session, contact, now=now)
    except (DuplicateSuspected, RulesBroken):
        return None
    holding.keep(session, contact)
    account_id = _account_id(session, address, policy, now=now)
    if account_id is not None:
        contact.join(account_id)
    outbox.add(session, events.contact_created, contact, at=now)
    return contact.id


def _account_id(
    session: Session, address: str, policy: MailPolicy, *, now: datetime
) -> UUID | None:
    """The organisation of the address's domain, made if there is none and the policy says so."""
    domain = corporate_domain(address)
    if domain is None:
        return None
    found = records.accounts_with_domain(session, domain)
    if found or not policy.companies:
        return found[0] if len(found) == 1 else None
    holding = begin(session, Held.ACCOUNT, {"name": _company(domain), "domain": domain}, now=now)
    account = Account(**holding.fields)
    try:
        holding.judge(session, account)
    except RulesBroken:
        return None
    outbox.add(session, events.account_created, account, at=now)
    return account.id


def _company(domain: str) -> str:
    """A name for whom a domain belongs to, for somebody to better: `acme-tools.co.uk`, Acme Tools."""
    labels = domain.split(".")[:-1]
    if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels.pop()
    return labels[-1].replace("-", " ").strip().title() or domain
