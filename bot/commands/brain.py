"""The brain that a command works with, as the settings want it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.brain_file import remembered_brain, with_meanings
from bot.commands.output import WRONG_USAGE, fail
from bot.reader import Brain
from bot.settings import Settings
from knowledge.embedding import EmbeddingError
from knowledge.entries import Entry, read_faq


def brain_for(settings: Settings, entries: Sequence[Entry] | None = None) -> Brain:
    """Of these entries, or of the packaged base; a model that cannot be used is one line and exit status 2."""
    try:
        return with_meanings(remembered_brain(entries or read_faq()), settings.embedding_model)
    except EmbeddingError as error:
        fail(WRONG_USAGE, f"PST_EMBEDDING_MODEL: {error}")
