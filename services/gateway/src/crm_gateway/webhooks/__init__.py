"""Facts sent to whoever asked for them: kept, gathered, sent, sent again."""

from crm_gateway.webhooks.gathering import Desk, gather
from crm_gateway.webhooks.keeping import (
    ArchiveWebhook,
    ChangeWebhook,
    CreateWebhook,
    RotateSecret,
    archive_webhook,
    change_webhook,
    create_webhook,
    restore_webhook,
    rotate_secret,
)
from crm_gateway.webhooks.replaying import Replay, ask_again, begin_replay, replay, send_test
from crm_gateway.webhooks.sending import Sender, keep_house

__all__ = [
    "ArchiveWebhook",
    "ChangeWebhook",
    "CreateWebhook",
    "Desk",
    "Replay",
    "RotateSecret",
    "Sender",
    "archive_webhook",
    "ask_again",
    "begin_replay",
    "change_webhook",
    "create_webhook",
    "gather",
    "keep_house",
    "replay",
    "restore_webhook",
    "rotate_secret",
    "send_test",
]
