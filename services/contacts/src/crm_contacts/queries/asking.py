"""Where the fields of contacts and accounts stand, for lists, rules and trials of rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Text, exists, func, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.point import AccountContact, ContactPoint
from crm_contacts.model.rulebook import Part
from crm_contacts.model.values import PointKind
from crm_contacts.model.vocabulary import values_of
from crm_contacts.queries.lists import asked_words
from crm_fields import Kind
from crm_fields.holding import asking
from crm_fields.holding.asking import Records, column_place
from crm_fields.objects import Held
from crm_fields.sql import Bool, Column, Place, WordsPlace


def asked(
    part: Part, filters: Mapping[str, Any], *, now: datetime
) -> tuple[dict[str, Any], list[Bool]]:
    """Return a list's filters without those of the company's own fields, and what these ask for.

    Raises Invalid for a predicate that cannot be understood, or a value that is none of its field.
    """
    rest, found = asking.asked(part, RECORDS[part.held], filters, now=now)
    if part.searched and filters.get("q"):
        del rest["q"]
        found += [_spoken(part, word) for word in asked_words(filters["q"])]
    return rest, found


def _spoken(part: Part, word: str) -> Bool:
    """A word of the record's own search text, or of a field that is searched; by index each."""
    model = RECORDS[part.held].model
    known = select(model.id).where(model.search_text.contains(" " + word, autoescape=True))
    return model.id.in_(union_all(known, asking.with_word(part, word)))  # type: ignore[no-any-return]


def _beside(name: str) -> Column | None:
    """The first of what a contact has several of, as a column of the row."""
    if name in {"email", "phone"}:
        point: Any = aliased(ContactPoint)
        mine = (*_points(point, PointKind(name)), point.is_primary)
        return select(point.value).where(*mine).limit(1).scalar_subquery()
    if name == "account_id":
        link: Any = aliased(AccountContact)
        mine = (link.contact_id == Contact.id, link.is_primary)
        return select(link.account_id).where(*mine).limit(1).scalar_subquery()
    return None


def _of_contact(name: str, kind: Kind) -> Place | WordsPlace:
    if name in {"email", "phone"}:
        point: Any = aliased(ContactPoint)
        mine = (*_points(point, PointKind(name)), point.is_primary)
        return Place(
            column=type_coerce(point.value, Text()),
            within=lambda found: exists().where(*mine, found),
        )
    if name in {"emails", "phones"}:
        point = aliased(ContactPoint)
        of_kind = _points(point, PointKind(name.removesuffix("s")))
        return WordsPlace(
            has=lambda word: exists().where(*of_kind, point.value == word),
            is_empty=~exists().where(*of_kind),
        )
    if name == "account_id":
        link: Any = aliased(AccountContact)
        return Place(
            column=link.account_id,
            within=lambda found: exists().where(
                link.contact_id == Contact.id, link.is_primary, found
            ),
        )
    if name.startswith("address."):
        return Place(column=Contact.addresses[0][name.partition(".")[2]].astext)
    if name == "name":
        return Place(column=spoken_name())
    return column_place(Contact, name, kind)


def _points(point: Any, kind: PointKind) -> tuple[Any, ...]:
    return point.contact_id == Contact.id, point.kind == kind


def spoken_name() -> Column:
    """As `Contact.name` has it: the first way to reach somebody without a name."""
    point: Any = aliased(ContactPoint)
    spoken = func.concat_ws(
        " ", func.nullif(Contact.first_name, ""), func.nullif(Contact.last_name, "")
    )
    first = (
        select(point.value)
        .where(point.contact_id == Contact.id)
        .order_by(point.kind, point.position)
        .limit(1)
        .scalar_subquery()
    )
    return type_coerce(func.coalesce(func.nullif(spoken, ""), first), Text())


RECORDS: Mapping[Held, Records] = {
    Held.CONTACT: Records(
        held=Held.CONTACT,
        model=Contact,
        values=lambda contact: values_of(Held.CONTACT, contact),
        name=spoken_name,
        place=_of_contact,
        scalar=_beside,
    ),
    Held.ACCOUNT: Records(
        held=Held.ACCOUNT,
        model=Account,
        values=lambda account: values_of(Held.ACCOUNT, account),
        name=lambda: type_coerce(Account.name, Text()),
        place=lambda name, kind: column_place(Account, name, kind),
    ),
}
