"""Routes by resource: parse, call one function, answer."""

from crm_contacts.web import (
    accounts,
    consents,
    contacts,
    duplicates,
    exports,
    fields,
    imports,
    interactions,
    jobs,
    mails,
    merges,
    notes,
    rules,
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
    fields.blueprint,
    rules.validation,
    rules.naming,
    rules.breaches,
)
