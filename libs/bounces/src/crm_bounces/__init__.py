"""What a mail says about mail that could not be delivered. Pure: no network, no clock."""

from crm_bounces.reasons import Class, Reason
from crm_bounces.verdict import Recipient, Verdict, classify

__all__ = ["Class", "Reason", "Recipient", "Verdict", "classify"]
