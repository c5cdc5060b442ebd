"""Getting a connection to an IMAP server that is signed in, with a password or a token."""

from __future__ import annotations

import asyncio
import ssl

from bot.channels.imap_client import Imap, ImapDenied, ImapLost, ImapUntrusted, Patience, settle
from bot.channels.imap_protocol import ImapProtocol, quiet
from bot.channels.mail_access import Server, TokenError, Tokens


async def connect(
    server: Server, patience: Patience, *, tokens: Tokens | None = None, tls: ssl.SSLContext | None = None
) -> Imap:
    """A connection that is signed in. Raises ImapError. A refused token is renewed once."""
    if tokens is None:
        return await _connect(server, patience, tls, None)
    token = await _token(tokens, renew=False)
    try:
        return await _connect(server, patience, tls, token)
    except ImapDenied:
        return await _connect(server, patience, tls, await _token(tokens, renew=True))


async def _token(tokens: Tokens, *, renew: bool) -> str:
    try:
        return await tokens(renew=renew)
    except TokenError as error:
        kind = ImapDenied if error.permanent else ImapLost
        raise kind("no access token") from error


async def _connect(server: Server, patience: Patience, tls: ssl.SSLContext | None, token: str | None) -> Imap:
    imap = await _dial(server, patience, tls)
    try:
        await imap.sign_in(server, token)
    except BaseException:
        imap.drop()
        raise
    return imap


async def _dial(server: Server, patience: Patience, tls: ssl.SSLContext | None) -> Imap:
    quiet()
    loop = asyncio.get_running_loop()
    lost: asyncio.Future[None] = loop.create_future()
    context = (tls or ssl.create_default_context()) if server.security == "tls" else None

    def protocol() -> ImapProtocol:
        return ImapProtocol(loop, lambda _: settle(lost))

    try:
        async with asyncio.timeout(patience.connect):
            _, made = await loop.create_connection(protocol, server.host, server.port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        raise ImapUntrusted("certificate") from error
    except (OSError, TimeoutError) as error:  # no such name, nobody there
        raise ImapLost(f"cannot connect: {type(error).__name__}") from error
    return Imap(made, lost, patience)
