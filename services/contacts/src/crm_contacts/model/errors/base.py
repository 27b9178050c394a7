"""What everything refused by contacts has in common."""

from crm_chassis.problems import Refusal


class ContactsError(Refusal):
    """Contacts refuses."""
