"""E-mail addresses and telephone numbers as they are compared."""

from contextlib import suppress

# Mail hosts whose domain says nothing about a person's organisation.
FREE_MAIL = frozenset(
    {
        *("aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.de", "gmx.net", "googlemail.com"),
        *("hotmail.com", "icloud.com", "live.com", "mail.com", "mail.ru", "me.com", "msn.com"),
        *("orange.fr", "outlook.com", "proton.me", "protonmail.com", "qq.com", "t-online.de"),
        *("web.de", "yahoo.com", "yandex.ru", "zoho.com"),
    }
)
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_DIGITS_COMPARED = 9


def strong_email(address: str) -> str:
    """Return an address in its one spelling: lower case, its domain in ASCII where it has one."""
    local, _, domain = address.strip().lower().rpartition("@")
    with suppress(UnicodeError):  # no domain that a mail could reach, but still the same or not
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def weak_email(address: str) -> str:
    """Return what stays of an address without its `+tag`, and without dots where they mean nothing.

    Two people may share it only by an odd chance, so it is weaker than the address itself.
    """
    local, _, domain = strong_email(address).rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def corporate_domain(address: str) -> str:
    """Return the domain of an organisation's address; empty for those that everybody may have."""
    domain = strong_email(address).rpartition("@")[2]
    return "" if domain in FREE_MAIL else domain


def digits(number: str) -> str:
    """Return the digits of a telephone number."""
    return "".join(each for each in number if each.isdigit())


def phone_ending(number: str) -> str:
    """Return the last nine digits: the same with and without a country's prefix."""
    return digits(number)[-_DIGITS_COMPARED:]
