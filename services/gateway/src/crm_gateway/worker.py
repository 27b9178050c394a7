"""What the gateway does in the background: it tells people what concerns them, and webhooks."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import listen
from crm_chassis.records import Peers
from crm_contracts import contacts, gateway, sales, support
from crm_gateway import notifications, webhooks
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

    @listen.to(contacts.NoteAdded)
    def on_note_added(self, session: Session, fact: contacts.NoteAdded, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.NoteUpdated)
    def on_note_updated(self, session: Session, fact: contacts.NoteUpdated, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.TaskCreated)
    def on_task_created(self, session: Session, fact: contacts.TaskCreated, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.TaskAssigned)
    def on_task_assigned(
        self, session: Session, fact: contacts.TaskAssigned, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.TaskReminded)
    def on_task_reminded(
        self, session: Session, fact: contacts.TaskReminded, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.TaskOverdue)
    def on_task_overdue(self, session: Session, fact: contacts.TaskOverdue, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.ImportCompleted, bulk=True)
    def on_import_completed(
        self, session: Session, fact: contacts.ImportCompleted, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.ImportFailed, bulk=True)
    def on_import_failed(
        self, session: Session, fact: contacts.ImportFailed, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.ExportCompleted, bulk=True)
    def on_export_completed(
        self, session: Session, fact: contacts.ExportCompleted, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.ExportFailed, bulk=True)
    def on_export_failed(
        self, session: Session, fact: contacts.ExportFailed, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.JobFinished, bulk=True)
    def on_job_finished(self, session: Session, fact: contacts.JobFinished, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.MergeUpdated)
    def on_merge_updated(
        self, session: Session, fact: contacts.MergeUpdated, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(sales.DealCreated)
    def on_deal_created(self, session: Session, fact: sales.DealCreated, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(sales.DealUpdated)
    def on_deal_updated(self, session: Session, fact: sales.DealUpdated, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(sales.DealWon)
    def on_deal_won(self, session: Session, fact: sales.DealWon, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(sales.LeadCaptured)
    def on_lead_captured(self, session: Session, fact: sales.LeadCaptured, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(sales.LeadAssigned)
    def on_lead_assigned(self, session: Session, fact: sales.LeadAssigned, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(sales.LeadConversionRefused)
    def on_lead_conversion_refused(
        self, session: Session, fact: sales.LeadConversionRefused, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(support.TicketOpened)
    def on_ticket_opened(self, session: Session, fact: support.TicketOpened, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(support.TicketAssigned)
    def on_ticket_assigned(
        self, session: Session, fact: support.TicketAssigned, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(support.TicketCustomerReplied)
    def on_ticket_customer_replied(
        self, session: Session, fact: support.TicketCustomerReplied, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(support.SlaBreached)
    def on_sla_breached(self, session: Session, fact: support.SlaBreached, now: datetime) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(gateway.WebhookUpdated)
    def on_webhook_updated(
        self, session: Session, fact: gateway.WebhookUpdated, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

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
