"""Writing a campaign's mails, ready to be handed to the mail server."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from crm_chassis.smtp import MailServer
from crm_marketing.model.message import Addressee
from crm_marketing.model.rendering import Content

_SEVEN_BIT = SMTP.clone(cte_type="7bit")


class Undeliverable(Exception):
    """The mail cannot even be written: its address is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail ready to be handed over."""

    message_id: UUID
    to: str
    subject: str
    body: bytes


class Post(MailServer):
    """The mail server of campaigns, and how their mails are written."""

    def compose(
        self, message_id: UUID, key: str, to: Addressee, content: Content, *, now: datetime,
        unsubscription: str | None = None,
    ) -> Mail:  # fmt: skip
        """Write the mail; `unsubscription` is offered to mail programs. Raises Undeliverable."""
        mail = EmailMessage(policy=_SEVEN_BIT)
        try:
            mail["From"] = self.mail_from
            mail["To"] = Address(to.name or "", addr_spec=to.email)
            mail["Subject"] = content.subject
            mail["Date"] = format_datetime(now)
            mail["Message-ID"] = f"<{key}@{self.mail_from.rpartition('@')[2]}>"
            mail["X-CRM-Message"] = str(message_id)
            if unsubscription is not None:  # RFC 8058: with one click, without a page
                mail["List-Unsubscribe"] = f"<{unsubscription}>"
                mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            mail.set_content(content.body_text)
            if content.body_html:
                mail.add_alternative(content.body_html, subtype="html")
            body = mail.as_bytes()
        except (ValueError, IndexError, TypeError) as error:
            raise Undeliverable(str(error)) from error
        return Mail(message_id=message_id, to=to.email or "", subject=content.subject, body=body)
