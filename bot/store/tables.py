"""The tables, declared once; alembic's migrations are proven equal to this by a test.

Every table carries the office, so that a large installation distributes by office. Moments are stored in UTC and come
back aware. The unique keys are what makes repeats harmless:

    inbound(office, channel, provider_key)   a webhook or mail seen twice is one row
    conversation(office, channel, address)   one citizen, one conversation
    identity(office, channel, address)       his other addresses lead to the same one
    consultation(conversation_id) where live never two open consultations
    consultation(number)                     and consultation_counter: per office and year, without gaps
    outbound(dedupe_key)                     a decision applied twice sends once
    deadline(subject, kind) where pending    one running clock of a kind
    notification(dedupe_key)                 staff are told once
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC. A naive one is an error, never a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


def _id() -> Column[Any]:
    return Column("id", Key, primary_key=True, autoincrement=True)


def _office() -> Column[Any]:
    return Column("office", String(8), nullable=False)


inbound = Table(
    "inbound",
    metadata,
    _id(),
    _office(),
    Column("channel", String(16), nullable=False),
    Column("kind", String(16), nullable=False),  # message | status | staff_mail
    Column("provider_key", String(200), nullable=False),
    Column("address", String(254), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("ready_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),  # new | done | quarantined
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
    Column("fields", Json, nullable=False),
    Column("raw", LargeBinary),
    UniqueConstraint("office", "channel", "provider_key"),
)
Index("ix_inbound_due", inbound.c.ready_at, sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'"))
Index(
    "ix_inbound_pending_address", inbound.c.office, inbound.c.channel, inbound.c.address,
    sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'"),
)  # fmt: skip
_ASIDE = text("state = 'quarantined'")
Index("ix_inbound_quarantined", inbound.c.office, sqlite_where=_ASIDE, postgresql_where=_ASIDE)

conversation = Table(
    "conversation",
    metadata,
    _id(),
    _office(),
    Column("channel", String(16), nullable=False),
    Column("address", String(254), nullable=False),
    Column("name", String(200)),
    Column("profile_name", String(200)),
    Column("language", String(2), nullable=False),
    Column("talk", Json, nullable=False),
    Column("topic", String(80)),
    Column("question", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("appointment", Json),
    Column("introduced", Boolean, nullable=False),
    Column("opted_out", Boolean, nullable=False),
    Column("survey_at", Moment),
    Column("last_heard_at", Moment),
    Column("window_until", Moment),
    Column("thread", Json, nullable=False),
    Column("erased_at", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("office", "channel", "address"),
)

identity = Table(
    "identity",  # another address of the same citizen: his number, where a business-scoped id came first
    metadata,
    Column("office", String(8), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("address", String(254), primary_key=True),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
)

consultation = Table(
    "consultation",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("number", String(24), nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("question", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("due_explanation", Text, nullable=False),
    Column("answered_at", Moment),
    Column("first_answered_at", Moment),
    Column("first_due_at", Moment),
    Column("readable_at", Moment),
    Column("reminded_at", Moment),
    Column("closes_at", Moment),
    Column("closed_at", Moment),
    Column("closed_reason", String(16)),
    Column("rating", Integer),
    Column("rating_refused", Boolean, nullable=False),
    Column("officer", String(200)),
    Column("undeliverable", Boolean, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("linked_to", String(24)),
    Column("version", Integer, nullable=False),
)
_LIVE = text("state <> 'closed'")
Index("uq_consultation_live", consultation.c.conversation_id, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)
Index("ix_consultation_conversation", consultation.c.conversation_id, consultation.c.opened_at)
Index(
    "ix_consultation_live_office", consultation.c.office, consultation.c.due_at, sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)  # fmt: skip
Index("ix_consultation_opened", consultation.c.office, consultation.c.opened_at)

consultation_counter = Table(
    "consultation_counter",
    metadata,
    Column("office", String(8), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

message = Table(
    "message",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("consultation_id", Key, ForeignKey("consultation.id")),
    Column("at", Moment, nullable=False),
    Column("author", String(16), nullable=False),  # citizen | bot | staff | note | machine
    Column("by", String(200)),
    Column("text", Text, nullable=False),
    Column("subject", String(400)),
    Column("attachments", Json, nullable=False),
    Column("doubt", String(20)),  # unverified: the sender of this mail may be forged
    Column("inbound_id", Key),
    Column("outbound_id", Key),
)
Index("ix_message_conversation", message.c.conversation_id, message.c.id)

outbound = Table(
    "outbound",
    metadata,
    _id(),
    Column("token", String(36), nullable=False, unique=True),  # ours, in callback addresses and Message-IDs
    _office(),
    Column("channel", String(16), nullable=False),
    Column("conversation_id", Key, ForeignKey("conversation.id")),
    Column("consultation_id", Key, ForeignKey("consultation.id")),
    Column("recipient", String(254), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("dedupe_key", String(120), nullable=False, unique=True),
    Column("content", Json, nullable=False),
    Column("state", String(16), nullable=False),  # pending sending sent held failed uncertain replaced
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempt_id", String(36)),
    Column("started_at", Moment),
    Column("sent_at", Moment),
    Column("provider_id", String(200)),
    Column("status_rank", Integer, nullable=False),
    Column("error", String(400)),
    Column("possibly_duplicate", Boolean, nullable=False),
    Column("asked_at", Moment),  # when the provider was last asked how far it has come
    Column("counted", Integer, nullable=False, server_default=text("0")),  # messages that it was at the provider
    Column("created_at", Moment, nullable=False),
)
_WAITING = text("state = 'pending'")
Index(
    "ix_outbound_pending", outbound.c.office, outbound.c.channel, outbound.c.not_before, sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)  # fmt: skip
Index("ix_outbound_state", outbound.c.state, outbound.c.id)  # whole: SQLite proves nothing about a partial one with IN
Index("ix_outbound_conversation", outbound.c.conversation_id, outbound.c.id)
Index("uq_outbound_provider", outbound.c.channel, outbound.c.provider_id, unique=True)
Index("ix_outbound_sent", outbound.c.office, outbound.c.channel, outbound.c.sent_at)

deadline = Table(
    "deadline",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("consultation_id", Key, ForeignKey("consultation.id")),
    Column("kind", String(16), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),  # pending | done | dropped
    Column("version", Integer, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("calendar_version", String(16), nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("ended_at", Moment),  # when it was dropped, and by which event
    Column("ended_by", String(40)),
)
_PENDING = text("state = 'pending'")
Index(
    "uq_deadline_pending", deadline.c.conversation_id, deadline.c.kind, unique=True, sqlite_where=_PENDING,
    postgresql_where=_PENDING,
)  # fmt: skip
Index("ix_deadline_due", deadline.c.due_at, sqlite_where=_PENDING, postgresql_where=_PENDING)
Index("ix_deadline_consultation", deadline.c.consultation_id)

event_log = Table(
    "event_log",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("consultation_id", Key, ForeignKey("consultation.id")),
    Column("at", Moment, nullable=False),
    Column("event", String(40), nullable=False),
    Column("what", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)
Index("ix_event_log_conversation", event_log.c.conversation_id, event_log.c.id)

notification = Table(
    "notification",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id")),
    Column("consultation_id", Key, ForeignKey("consultation.id")),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("dedupe_key", String(120), nullable=False, unique=True),
)
Index("ix_notification_office", notification.c.office, notification.c.at)

complaint = Table(
    "complaint",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("dedupe_key", String(120), nullable=False, unique=True),
    Column("handled_at", Moment),
    Column("handled_by", String(200)),
)

appointment = Table(
    "appointment",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("made_at", Moment, nullable=False),
)
_BOOKED = text("state = 'booked'")
Index(
    "uq_appointment_slot", appointment.c.office, appointment.c.at, unique=True, sqlite_where=_BOOKED,
    postgresql_where=_BOOKED,
)  # fmt: skip

data_request = Table(
    "data_request",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # erase | see
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("done_by", String(200)),
)

survey = Table(
    "survey",
    metadata,
    _id(),
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("scores", Json, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    _id(),
    _office(),
    Column("name", String(200), nullable=False),
    Column("email", String(254), nullable=False, unique=True),
    Column("role", String(16), nullable=False),  # officer | head
    Column("password", String(200), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _office(),
    Column("staff_id", Key, ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

calendar_change = Table(
    "calendar_change",
    metadata,
    _id(),
    _office(),
    Column("first", String(10), nullable=False),
    Column("last", String(10), nullable=False),
    Column("opens", String(5)),
    Column("closes", String(5)),
    Column("reason", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("office", String(8), primary_key=True),
    Column("folder", String(200), primary_key=True),
    Column("uidvalidity", Key, nullable=False),
    Column("last_uid", Key, nullable=False),
    Column("checked_at", Moment),
    Column("server_count", Integer),
    Column("our_count", Integer),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", String(64), primary_key=True),  # sha256 of the content and the conversation
    _office(),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("filename", String(200), nullable=False),
    Column("content_type", String(120), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary),
    Column("on_disk", Boolean, nullable=False, server_default=false()),  # in the media folder, named by its id
    Column("created_at", Moment, nullable=False),
)

rejected = Table(
    "rejected",
    metadata,
    _id(),
    _office(),
    Column("channel", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("cause", String(16), nullable=False, server_default=text("''")),
    Column("reason", String(200), nullable=False),
    Column("provider_key", String(200)),  # of a message; null for anything else
    Column("fields", Json, nullable=False),
    Column("brought_in_at", Moment),
)
Index("ix_rejected_message", rejected.c.office, rejected.c.provider_key)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("note", String(400), nullable=False),
)

base_edit = Table(
    "base_edit",
    metadata,
    Column("topic", String(80), primary_key=True),
    Column("entry", Json, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
)
