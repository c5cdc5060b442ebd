"""How the offices' mailboxes stand: what the server has, what we have, and what an officer should do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bot.settings import Access
from bot.store import mailboxes
from bot.store.database import Transaction
from bot.store.mailboxes import MailboxState
from bot.web import words

Local = Callable[[datetime], datetime]
_SILENCE: Final = timedelta(minutes=15)


async def mailbox_lines(
    tx: Transaction, office: str, access: Access, now: datetime, local: Local | None = None
) -> list[dict[str, Any]]:
    """One line a folder: `name`, `tone`, `text` (plain Indonesian) and the figures behind it.

    `local` turns a moment into the office's time.
    """
    if access.mail is None or access.mail.imap is None:
        return []
    inbox = access.mail.imap.folder
    lines = [_line(state, now, local, is_inbox=state.folder == inbox) for state in await mailboxes.states(tx, office)]
    return sorted(lines, key=lambda line: not line["inbox"])


def _line(state: MailboxState, now: datetime, local: Local | None, *, is_inbox: bool) -> dict[str, Any]:
    theirs, ours, at = state.server_count, state.our_count, state.checked_at
    missing = max(0, (theirs or 0) - (ours or 0)) if is_inbox else 0
    silent = is_inbox and (at is None or now - at > _SILENCE)
    bad = bool(missing or silent or (not is_inbox and theirs))
    ago = words.ago(local(at), now) if at and local else ""
    return {
        "name": f"Kotak masuk ({state.folder})" if is_inbox else f"Spam ({state.folder})",
        "inbox": is_inbox, "server": theirs, "ours": ours if is_inbox else None,
        "checked_at": at.isoformat() if at else None, "ago": ago, "tone": "late" if bad else "calm",
        "text": _inbox_words(theirs, ours, missing, silent=silent) if is_inbox else _spam_words(theirs),
    }  # fmt: skip


def _inbox_words(theirs: int | None, ours: int | None, missing: int, *, silent: bool) -> str:
    if silent:
        return "Kotak masuk belum terbaca lebih dari 15 menit; surel yang datang belum dilayani."
    if theirs is None:
        return "Belum dicocokkan dengan server."
    if missing:
        return f"Dalam 7 hari terakhir server punya {theirs} surel, kami punya {ours}: {missing} belum terambil."
    return f"Dalam 7 hari terakhir server punya {theirs} surel, kami punya {ours}: lengkap."


def _spam_words(count: int | None) -> str:
    if not count:
        return "Folder Spam kosong."
    return f"Ada {count} surel di folder Spam. Periksa: surel pertama dari warga sering masuk ke sana."


def figures(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [{k: line[k] for k in ("name", "server", "ours", "checked_at", "text")} for line in lines]
