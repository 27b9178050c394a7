"""Taking in mail: what came back retires addresses, what people write is kept with them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mailparser_reply import EmailReplyParser
from sqlalchemy.orm import Session

from crm_bounces import Class, Verdict, classify
from crm_bounces.mail import Mail, read
from crm_chassis import logs, outbox
from crm_contacts import events
from crm_contacts.commands import addresses, consents, correspondence
from crm_contacts.model.contact import Contact
from crm_contacts.model.interaction import Interaction
from crm_contacts.model.values import InteractionType, Subject
from crm_contacts.queries import records

SOURCE = "mail"
_LONGEST_SUBJECT, _LONGEST_ID, _LONGEST_TEXT = 500, 180, 20_000
_LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl"]
log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestMail:
    """A mail as it came over the wire."""

    content: bytes
    owner_id: UUID | None = None


def ingest_mail(session: Session, command: IngestMail, *, now: datetime) -> Interaction:
    """Log a mail once, and draw from it what it says about contacts and their addresses.

    The interaction's outcome is `bounce:<class>`, `complaint`, `received` or `sent`; it points at
    the contacts concerned. Of a mail that concerns nobody we know neither subject nor text is kept.
    """
    mail = read(command.content)
    source_id = _source_id(mail, command.content)
    known = records.interaction_of_source(session, SOURCE, source_id)
    if known is not None:
        return known
    verdict = classify(command.content)
    if verdict.bounce_class is Class.POLICY:
        log.warning("mail refused by policy", extra={"code": verdict.code})
        addresses.alert_the_postmaster(session, verdict.code, now=now)
    if verdict.recipients:
        holders = _returned(session, verdict, source_id, now=now)
        found = correspondence.Correspondence(holders, direction="in")
    else:
        found = correspondence.settle(session, mail, now=now)
    is_known = bool(found.contact_ids)
    interaction = Interaction(
        type=InteractionType.EMAIL,
        at=now,
        direction=found.direction,
        subject=_subject(mail) if is_known else None,
        summary=_text(mail) if is_known and not verdict.recipients else None,
        subjects=tuple(Subject(type="contact", id=each) for each in found.contact_ids),
        source_service=SOURCE,
        source_id=source_id,
        outcome=_outcome(verdict, found.direction),
        owner_id=command.owner_id,
    )
    outbox.add(session, events.interaction_logged, interaction, at=now)
    return interaction


def _returned(session: Session, verdict: Verdict, source_id: str, *, now: datetime) -> list[UUID]:
    """Tell what a returned mail says of each address; return the contacts they belong to."""
    found = {each.address: each for each in verdict.recipients}
    holders = records.contacts_with_emails(session, found)
    for address in sorted(holders, key=lambda each: holders[each]):
        contact = records.for_update(session, Contact, holders[address])
        if verdict.is_complaint:
            addresses.complained(session, contact, address, now=now)
            _withdraw(session, contact.id, source_id, now=now)
        else:
            addresses.bounced(session, contact, found[address], now=now)
    return list(dict.fromkeys(holders.values()))


def _withdraw(session: Session, contact_id: UUID, source_id: str, *, now: datetime) -> None:
    """Who complains of one mail wants none at another address either."""
    command = consents.WithdrawMarketing(
        origin=f"complaint {source_id} {contact_id}", contact_id=contact_id, source=SOURCE,
        evidence={"form_id": "complaint"}, at=now,
    )  # fmt: skip
    consents.withdraw_marketing(session, command, now=now)


def _subject(mail: Mail) -> str | None:
    return mail.header("subject").replace("\0", "")[:_LONGEST_SUBJECT] or None


def _text(mail: Mail) -> str | None:
    """What was written, without what is quoted below it."""
    whole = mail.text.replace("\0", "")[:_LONGEST_TEXT]
    return (EmailReplyParser(languages=_LANGUAGES).parse_reply(whole) or whole).strip() or None


def _source_id(mail: Mail, content: bytes) -> str:
    """The mail's own id, or a fingerprint of it where it has none that will do."""
    own = mail.header("message-id").strip("<> ").replace("\0", "")
    return own if 0 < len(own) <= _LONGEST_ID else hashlib.sha256(content).hexdigest()


def _outcome(verdict: Verdict, direction: str) -> str:
    if verdict.is_complaint:
        return "complaint"
    if verdict.is_bounce:
        return f"bounce:{verdict.bounce_class.value}"
    return "received" if direction == "in" else "sent"
