"""The verdict on one mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm_bounces import mail as mails
from crm_bounces import quotes, recipients, signs
from crm_bounces.mail import Mail
from crm_bounces.reasons import (
    Class,
    Reason,
    before_recipient,
    class_of,
    is_clear,
    of_stage,
    reason_of,
)

_DELIVERED = frozenset({"delivered", "relayed", "expanded"})
_PENDING = re.compile(r"delay|still|retr(y|ied)|continue|keep trying|not yet|no need to|warning")
_SEVERITY = (Class.HARD, Class.POLICY, Class.SOFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What became of the mail to one address; `code` is an enhanced status code, else SMTP's."""

    address: str
    bounce_class: Class
    reason: Reason
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a mail says: nothing to us, or who could not be reached and why.

    `is_complaint`: it is a feedback report, whose `recipients` complained.
    """

    recipients: tuple[Recipient, ...] = ()
    is_complaint: bool = False

    @property
    def is_bounce(self) -> bool:
        """Whether some mail was not delivered, or not yet."""
        return bool(self.recipients) and not self.is_complaint

    @property
    def bounce_class(self) -> Class:
        """The gravest class of its recipients."""
        found = {each.bounce_class for each in self.recipients} if self.is_bounce else set()
        return next((each for each in _SEVERITY if each in found), Class.NONE)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses that could not be reached, in order; those unknown left out."""
        return tuple(dict.fromkeys(each.address for each in self.recipients if each.address))

    @property
    def code(self) -> str:
        """The code of the gravest recipient."""
        wanted = self.bounce_class
        return next((each.code for each in self.recipients if each.bounce_class is wanted), "")


def classify(content: bytes) -> Verdict:
    """Judge one mail, whatever its bytes: raises nothing.

    Mails within mails deeper than the parser can follow are nobody's bounce.
    """
    try:
        return _verdict(content)
    except RecursionError:
        return Verdict()


def _verdict(content: bytes) -> Verdict:
    mail = mails.read(content)
    if signs.is_complaint(mail):
        return Verdict(is_complaint=True, recipients=tuple(_complained(mail)))
    if not (signs.is_bounce(mail) and _has_a_subject(mail)):
        inner = mails.returned_whole(content) if signs.is_from_system(mail) else None
        return _verdict(inner) if inner is not None else Verdict()
    if mail.reports:
        reported = list(_reported(mail))
        if reported or all(_action(each) in _DELIVERED for each in mail.reports):
            return Verdict(recipients=tuple(reported))
    elif not recipients.are_named(mail) and (inner := mails.returned_whole(content)):
        passed_on = _verdict(inner)  # a notice about a notice: the first one knows more
        if passed_on.is_bounce:
            return passed_on
    told = tuple(_told(mail))
    return Verdict(recipients=told) if _is_about_mail(mail, told) else Verdict()


def _is_about_mail(mail: Mail, told: tuple[Recipient, ...]) -> bool:
    """Whether it names somebody or a code, or returns the mail: what only sounds so does not."""
    is_named = any(each.address or each.code for each in told)
    return is_named or bool(mail.returned) or not signs.is_from_system_alone(mail)


def _has_a_subject(mail: Mail) -> bool:
    """Whether it is about somebody: what a person writes about bounces is not."""
    return signs.is_by_system(mail) or bool(mail.returned) or recipients.are_named(mail)


def _reported(mail: Mail) -> Iterator[Recipient]:
    several = len(mail.reports) > 1
    for address, report in recipients.of_reports(mail):
        action = _action(report)
        if action in _DELIVERED:
            continue
        said = _words(report)
        others = [each for each, _ in recipients.of_reports(mail) if each and each != address]
        told = recipients.about(address, mail.notice, others) if several else mail.notice
        known = address or next(iter(recipients.in_text(mail)), "")
        yield _judged(known, said, told, report.get("status", ""), is_delay=action == "delayed")


def _words(report: dict[str, str]) -> str:
    """The other side's words: what follows the kind of the code, and what X.400 adds."""
    code = report.get("diagnostic-code", "")
    kind, semicolon, words = code.partition(";")
    said = words if semicolon and " " not in kind.strip() else code
    return f"{said} {report.get('x400-supplementary-info', '')}".strip()


def _told(mail: Mail) -> Iterator[Recipient]:
    addresses = recipients.in_text(mail)
    for address in addresses or [""]:
        others = [each for each in addresses if each != address]
        told = recipients.about(address, mail.notice, others)
        found = _judged(address, "", told, recipients.status_in(told), is_delay=_is_warning(mail))
        if found.reason is Reason.UNCLEAR and told != mail.notice:
            found = _judged(address, "", mail.notice, found.code)
        yield found


def _judged(
    address: str, said: str, told: str, status: str, *, is_delay: bool = False
) -> Recipient:
    """`said` is the other side's own words, `told` what the notice makes of them."""
    found = recipients.STATUS.search(status)
    stated = found[1] if found else ""
    exact = recipients.status_in(said) or stated
    status = exact if stated.endswith(".0.0") or not stated else stated
    said = said or quotes.answers_in(told)
    reason = reason_of(said if is_clear(said) else f"{said}\n{quotes.telling(told)}", status)
    if quotes.is_before_recipient(f"{said}\n{told}"):
        reason = before_recipient(reason)
    if reason is Reason.UNCLEAR:
        reason = of_stage(
            recipients.reply_in(said),
            is_at_recipient=quotes.is_at_recipient(told),
            is_at_content=quotes.is_at_content(told),
        )
    if is_delay and class_of(reason) is not Class.POLICY and reason is not Reason.FULL:
        reason = Reason.EXPIRED
    code = status or recipients.reply_in(said) or recipients.reply_in(told)
    return Recipient(address=address, bounce_class=class_of(reason), reason=reason, code=code)


def _is_warning(mail: Mail) -> bool:
    subject, notice = mail.header("subject").lower(), mail.notice.lower()
    return ("warning" in subject or "delay" in subject) and bool(_PENDING.search(notice))


def _action(report: dict[str, str]) -> str:
    return report.get("action", "").lower().split(" ")[0].strip("()")


def _complained(mail: Mail) -> Iterator[Recipient]:
    own = mail.returned.get("to", "")
    for address in recipients.ADDRESS.findall(own)[:1]:
        yield Recipient(
            address=recipients.normal(address),
            bounce_class=Class.NONE,
            reason=Reason.SPAM,
            code="",
        )
