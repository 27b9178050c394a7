"""The one spelling of e-mail addresses and telephone numbers."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm_fields.types import FieldType

_FEWEST_DIGITS = 3
_PLAIN_EMAIL = re.compile(r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([a-z0-9.-]+)")
_LONGEST_EMAIL, _LONGEST_LOCAL = 254, 64


def email_address(text: str) -> str:
    """The address in lower case, its domain in Unicode. Raises ValueError with the reason."""
    bare = text.strip().lower()
    match = _PLAIN_EMAIL.fullmatch(bare)
    is_short = len(bare) <= _LONGEST_EMAIL
    if match and is_short and len(match[1]) <= _LONGEST_LOCAL and _is_plain_domain(match[2]):
        return bare
    return _judged_email(text)


@lru_cache(maxsize=16_384)
def _is_plain_domain(domain: str) -> bool:
    """Whether addresses at this domain are what they seem: most of many have the same few."""
    try:
        return _judged_email(f"a@{domain}") == f"a@{domain}"
    except ValueError:
        return False


def _judged_email(text: str) -> str:
    try:
        found = validate_email(
            text.strip(),
            check_deliverability=False,
            test_environment=True,  # lets `.test` through: sample companies live there
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return found.normalized.lower()


def phone_number(text: str) -> str:
    """E.164 where the number names its country, else its digits. Raises ValueError."""
    wanted = "+" + text.strip()[2:] if text.strip().startswith("00") else text.strip()
    try:
        number = phonenumbers.parse(wanted, None)
    except phonenumbers.NumberParseException:
        digits = "".join(each for each in wanted if each.isdigit())
        if len(digits) < _FEWEST_DIGITS:
            message = "Not a telephone number."
            raise ValueError(message) from None
        return digits
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


SPELLING: Mapping[FieldType, Callable[[str], str]] = {
    FieldType.EMAIL: email_address,
    FieldType.PHONE: phone_number,
}
