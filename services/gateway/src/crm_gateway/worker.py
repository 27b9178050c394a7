"""What the gateway does in the background: people are told what concerns them; webhooks, mails."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import listen
from crm_chassis.records import Peers
from crm_chassis.smtp import MailServer
from crm_contracts import contacts, gateway, sales, support
from crm_gateway import identity, mails, notifications, webhooks
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

    @listen.to(contacts.ContactAssigned)
    def on_contact_assigned(
        self, session: Session, fact: contacts.ContactAssigned, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.ContactLifecycleChanged)
    def on_contact_lifecycle_changed(
        self, session: Session, fact: contacts.ContactLifecycleChanged, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.AccountAssigned)
    def on_account_assigned(
        self, session: Session, fact: contacts.AccountAssigned, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

    @listen.to(contacts.AccountLifecycleChanged)
    def on_account_lifecycle_changed(
        self, session: Session, fact: contacts.AccountLifecycleChanged, now: datetime
    ) -> None:
        notifications.tell(session, fact, now=now)

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

    @listen.every(seconds=10)
    def mail_notifications(self, sessions: sessionmaker[Session], now: datetime) -> None:
        if self._mailer():
            url, keys = self.settings.public_url.rstrip("/"), self.settings.sealing_keys
            post = notifications.Post(public_url=url, sealer=Sealer(keys))
            notifications.mail(sessions, post, now=now)

    @listen.every(seconds=3600)
    def keep_notifications(self, sessions: sessionmaker[Session], now: datetime) -> None:
        notifications.keep_house(sessions, now=now)

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
