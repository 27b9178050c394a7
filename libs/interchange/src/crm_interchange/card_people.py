"""A card as the body of a contact."""

from collections.abc import Iterable
from typing import Any

from crm_interchange import days
from crm_interchange.cards import Property, parts, text_of
from crm_interchange.days import DayOrder
from crm_interchange.people import Draft, Nobody, add_point, draft_of, split_name

_LABELS = ("work", "home", "mobile", "cell", "fax", "pager", "main", "car", "other")
_ORDINARY = frozenset(
    {"voice", "internet", "pref", "text", "msg", "postal", "parcel", "intl", "x400"}
)
_PARTS = ("street", "city", "region", "postcode", "country")
_STREET = 2  # after the post box and what stands beside the street


def person_of(properties: Iterable[Property], *, this_year: int) -> Draft:
    """Return the contact a card means. Raises Nobody with the reason when it means none."""
    every = list(properties)
    labels = {
        each.group: text_of(each.value).removeprefix("_$!<").removesuffix(">!$_").lower()[:60]
        for each in every
        if each.name == "X-ABLABEL" and each.group
    }
    found: dict[str, Any] = {}
    for each in sorted(every, key=_rank):
        _take(found, each, labels.get(each.group), this_year)
    if found.pop("kind", "individual") not in {"individual", ""}:
        raise Nobody("a group or an organisation, not a person")
    if (name := found.pop("name", None)) and not (
        found.get("first_name") or found.get("last_name")
    ):
        if name == found.get("company"):
            raise Nobody("an organisation, not a person")
        found |= split_name(name)
    return draft_of(found)


def _rank(each: Property) -> tuple[int, int]:
    """What is preferred comes first, else the order of the card stays."""
    preference = each.parameters.get("PREF", "")
    if preference.isdigit():
        return (0, int(preference))
    return (0, 1) if "pref" in each.types else (1, 0)


def _take(found: dict[str, Any], each: Property, label: str | None, this_year: int) -> None:
    value = text_of(each.value)
    if not value:
        return
    match each.name:
        case "N":
            _take_name(found, each.value)
        case "EMAIL":
            _point(found, "emails", value.removeprefix("mailto:"), label or _label(each))
        case "TEL":
            number = value.removeprefix("tel:").partition(";")[0]
            _point(found, "phones", number, label or _label(each))
        case "ADR":
            _take_address(found, each, label or _label(each))
        case "ORG":
            company, _, department = value.partition(";")
            named = [text_of(part) for part in parts(each.value)]
            found.setdefault("company", named[0] or company or department)
            if len(named) > 1 and named[1]:
                found.setdefault("department", named[1])
        case "BDAY":
            is_text = each.parameters.get("VALUE", "").lower() == "text"
            day = None if is_text else days.birthday(value, DayOrder.DAY_FIRST, this_year=this_year)
            found |= {"birthday": day} if day else {}
        case _:
            _take_other(found, each, value)


def _take_other(found: dict[str, Any], each: Property, value: str) -> None:
    match each.name:
        case "FN":
            found.setdefault("name", value)
        case "TITLE":
            found.setdefault("job_title", value)
        case "UID":
            found.setdefault("external_id", value.removeprefix("urn:uuid:"))
        case "KIND" | "X-ADDRESSBOOKSERVER-KIND":
            found["kind"] = value.lower()
        case "X-ABSHOWAS" if value.lower() == "company":
            found["kind"] = "organisation"
        case "CATEGORIES":
            words = (text_of(part) for part in parts(each.value, ","))
            found.setdefault("tags", []).extend(word[:60] for word in words if word)
        case "LANG":
            found.setdefault("language", value)


def _take_name(found: dict[str, Any], value: str) -> None:
    last, first, middle, *_ = [*(" ".join(part.split()) for part in parts(value)), "", "", ""]
    if not (found.get("first_name") or found.get("last_name")) and (first or last):
        found["first_name"] = " ".join(filter(None, (first, middle))) or None
        found["last_name"] = last or None


def _take_address(found: dict[str, Any], each: Property, label: str | None) -> None:
    given = [part.strip() for part in parts(each.value)]
    box, beside, *rest = [*given, "", ""]
    place = {name: part for name, part in zip(_PARTS, rest, strict=False) if part}
    extra = ", ".join(filter(None, (box, beside)))
    if extra:
        place["street"] = ", ".join(filter(None, (place.get("street"), extra)))
    if place:
        places = found.setdefault("places", {})
        name = label or "main"
        while name in places:
            name += " 2"
        places[name] = place


def _point(found: dict[str, Any], kind: str, value: str, label: str | None) -> None:
    if value.strip():
        add_point(found.setdefault(kind, []), value.strip(), label)


def _label(each: Property) -> str | None:
    found = next((name for name in _LABELS if name in each.types), None)
    if found is None:
        own = sorted(each.types - _ORDINARY)
        return own[0].removeprefix("x-")[:60] if own else None
    return "mobile" if found == "cell" else found
