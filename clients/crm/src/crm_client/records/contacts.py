"""The shapes of records of contacts; written by `python -m crm_client.records.generate`, do not edit."""

from typing import Any, TypedDict

from crm_client.records.shared import Money, Record, SubjectRef


class EmailPoint(TypedDict, total=False):
    """An e-mail address of a contact, normalised."""

    value: str
    label: str | None
    primary: bool
    deliverability: str
    opted_out: bool
    quality: str
    judged_at: str | None
    judged_by: str | None
    judged_why: str | None


class PhonePoint(TypedDict, total=False):
    """A telephone number of a contact, in E.164 where it could be read; `quality` as of addresses."""

    value: str
    label: str | None
    primary: bool
    quality: str
    judged_at: str | None
    judged_by: str | None
    judged_why: str | None


class AccountLink(TypedDict, total=False):
    """A contact's place in an account."""

    account_id: str
    role: str | None
    is_primary: bool
    active: bool


class PostalAddress(TypedDict, total=False):
    """Where a contact lives or works."""

    street: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    label: str | None


class FrequencyCap(TypedDict, total=False):
    """At most so many messages by one channel per `day`, `week` or `month`."""

    channel: str
    most: int
    per: str


class Preferences(TypedDict, total=False):
    """How a contact wants to be written to: by which channel, how often, and not just now."""

    channel: str | None
    pause_from: str | None
    pause_until: str | None
    caps: list[FrequencyCap]


class ChannelPoint(TypedDict, total=False):
    """What a contact is called on another channel: `whatsapp`, `chat` or `social`."""

    channel: str
    value: str
    label: str | None
    primary: bool


class Contact(Record, total=False):
    """A person: prospect, customer, supplier or other."""

    first_name: str | None
    last_name: str | None
    name: str
    emails: list[EmailPoint]
    phones: list[PhonePoint]
    account_id: str | None
    account_ids: list[str]
    account_links: list[AccountLink]
    job_title: str | None
    department: str | None
    language: str | None
    time_zone: str | None
    birthday: str | None
    lifecycle: str
    source: str | None
    tags: list[str]
    do_not_call: bool
    addresses: list[PostalAddress]
    custom: dict[str, Any]
    merged_into_id: str | None
    preferences: Preferences | None
    channels: list[ChannelPoint]


class Account(Record, total=False):
    """An organisation that contacts belong to."""

    name: str
    legal_name: str | None
    domain: str | None
    industry: str | None
    size_band: str | None
    type: str
    parent_id: str | None
    lifecycle: str
    customer_since: str | None
    renewal_date: str | None
    tags: list[str]
    custom: dict[str, Any]
    merged_into_id: str | None


class Interaction(Record, total=False):
    """Something that passed between a customer and us; immutable."""

    type: str
    direction: str | None
    at: str
    duration_seconds: int | None
    subject: str | None
    summary: str | None
    subjects: list[SubjectRef]
    source_service: str | None
    source_id: str | None
    outcome: str | None
    event: str | None
    properties: dict[str, Any]


class NoteReaction(TypedDict, total=False):
    """How people reacted to a note, by kind (`like`, `done` …)."""

    kind: str
    user_ids: list[str]


class Note(Record, total=False):
    """A text kept with one or more records, shared between departments unless it says otherwise."""

    body: str
    pinned: bool
    subjects: list[SubjectRef]
    author: str
    internal: bool
    mentions: list[str]
    reactions: list[NoteReaction]
    reply_to_id: str | None


class Reminder(TypedDict, total=False):
    """When people are reminded of a task: `minutes_before` it is due, or `at` an instant."""

    kind: str
    minutes_before: int | None
    at: str | None
    reminded_at: str | None


class Task(Record, total=False):
    """Something a person or a department has to do."""

    title: str
    assignee_id: str | None
    department: str | None
    due_at: str | None
    priority: str
    status: str
    done_at: str | None
    subjects: list[SubjectRef]
    origin: str | None
    collaborator_ids: list[str]
    reminders: list[Reminder]
    overdue_at: str | None
    board_id: str | None
    column_id: str | None


class AwaitedBuyer(TypedDict, total=False):
    """Who bought, as the source says; kept until such a customer is known."""

    email: str | None
    name: str | None
    external_id: str | None
    company: str | None
    domain: str | None
    account_external_id: str | None


class PurchaseLine(TypedDict, total=False):
    """One line of an order or invoice; its amounts are in the currency of the whole."""

    sku: str | None
    name: str
    quantity: str
    unit_price: str
    discount: str
    tax: str
    total: str


class MoneyBack(TypedDict, total=False):
    """A refund of an order."""

    external_id: str | None
    amount: str
    at: str | None
    reason: str | None


class Order(Record, total=False):
    """An order of a shop, or a cart that may become one."""

    source: str
    external_id: str
    revision: int | None
    occurred_at: str | None
    number: str | None
    status: str
    contact_id: str | None
    account_id: str | None
    awaited: AwaitedBuyer | None
    placed_at: str | None
    channel: str | None
    lines: list[PurchaseLine]
    subtotal: Money
    discount: Money
    discount_codes: list[str]
    tax: Money
    tax_included: bool
    shipping: Money
    total: Money
    margin: Money | None
    refunds: list[MoneyBack]
    refunded: Money


class Payment(TypedDict, total=False):
    """What was paid of an invoice."""

    external_id: str | None
    amount: str
    at: str | None
    method: str | None


class Invoice(Record, total=False):
    """An invoice of an accounting system, and how much of it is open."""

    source: str
    external_id: str
    revision: int | None
    occurred_at: str | None
    number: str | None
    order_external_id: str | None
    status: str
    contact_id: str | None
    account_id: str | None
    awaited: AwaitedBuyer | None
    issued_at: str | None
    due_at: str | None
    overdue_at: str | None
    paid_at: str | None
    lines: list[PurchaseLine]
    subtotal: Money
    discount: Money
    tax: Money
    tax_included: bool
    shipping: Money
    total: Money
    payments: list[Payment]
    open_amount: Money
