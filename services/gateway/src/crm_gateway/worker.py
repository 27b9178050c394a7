"""What the gateway does in the background: webhooks, mails; nothing is reacted to yet."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import listen
from crm_chassis.records import Peers
from crm_chassis.smtp import MailServer
from crm_gateway import identity, mails, webhooks
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
    mailer: mails.Sender | None = None

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

    @listen.every(seconds=1)
    def send_mails(self, sessions: sessionmaker[Session], now: datetime) -> None:
        del now
        if mailer := self._mailer():
            fault = mailer.run(sessions, stopping=lambda: self.runtime.stopping)
            self.runtime.note("mail", fault)

    @listen.every(seconds=1)
    def answer_those_who_forgot(self, sessions: sessionmaker[Session], now: datetime) -> None:
        if self.settings.smtp_url:
            settings = self.settings
            desk = identity.Desk(
                sealer=Sealer(settings.sealing_keys), url=settings.public_url, sends=True
            )
            identity.answer_those_who_asked(sessions, desk, now=now)

    @listen.every(seconds=60)
    def keep_mails(self, sessions: sessionmaker[Session], now: datetime) -> None:
        mails.keep_house(sessions, now=now)

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

    def _mailer(self) -> mails.Sender | None:
        settings = self.settings
        if Worker.mailer is None and settings.smtp_url and settings.mail_from:
            server = MailServer(settings.smtp_url, settings.mail_from)
            Worker.mailer = mails.Sender(server, Sealer(settings.sealing_keys))
        return Worker.mailer
