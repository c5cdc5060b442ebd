"""The tables beside the messages on WhatsApp.

media          a file that the provider keeps for us until it is fetched; done when it is kept, or lost for good
seen_until     up to when everything that an office was sent is known to have arrived; what lies behind is a gap
traffic        how many messages an office has exchanged in a month, by direction and price category
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from bot.store.tables import Key, Moment, metadata

media = Table(
    "media",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("office", String(8), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("conversation_id", Key, ForeignKey("conversation.id"), nullable=False),
    Column("message_id", Key, ForeignKey("message.id"), nullable=False),
    Column("number", Integer, nullable=False),  # its place among the line's attachments
    Column("url", Text, nullable=False),
    Column("content_type", String(120), nullable=False),
    Column("filename", String(200), nullable=False),
    Column("state", String(16), nullable=False),  # wanted | kept | lost
    Column("attempts", Integer, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("error", String(400)),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("message_id", "number"),
)
_WANTED = text("state = 'wanted'")
Index("ix_media_due", media.c.not_before, sqlite_where=_WANTED, postgresql_where=_WANTED)
Index("ix_media_conversation", media.c.conversation_id)

seen_until = Table(
    "seen_until",
    metadata,
    Column("office", String(8), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("moment", Moment, nullable=False),
)

traffic = Table(
    "traffic",
    metadata,
    Column("office", String(8), primary_key=True),
    Column("month", String(7), primary_key=True),  # "2026-11", on the office's clock
    Column("direction", String(3), primary_key=True),  # in | out
    Column("category", String(16), primary_key=True),  # service | utility | marketing | authentication
    Column("messages", Integer, nullable=False),
)
