"""Routes by resource: parse, call one function, answer."""

from crm_contacts.web import (
    accounts,
    consents,
    contacts,
    duplicates,
    exports,
    imports,
    interactions,
    jobs,
    mails,
    merges,
    notes,
    purchases,
    tasks,
)

BLUEPRINTS = (
    contacts.blueprint,
    accounts.blueprint,
    interactions.blueprint,
    notes.blueprint,
    tasks.blueprint,
    duplicates.blueprint,
    jobs.blueprint,
    mails.blueprint,
    merges.blueprint,
    consents.blueprint,
    imports.blueprint,
    exports.blueprint,
    purchases.ORDERS,
    purchases.INVOICES,
    purchases.SUBSCRIPTIONS,
)
