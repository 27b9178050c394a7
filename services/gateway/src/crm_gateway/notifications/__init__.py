"""People told of what concerns them: from facts, as they may see them, by the ways they like."""

from crm_gateway.model import News
from crm_gateway.notifications.mailing import Post, keep_house, mail
from crm_gateway.notifications.showing import Group, Item, groups_of, path_of, unread_of
from crm_gateway.notifications.telling import tell
from crm_gateway.notifications.wishing import Wish, preference_of, wish

KINDS = tuple(News)

__all__ = [
    "KINDS",
    "Group",
    "Item",
    "Post",
    "Wish",
    "groups_of",
    "keep_house",
    "mail",
    "path_of",
    "preference_of",
    "tell",
    "unread_of",
    "wish",
]
