"""What the gateway does in the background: webhooks; nothing is reacted to yet."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import listen
from crm_chassis.records import Peers
from crm_gateway import webhooks
from crm_gateway.clients.outgoing import Outgoing
from crm_gateway.model import Sealer
from crm_gateway.settings import Settings


class Worker:
    """The gateway's reactions and timers."""

    name = "gateway"
    runtime: Any = None
    settings: Settings
    sender: webhooks.Sender | None = None
    peers: Peers | None = None

    @listen.every(seconds=1)
    def gather_facts(self, sessions: sessionmaker[Session], now: datetime) -> None:
        webhooks.gather(webhooks.Desk(sessions, self._peers()), now=now)

    @listen.every(seconds=1)
    def send_facts(self, sessions: sessionmaker[Session], now: datetime) -> None:
        del now
        self._sender().run(sessions, stopping=lambda: self.runtime.stopping)

    @listen.every(seconds=2)
    def replay_facts(self, sessions: sessionmaker[Session], now: datetime) -> None:
        webhooks.replay(webhooks.Desk(sessions, self._peers()), now=now)

    @listen.every(seconds=60)
    def keep_deliveries(self, sessions: sessionmaker[Session], now: datetime) -> None:
        webhooks.keep_house(sessions, now=now)

    def _peers(self) -> Peers:
        """The process's way to the services: nameko makes a worker for each call."""
        if Worker.peers is None:
            deployment = self.settings.deployment
            Worker.peers = Peers(deployment.peers, ops_token=deployment.ops_token)
        return Worker.peers

    def _sender(self) -> webhooks.Sender:
        if Worker.sender is None:
            settings = self.settings
            Worker.sender = webhooks.Sender(
                Outgoing(settings.outgoing_allowed), Sealer(settings.sealing_keys)
            )
        return Worker.sender
