"""Making a lead a contact of an account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_contacts import events
from crm_contacts.commands import duplicates
from crm_contacts.commands.holding import begin
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.conversion import LeadConversion
from crm_contacts.model.errors import DuplicateSuspected, RulesBroken
from crm_contacts.model.values import (
    AccountLifecycle,
    ContactLifecycle,
    ConversionStatus,
    Point,
    company_key,
    corporate_domain,
)
from crm_contacts.queries import records
from crm_fields.holding.writing import Holding
from crm_fields.objects import Held
from crm_fields.spelling import email_address, phone_number


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertLead:
    """Find or create the contact and account that a lead stands for."""

    lead_id: UUID
    lead_version: int
    owner_id: UUID | None = None
    contact_id: UUID | None = None
    account_id: UUID | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    job_title: str | None = None
    source: str | None = None


class _Unclear(Exception):
    """The lead cannot be told apart; carries the reason and the candidates."""

    def __init__(self, reason: str, candidates: list[tuple[str, UUID, str]] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.candidates = reason, candidates or []


def convert_lead(session: Session, command: ConvertLead, *, now: datetime) -> LeadConversion:
    """Match or create, and answer once per version of the lead; matches stay when asked again."""
    conversion = records.conversion_of(session, command.lead_id) or LeadConversion(
        id=ids.derived("lead_conversion", command.lead_id), lead_id=command.lead_id
    )
    if command.lead_version <= conversion.lead_version:
        return conversion
    conversion.lead_version = command.lead_version
    if conversion.status is ConversionStatus.REFUSED:
        _settle(session, command, conversion, now=now)
    answered = conversion.status is ConversionStatus.MATCHED
    told = events.lead_conversion_answered if answered else events.lead_conversion_refused
    outbox.add(session, told, conversion, at=now)
    return conversion


def _settle(
    session: Session, command: ConvertLead, conversion: LeadConversion, *, now: datetime
) -> None:
    try:
        email = _normal_email(command.email)
        contact = _known_contact(session, command, email)
        account = _known_account(session, command, email, contact)
        is_new = contact is None
        founded = None
        if account is None and command.company:
            founded = _new_account(session, command, email, now=now)
        contact = contact or _newcomer(session, command, email, now=now)
    except _Unclear as unclear:
        conversion.refuse(unclear.reason, unclear.candidates)
        return
    if founded is not None:
        account, holding = founded
        holding.keep(session, account)
        outbox.add(session, events.account_created, account, at=now)
    if is_new:
        outbox.add(session, events.contact_created, contact, at=now)
    if account is not None and all(link.account_id != account.id for link in contact.links):
        contact.join(account.id)
        outbox.add(session, events.contact_updated, contact, at=now)
    conversion.match(contact_id=contact.id, account_id=account.id if account else None)


def _known_contact(session: Session, command: ConvertLead, email: str | None) -> Contact | None:
    wanted = command.contact_id
    if wanted is None and email is not None:
        wanted = records.contact_id_with_email(session, email)
    contact = records.contact_for_update(session, wanted)
    if command.contact_id is not None and (contact is None or contact.archived_at is not None):
        raise _Unclear("contact-unknown")
    return contact


def _known_account(
    session: Session, command: ConvertLead, email: str | None, contact: Contact | None
) -> Account | None:
    if command.account_id is not None:
        account = records.account_for_update(session, command.account_id)
        if account is None or account.archived_at is not None:
            raise _Unclear("account-unknown")
        return account
    domain = corporate_domain(email) if email else None
    by_name = (
        records.accounts_with_name_key(session, company_key(command.company))
        if command.company
        else []
    )
    by_domain = records.accounts_with_domain(session, domain) if domain else []
    found = [each for each in by_name if each in by_domain] or by_name or by_domain
    if len(found) > 1:
        why = "same name" if by_name else "same domain"
        raise _Unclear("several-accounts-match", [("account", each, why) for each in found])
    if found:
        return records.maybe_for_update(session, Account, found[0])
    main = contact.account_id if contact is not None and not command.company else None
    return records.maybe_for_update(session, Account, main)


def _new_account(
    session: Session, command: ConvertLead, email: str | None, *, now: datetime
) -> tuple[Account, Holding]:
    """The account a lead's company becomes, not yet told."""
    fields = {
        "name": command.company or "",
        "domain": corporate_domain(email) if email else None,
        "lifecycle": AccountLifecycle.OPPORTUNITY,
        "owner_id": command.owner_id,
    }
    holding = begin(session, Held.ACCOUNT, fields, now=now)
    account = Account(**holding.fields)
    _check(session, holding, account)
    return account, holding


def _newcomer(
    session: Session, command: ConvertLead, email: str | None, *, now: datetime
) -> Contact:
    """The contact a lead becomes, not yet told; whom the policy blocks is unclear."""
    if not _nameable(command):
        raise _Unclear("nothing-to-call-it-by")
    contact = Contact(owner_id=command.owner_id, lifecycle=ContactLifecycle.OPPORTUNITY)
    phone = _normal_phone(command.phone)
    fields = {
        "first_name": command.first_name,
        "last_name": command.last_name,
        "job_title": command.job_title,
        "source": command.source,
        "emails": [Point(value=email)] if email else [],
        "phones": [Point(value=phone)] if phone else [],
    }
    holding = begin(session, Held.CONTACT, fields, now=now)
    contact.change(holding.fields)
    _check(session, holding, contact)
    try:
        duplicates.look_out(session, contact, now=now)
    except DuplicateSuspected as suspected:
        known = [
            ("contact", UUID(each["contact_id"]), "looks the same") for each in suspected.candidates
        ]
        raise _Unclear("contact-may-exist", known) from suspected
    holding.keep(session, contact)
    return contact


def _check(session: Session, holding: Holding, record: Contact | Account) -> None:
    """What the company's rules do not allow is unclear: somebody has to complete the lead."""
    try:
        holding.check(session, record)
    except RulesBroken as broken:
        where = ", ".join(f"{holding.part.held.value}.{name}" for name in broken.errors or ())
        raise _Unclear(f"rules-broken: {where}") from broken


def _nameable(command: ConvertLead) -> bool:
    return bool(
        command.first_name or command.last_name or command.email or _normal_phone(command.phone)
    )


def _normal_email(text: str | None) -> str | None:
    try:
        return email_address(text) if text else None
    except ValueError as error:
        raise _Unclear("email-invalid") from error


def _normal_phone(text: str | None) -> str | None:
    try:
        return phone_number(text) if text else None
    except ValueError:
        return None  # a lead's number that cannot be read is no reason to lose the lead
