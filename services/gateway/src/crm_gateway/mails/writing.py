"""Writing a mail out, and the plain HTML that goes with plain text."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from markupsafe import escape

from crm_gateway.model.mail import Mail

_SEVEN_BIT = SMTP.clone(cte_type="7bit")
_HOUSE = "Rapport"


class Undeliverable(Exception):
    """The mail cannot even be written: its address is none."""


def compose(mail: Mail, said: dict[str, Any], mail_from: str, *, now: datetime) -> bytes:
    """Return the mail as it goes over the wire. Raises Undeliverable."""
    written = EmailMessage(policy=_SEVEN_BIT)
    try:
        written["From"] = Address(_HOUSE, addr_spec=mail_from)
        written["To"] = Address(addr_spec=mail.address)
        written["Subject"] = mail.subject
        written["Date"] = format_datetime(now)
        written["Message-ID"] = f"<{mail.id}@{mail_from.rpartition('@')[2]}>"
        written["Auto-Submitted"] = "auto-generated"
        if said["unsubscribe"]:
            written["List-Unsubscribe"] = f"<{said['unsubscribe']}>"
        written.set_content(said["text"])
        if said["html"]:
            written.add_alternative(said["html"], subtype="html")
        return written.as_bytes()
    except (ValueError, IndexError, TypeError) as error:
        raise Undeliverable(str(error)) from error


def paragraphs(*texts: str, link: tuple[str, str] | None = None) -> tuple[str, str]:
    """Return paragraphs as plain text and as HTML; `link`: (what it does, address), below them."""
    plain = [*texts, *([f"{link[0]}:\n{link[1]}"] if link else [])]
    html = [f"<p>{escape(each)}</p>" for each in texts]
    if link:
        html.append(f'<p><a href="{escape(link[1])}">{escape(link[0])}</a></p>')
    return "\n\n".join(plain) + "\n", "".join(html)
