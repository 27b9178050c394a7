"""Create segments, templates, campaigns, the send ledger and the copies marketing keeps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_chassis import db

revision = "202611220040"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
SPINE = (
    "outbox",
    "relay_state",
    "record",
    "history",
    "history_value",
    "inbox",
    "parked",
    "registration",
    "watermark",
    "idempotency",
)
LISTED = ("segment", "template", "campaign", "enrollment", "message")


def upgrade() -> None:
    db.spine_upgrade(op, 1)
    _create_segments()
    _create_campaigns()
    _create_messages()
    _create_tallies()
    for table in LISTED:
        op.create_index(f"{table}_created_at", table, ["created_at", "id"])
    _create_copies()
    _create_marks()


def downgrade() -> None:
    for name in (
        "campaign_stale",
        "segment_stale",
        "contact_touched",
        "contact_stale",
        "ticket_copy",
        "deal_copy",
        "contact_copy",
        "campaign_tally",
        "segment_tally",
        "message",
        "enrollment",
        "campaign",
        "template",
        "segment_membership",
        "segment",
    ):
        op.drop_table(name)
    op.execute("drop function note_contacts()")
    for name in SPINE:
        op.drop_table(name)
    op.execute("drop function outbox_partitions(date)")


def _create_segments() -> None:
    op.create_table(
        "segment",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("predicate", postgresql.JSONB()),
        sa.Column("evaluated_to", sa.Uuid()),
        sa.Column("evaluated_at", MOMENT),
        sa.CheckConstraint("(type = 'dynamic') = (predicate is not null)", name="segment_type"),
    )
    op.create_table(
        "segment_membership",
        *db.aggregate_columns(),
        sa.Column("segment_id", sa.Uuid(), sa.ForeignKey("segment.id"), nullable=False),
        sa.Column("segment_name", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("segment_id", "contact_id", name="segment_membership_once"),
    )
    op.create_index("segment_membership_contact", "segment_membership", ["contact_id"])
    op.create_index(
        "segment_membership_current",
        "segment_membership",
        ["segment_id", "entered_at", "id"],
        postgresql_where=sa.text("left_at is null"),
    )


def _create_campaigns() -> None:
    texts = ("subject", "body_text", "body_html")
    op.create_table(
        "template",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=name == "body_html") for name in texts),
    )
    op.create_table(
        "campaign",
        *db.aggregate_columns(),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), sa.ForeignKey("segment.id")),
        sa.Column("template_id", sa.Uuid(), sa.ForeignKey("template.id")),
        *(sa.Column(name, sa.Text()) for name in texts),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("origin_key", sa.Text()),
        sa.Column("started_at", MOMENT),
        sa.Column("completed_at", MOMENT),
        sa.Column("enrolling", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status in ('draft', 'active', 'paused', 'done')", name="campaign_status"
        ),
    )
    op.create_index("campaign_origin_key", "campaign", ["origin_key"], unique=True)
    op.create_index(
        "campaign_active", "campaign", ["id"], postgresql_where=sa.text("status = 'active'")
    )
    op.create_table(
        "enrollment",
        *db.aggregate_columns(),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("campaign_name", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.UniqueConstraint("campaign_id", "contact_id", name="enrollment_once"),
    )
    op.create_index("enrollment_contact", "enrollment", ["contact_id"])


def _create_messages() -> None:
    op.create_table(
        "message",
        *db.aggregate_columns(),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("campaign_name", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("suppress_reason", sa.Text()),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("opened_at", MOMENT),
        sa.Column("clicked_at", MOMENT),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Uuid()),
        sa.Column("claimed_at", MOMENT),
        sa.Column("failure", sa.Text()),
        sa.UniqueConstraint("idempotency_key", name="message_idempotency_key"),
        sa.CheckConstraint(
            "status in ('queued', 'sending', 'sent', 'unsure', 'failed', 'suppressed')",
            name="message_status",
        ),
        sa.CheckConstraint(
            "(status = 'suppressed') = (suppress_reason is not null)", name="message_suppressed"
        ),
    )
    op.create_index("message_contact", "message", ["contact_id"])
    op.create_index("message_campaign", "message", ["campaign_id", "status"])
    for status, columns in (("queued", ["due_at", "id"]), ("sending", ["id"])):
        op.create_index(
            f"message_{status}",
            "message",
            columns,
            postgresql_where=sa.text(f"status = '{status}'"),
        )


def _create_tallies() -> None:
    numbers = ("enrolled", "queued", "sent", "unsure", "failed", "suppressed", "opened", "clicked")
    for parent, counted in (("segment", ("size",)), ("campaign", numbers)):
        parent_id = sa.ForeignKey(f"{parent}.id", deferrable=True, initially="DEFERRED")
        op.create_table(
            f"{parent}_tally",
            *db.aggregate_columns(),
            sa.Column(f"{parent}_id", sa.Uuid(), parent_id, nullable=False, unique=True),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in counted),
        )


def _create_copies() -> None:
    texts = ("name", "first_name", "last_name", "email", "deliverability")
    more = ("lifecycle", "language", "job_title", "source")
    op.create_table(
        "contact_copy",
        *db.copy_columns(),
        *(sa.Column(name, sa.Text()) for name in (*texts, *more)),
        sa.Column("opted_out", sa.Boolean()),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("tags", postgresql.JSONB()),
        sa.Column("created_at", MOMENT),
    )
    for table, contact in (("deal_copy", "primary_contact_id"), ("ticket_copy", "requester_id")):
        op.create_table(
            table,
            *db.copy_columns(),
            sa.Column("status", sa.Text()),
            sa.Column(contact, sa.Uuid()),
        )
        op.create_index(f"{table}_contact", table, [contact])


def _create_marks() -> None:
    for table in ("contact_stale", "segment_stale", "campaign_stale"):
        op.create_table(
            table,
            sa.Column("id", sa.Uuid(), primary_key=True),
            sa.Column("at", MOMENT, nullable=False),
        )
    # Only ever appended to, so that folding two copies at once cannot wait for one another.
    op.create_table(
        "contact_touched",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
    )
    op.execute(NOTE_CONTACTS)
    for table, contact in (("deal_copy", "primary_contact_id"), ("ticket_copy", "requester_id")):
        op.execute(
            f"create trigger note_contacts after insert or update or delete on {table} "
            f"for each row execute function note_contacts('{contact}')"
        )


NOTE_CONTACTS = """
create function note_contacts() returns trigger language plpgsql as $$
begin
    insert into contact_touched (contact_id)
    select distinct contact_id
    from (values ((to_jsonb(old) ->> tg_argv[0])::uuid), ((to_jsonb(new) ->> tg_argv[0])::uuid))
         as named(contact_id)
    where contact_id is not null;
    return null;
end $$
"""
