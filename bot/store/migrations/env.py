"""Alembic's entry: the connection comes from bot.store.schema."""

from typing import Any, Literal

from alembic import context

from bot.store import mail_tables, whatsapp_tables  # noqa: F401 -- declare their tables
from bot.store.tables import Json, Key, Moment, metadata


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Our column types as plain ones, so that a revision never changes with the code."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if item is Json:
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if item is Key:
        return "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=render_item,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
