"""The tables of the mail intake, beside `mailbox` in tables.py, which holds the cursor.

mail_epoch    a folder under one UIDVALIDITY: where its history ends and our duty begins
mail_seen     every mail that was taken in, by its place and by its content
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, String, Table, text

from bot.store.tables import Key, Moment, metadata

mail_epoch = Table(
    "mail_epoch",
    metadata,
    Column("office", String(8), primary_key=True),
    Column("folder", String(200), primary_key=True),
    Column("uidvalidity", Key, primary_key=True, autoincrement=False),
    Column("floor_uid", Key, nullable=False),  # UIDs up to here were there before us
    Column("since", Date),  # of those, take what arrived from this day on; null: done
    Column("began_at", Moment, nullable=False),
)

mail_seen = Table(
    "mail_seen",
    metadata,
    Column("office", String(8), primary_key=True),
    Column("folder", String(200), primary_key=True),
    Column("uidvalidity", Key, primary_key=True, autoincrement=False),
    Column("uid", Key, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),  # Message-ID, sender and words; no personal data
    Column("is_copy", Boolean, nullable=False),  # of a mail taken in before
    Column("at", Moment, nullable=False),
)
_FIRST = text("not is_copy")
Index(
    "uq_mail_seen_digest", mail_seen.c.office, mail_seen.c.digest, unique=True, sqlite_where=_FIRST,
    postgresql_where=_FIRST,
)  # fmt: skip
