"""The least that a server can do with a webhook: check the signature, commit one row, answer 200.

What the service's own figures are compared with, in the same run: `python -m bench.load_bare PORT FILE TOKEN`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator


def bare(file: Path, token: str, public_url: str) -> Starlette:
    """One row and one flush of the disk for each webhook."""
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("create table inbound (sid text primary key, body blob not null)")
    validator = RequestValidator(token)
    one = asyncio.Lock()

    async def message(request: Request) -> Response:
        body = await request.body()
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if not validator.validate(public_url + request.url.path, form, request.headers.get("x-twilio-signature", "")):
            return Response(status_code=403)
        row = (form["MessageSid"], body)
        async with one:
            await asyncio.to_thread(database.execute, "insert or ignore into inbound values (?, ?)", row)
        return Response("<Response/>", media_type="text/xml")

    return Starlette(routes=[Route("/webhooks/twilio/{office}/message", message, methods=["POST"])])


if __name__ == "__main__":
    port, path, secret = sys.argv[1:]
    app = bare(Path(path), secret, f"http://127.0.0.1:{port}")
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False)
