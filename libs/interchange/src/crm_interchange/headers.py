"""What the usual exports call things: HubSpot, Salesforce, Google Contacts, Outlook, our own.

A header is compared in lower case, everything but letters and digits taken as a space.
"""

import re

from crm_interchange.days import DayOrder

_PARTS = re.compile(r"[\W_]+")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Headers only one system writes; the first that has most of them is the one.
SIGNS: dict[str, frozenset[str]] = {
    "rapport": frozenset({"rapport id", "rapport source", "rapport tags"}),
    "outlook": frozenset({"e mail address", "e mail 2 address", "e mail display name", "categories",
                          "business phone", "business street", "given yomi", "web page"}),
    "google": frozenset({"e mail 1 value", "given name", "family name", "labels", "file as",
                         "group membership", "organization 1 name", "organization name",
                         "phone 1 value", "phonetic first name"}),
    "hubspot": frozenset({"record id", "contact owner", "lifecycle stage", "associated company",
                          "lead status", "marketing contact status", "original source",
                          "associated company ids", "additional email addresses",
                          "hs object id", "create date"}),
    "salesforce": frozenset({"account name", "mailing street", "contact id", "account id",
                             "mailing city", "lead source", "birthdate", "asst phone", "salutation",
                             "reports to", "do not call", "last activity", "mobile phone"}),
}  # fmt: skip
CUSTOM = "Custom: "  # before the deployment's own fields in files of ours
_AMERICAN = frozenset({"outlook", "salesforce"})

# Header -> field; `emails.work` is an address with the label `work`.
FIELDS: dict[str, str] = {
    **dict.fromkeys(("first name", "given name", "firstname", "vorname", "prénom"), "first_name"),
    **dict.fromkeys(("middle name", "additional name"), "middle_name"),
    **dict.fromkeys(("last name", "family name", "surname", "lastname", "nachname"), "last_name"),
    **dict.fromkeys(("name", "full name", "contact name", "display name", "file as"), "name"),
    **dict.fromkeys(("email", "e mail", "email address", "e mail address", "e mail adresse",
                     "e mail 2 address", "e mail 3 address", "additional email addresses",
                     "additional emails", "hs additional emails"), "emails"),
    **dict.fromkeys(("work email", "business email"), "emails.work"),
    **dict.fromkeys(("personal email", "home email", "private email"), "emails.home"),
    **dict.fromkeys(("other email", "secondary email"), "emails.other"),
    **dict.fromkeys(("phone", "phone number", "telephone", "primary phone", "telefon"), "phones"),
    **dict.fromkeys(("mobile", "mobile phone", "mobile phone number", "cell phone", "mobilephone",
                     "car phone"), "phones.mobile"),
    **dict.fromkeys(("business phone", "business phone 2", "work phone", "office phone",
                     "business phone number", "company phone"), "phones.work"),
    **dict.fromkeys(("home phone", "home phone 2", "home phone number"), "phones.home"),
    **dict.fromkeys(("other phone", "radio phone", "callback"), "phones.other"),
    **dict.fromkeys(("assistant phone", "asst phone", "assistant s phone"), "phones.assistant"),
    **dict.fromkeys(("company", "company name", "account name", "associated company",
                     "primary associated company", "associated company names", "organization name",
                     "organisation", "organization", "account", "firma"), "company"),
    **dict.fromkeys(("company domain name", "company domain", "email domain", "website url",
                     "website", "company website", "web page"), "domain"),
    **dict.fromkeys(("job title", "organization title", "position", "jobtitle"), "job_title"),
    **dict.fromkeys(("department", "organization department"), "department"),
    **dict.fromkeys(("birthday", "birthdate", "date of birth", "geburtstag"), "birthday"),
    **dict.fromkeys(("lifecycle stage", "lifecyclestage"), "lifecycle"),
    **dict.fromkeys(("labels", "group membership", "categories", "tags", "tag", "rapport tags"),
                    "tags"),
    **dict.fromkeys(("do not call",), "do_not_call"),
    **dict.fromkeys(("preferred language", "hs language"), "language"),
    **dict.fromkeys(("time zone",), "time_zone"),
    **dict.fromkeys(("record id", "hs object id", "contact id", "rapport id", "external id"),
                    "external_id"),
    **dict.fromkeys(("street address", "street", "address", "strasse", "straße"),
                    "address.main.street"),
    **dict.fromkeys(("city", "town", "ort", "stadt"), "address.main.city"),
    **dict.fromkeys(("state", "state region", "region", "province"), "address.main.region"),
    **dict.fromkeys(("postal code", "zip", "zip code", "postcode", "plz"), "address.main.postcode"),
    **dict.fromkeys(("country", "country region", "land"), "address.main.country"),
}  # fmt: skip

NUMBERED = (
    (re.compile(r"e mail \d+ value"), "emails"),
    (re.compile(r"phone \d+ value"), "phones"),
    (re.compile(r"organization 1 name"), "company"),
    (re.compile(r"organization 1 title"), "job_title"),
    (re.compile(r"organization 1 department"), "department"),
)
LABEL_OF = re.compile(r"((?:e mail|phone) \d+) (?:label|type)")
LISTS = frozenset({"emails", "phones"})
ADDRESS_PARTS = frozenset({"street", "city", "region", "postcode", "country"})
TARGETS = frozenset(FIELDS.values()) | LISTS
_PLACE = re.compile(
    r"(mailing|business|work|home|other|address \d+) "
    r"(street|city|state|state province|region|postal code|zip postal code|zip|country|country region)"
)
_PLACES = {"mailing": "main", "address 1": "main", "business": "work"}
_PARTS_OF_PLACE = {
    "street": "street", "city": "city", "state": "region", "state province": "region",
    "region": "region", "postal code": "postcode", "zip postal code": "postcode",
    "zip": "postcode", "country": "country", "country region": "country",
}  # fmt: skip


def plain(header: str) -> str:
    """Return a header in the spelling the tables above use."""
    spread = _WORD_STARTS.sub(" ", header.strip())
    return _PARTS.sub(" ", spread.casefold()).strip()


def system_of(headers: list[str]) -> str:
    """Return which system wrote these headers; `generic` when none of them stands out."""
    known = {plain(header) for header in headers}
    found = {system: len(signs & known) for system, signs in SIGNS.items()}
    best = max(found, key=lambda system: found[system])
    return best if found[best] else "generic"


def usual_days(system: str) -> DayOrder:
    """Return the order in which a system writes dates whose digits do not tell."""
    return DayOrder.MONTH_FIRST if system in _AMERICAN else DayOrder.DAY_FIRST


def field_of(header: str, system: str) -> str | None:
    """Return the field a header means, None when it is none of ours."""
    if header.startswith(CUSTOM):
        return f"custom.{header.removeprefix(CUSTOM)}"
    name = plain(header)
    if name == "title":  # Outlook's is the salutation, everybody else's the job
        return None if system == "outlook" else "job_title"
    if name == "id":  # what a data loader calls the record's own
        return "external_id" if system in {"salesforce", "hubspot"} else None
    for pattern, field in NUMBERED:
        if pattern.fullmatch(name):
            return field
    if match := _PLACE.fullmatch(name):
        return f"address.{_PLACES.get(match[1], match[1])}.{_PARTS_OF_PLACE[match[2]]}"
    return FIELDS.get(name)
