"""Mails to people of the house: put into a queue by a transaction, sent once by `work`."""

from crm_gateway.mails.queue import Letter, put, send_again, withdraw
from crm_gateway.mails.sending import Sender, doubt_what_was_due, keep_house
from crm_gateway.mails.writing import paragraphs

__all__ = [
    "Letter",
    "Sender",
    "doubt_what_was_due",
    "keep_house",
    "paragraphs",
    "put",
    "send_again",
    "withdraw",
]
