"""Whether a mail of ours lies in the account's Sent folder."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from typing import Final

from aioimaplib import quoted

from bot.channels.imap_client import Patience
from bot.channels.imap_connect import connect
from bot.channels.imap_reading import search_date, sent_folder
from bot.channels.mail_access import Server, Tokens

_ZONES: Final = timedelta(days=1)  # SINCE knows days only, in the server's own zone


async def was_sent(
    server: Server, message_id: str, since: datetime, patience: Patience, *, tokens: Tokens | None = None,
    tls: ssl.SSLContext | None = None,
) -> bool:  # fmt: skip
    """False also when there is no Sent folder. Raises ImapError."""
    imap = await connect(server, patience, tokens=tokens, tls=tls)
    try:
        folder = sent_folder(await imap.folders())
        if folder is None:
            return False
        await imap.select(folder.name)
        day = search_date((since - _ZONES).date())
        found = await imap.search("SINCE", day, "HEADER", "Message-ID", quoted(message_id))
        await imap.close()
        return bool(found)
    finally:
        imap.drop()
