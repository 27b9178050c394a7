"""The accounts that rows belong to: found by name, or made once before their contacts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_contacts import events
from crm_contacts.commands.holding import begin
from crm_contacts.commands.importing.planned import Planned, acting
from crm_contacts.model.account import Account
from crm_contacts.model.interchange import Import
from crm_contacts.model.values import company_key, web_domain
from crm_contacts.queries import imports
from crm_fields.objects import Held


def settle(
    session: Session, file: Import, planned: Iterable[Planned], *, now: datetime
) -> Mapping[str, UUID]:
    """Return the account of each company's name as it stands in the rows."""
    wanted: dict[str, tuple[str, str | None]] = {}
    keys: dict[str, str] = {}
    for each in planned:
        if name := each.row.body.get("company"):
            keys[name] = company_key(name) or name
            named, domain = wanted.get(keys[name], (name, None))
            wanted[keys[name]] = (named, domain or _domain(each.row.body.get("domain")))
    known = dict(imports.live_accounts(session, list(wanted)))
    missing = [key for key in wanted if key not in known]
    for key in missing:
        account = _made(session, file, *wanted[key], now=now)
        known[key] = account.id
    if missing:
        outbox.settle(session)
        made = [known[key] for key in missing]
        db.cursor(session).execute(_NOTE, (file.id, made))
    return {name: known[key] for name, key in keys.items()}


def _made(
    session: Session, file: Import, name: str, domain: str | None, *, now: datetime
) -> Account:
    fields = {"name": name, "domain": domain, "owner_id": acting(file.acting).user_id}
    holding = begin(session, Held.ACCOUNT, fields, now=now)
    account = Account(**holding.fields)
    holding.judge(session, account, may_refuse=False)  # its rows were refused if it may not be
    outbox.add(session, events.account_created, account, at=now)
    return account


def _domain(text: str | None) -> str | None:
    try:
        return web_domain(text) if text else None
    except ValueError:
        return None  # a web page that is none is no reason to lose the account


_NOTE = """
insert into import_account (import_id, account_id) select %s, unnest(%s::uuid[])
"""
