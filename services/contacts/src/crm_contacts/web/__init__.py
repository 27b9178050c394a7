"""Routes by resource: parse, call one function, answer."""

from crm_contacts.web import (
    accounts,
    boards,
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
    tags,
    tasks,
)

BLUEPRINTS = (
    contacts.blueprint,
    accounts.blueprint,
    interactions.blueprint,
    notes.blueprint,
    tasks.blueprint,
    boards.blueprint,
    tags.blueprint,
    duplicates.blueprint,
    jobs.blueprint,
    mails.blueprint,
    merges.blueprint,
    consents.blueprint,
    imports.blueprint,
    exports.blueprint,
)
