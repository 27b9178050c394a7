"""Mail on its way in: listened for by SMTP and LMTP, fetched by IMAP, handed to the platform."""

from crm_client.mail_in.handing import Handing, Taken, Trouble
from crm_client.mail_in.listening import Listener
from crm_client.mail_in.mailboxes import Mailbox, Mailboxes, MailboxWrong

__all__ = ["Handing", "Listener", "Mailbox", "MailboxWrong", "Mailboxes", "Taken", "Trouble"]
