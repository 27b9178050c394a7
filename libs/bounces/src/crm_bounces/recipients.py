"""Which addresses a notice is about, and what it says of each."""

import re
from collections.abc import Iterator

from crm_bounces.mail import Mail

# Whole or not at all (?>…): a pattern that goes on behind it must not be satisfied with a part.
_ADDRESS = r"(?>[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]+)"
ADDRESS = re.compile(_ADDRESS)
_ROBOTS = re.compile(
    r"^(mailer-?daemon|postmaster|mail-?daemon|abuse|noreply|no-reply|nobody|hostmaster|webmaster"
    r"|support|help(desk)?)@",
    re.IGNORECASE,
)
_NAMED = (
    # a line that is an address, perhaps with a bullet before it or a reason behind it
    (
        rf"^[ \t>*-]*(?:\d+[.)] ?)?(?:\"[^\"\n]*\"[ \t]*)?[<\[]?\"?(?:smtp:|rfc822;)?({_ADDRESS})\"?[>\]]?"
        r"[ \t]*(?:[:;,.(\[<-].*|\.\.\..*| on \w{3}, .*)?$"
    ),
    # a line with a label
    (
        r"^[ \t]*(?:intended |failed |original )?(?:recipients?|rcpt|addressee|user|e-?mail|address"
        rf"|受信者|宛先|failed)(?: address)?[ \t]*[:=][ \t]*(?:[^<\n@]*<)?\"?\[?({_ADDRESS})"
    ),
    rf"rcpt to:[ \t]*<?({_ADDRESS})",
    # an address in a sentence
    (
        r"\b(?:unknown user|user unknown|delivery to|deliver(?:ed|y)?(?: \S+){0,6} to|sent to|reach"
        r"|recipients?(?: was| is| address)?|mailbox for|message to|mail to|mail for|address(?:ed to)?"
        r"|user(?:id)?|account|destinataire|empf[aä]nger|delivre a)"
        rf"[ \t\n:]*[\"'<\[(]*(?<![A-Za-z0-9])({_ADDRESS})"
    ),
    rf"^.{{0,60}}?<({_ADDRESS})>",
    rf"\b({_ADDRESS})\b",
)
_CERTAIN = 3  # so many of these name nobody but a recipient
_PATTERNS = tuple(re.compile(each, re.IGNORECASE | re.MULTILINE) for each in _NAMED)
_REPLY = re.compile(r"\b([45]\d\d)[ -](?!\d{3}-\d)")  # nor the beginning of a telephone number
STATUS = re.compile(r"(?<![\d.])([245]\.\d\.\d{1,3})(?![\d.])")


def of_reports(mail: Mail) -> Iterator[tuple[str, dict[str, str]]]:
    """Each report with the address it is about, the one we wrote to where it differs."""
    for report in mail.reports:
        for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
            if found := ADDRESS.search(
                report.get(name, "").partition(";")[2] or report.get(name, "")
            ):
                yield normal(found[0]), report
                break
        else:
            yield "", report


def in_text(mail: Mail) -> list[str]:
    """Addresses a notice names as failed, in order; those of the returned mail if it names none."""
    if found := [normal(each) for each in ADDRESS.findall(mail.header("x-failed-recipients"))]:
        return found
    own = {normal(each) for each in _own(mail)}
    writer = {normal(each) for each in ADDRESS.findall(mail.header("from"))}
    for place, pattern in enumerate(_PATTERNS):
        found = [normal(each) for each in pattern.findall(mail.notice)]
        unlikely = own if place >= _CERTAIN else writer
        if kept := [each for each in found if each not in unlikely and not _ROBOTS.match(each)]:
            return list(dict.fromkeys(kept))
    returned = mail.returned.get("to", "") or mail.returned.get("x-original-to", "")
    kept = [normal(each) for each in ADDRESS.findall(returned)]
    return list(dict.fromkeys(each for each in kept if each not in own))


def are_named(mail: Mail) -> bool:
    """Whether the notice names somebody in the way that mail systems do."""
    writer = {normal(each) for each in ADDRESS.findall(mail.header("from"))}
    found = (each for pattern in _PATTERNS[:_CERTAIN] for each in pattern.findall(mail.notice))
    return any(normal(each) not in writer for each in found)


def about(address: str, notice: str, others: list[str]) -> str:
    """The part of a notice about an address: from where it is named to where another is."""
    folded = notice.lower()
    start = folded.find(address)
    if start < 0 or not others:
        return notice
    starts = [place for other in others if (place := folded.find(other, start + 1)) > start]
    return notice[start : min(starts, default=len(notice))]


def status_in(text: str) -> str:
    """The last enhanced status code a text names: the one closest to the cause."""
    found = [each for each in STATUS.findall(text) if not each.startswith("2")]
    return found[-1] if found else ""


def reply_in(text: str) -> str:
    """The last SMTP reply code a text names."""
    found = _REPLY.findall(text)
    return found[-1] if found else ""


def normal(address: str) -> str:
    """An address without what surrounds it in a text."""
    return address.strip("<>\"'.,;:()[]").lower()


def _own(mail: Mail) -> Iterator[str]:
    """Addresses of whoever got this notice and whoever wrote it."""
    for name in ("to", "from", "reply-to", "return-path", "delivered-to", "errors-to", "sender"):
        yield from ADDRESS.findall(mail.header(name))
    for name in ("from", "return-path", "sender", "reply-to", "message-id", "errors-to"):
        yield from ADDRESS.findall(mail.returned.get(name, ""))
