"""`pst serve` in a process that kills itself (-9) at a named step: `python -m tests.robustness.service_child ORDER`.

ORDER is JSON: `roles`; `step` and `passes` (how often the step is passed before; no step: it lives); `ahead` (seconds
that this process believes to be later). What is rare in the service comes often here: its jobs, and citizens' pauses.
The product knows nothing of this: the seams are wrapped from outside.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from bot import outbox
from bot.channels.email import Mail
from bot.channels.whatsapp import WhatsApp
from bot.commands.serve import serve
from bot.engine.reception import Reception
from bot.outbox import Outbox
from bot.settings import load_settings
from bot.store import deadlines, inbound, outbound
from bot.web import webhooks
from scheduler.ticker import Ticker

OFTEN = 0.3  # seconds
JOIN = timedelta(seconds=0.2)
BEFORE, AFTER = False, True
Seam = tuple[Any, str, bool]
SEAMS: dict[str, Seam] = {
    # receiving
    "storing": (inbound, "add", AFTER),  # inside the transaction
    "stored": (Reception, "receive", AFTER),  # committed, the provider is not answered yet
    "attending": (Reception, "attend", BEFORE),
    "deciding": (inbound, "done", AFTER),  # everything is written, nothing committed
    "decided": (Reception, "_attend", AFTER),
    # sending
    "claiming": (outbound, "claim", AFTER),  # inside the transaction
    "claimed": (Outbox, "_send_out", BEFORE),
    "answered": (WhatsApp, "send", AFTER),  # the provider has taken it, we have not yet written that down
    "answered-mail": (Mail, "send", AFTER),
    "recording": (outbound, "sent", AFTER),  # inside the transaction
    "recorded": (Outbox, "_sent", AFTER),
    "reporting": (outbound, "raise_status", AFTER),  # a delivery report, inside the transaction
    # by the clock
    "ringing": (deadlines, "take", AFTER),  # inside the transaction
}


class Fuse:
    """Burns down at the n-th passing."""

    def __init__(self, passes: int) -> None:
        self._passes = passes

    def __call__(self) -> None:
        if self._passes == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passes -= 1


def put_in(seam: Seam, fuse: Fuse) -> None:
    owner, name, after = seam
    before: Callable[..., Awaitable[Any]] = getattr(owner, name)

    @functools.wraps(before)
    async def fused(*args: Any, **named: Any) -> Any:
        if not after:
            fuse()
        result = await before(*args, **named)
        if after and result is not False and result != []:  # nothing was done, so nothing can be interrupted
            fuse()
        return result

    setattr(owner, name, fused)


def hurry() -> None:
    """Jobs that run every half a minute run every moment."""
    every = Ticker.every

    def often(self: Ticker, seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
        every(self, min(seconds, OFTEN), name, work)

    Ticker.every = often  # type: ignore[method-assign]
    webhooks.JOIN = JOIN
    outbox.LOOK_AGAIN = JOIN


def main(order: dict[str, Any]) -> int:
    hurry()
    if order["step"]:
        put_in(SEAMS[order["step"]], Fuse(order["passes"]))
    later = datetime.now(UTC) + timedelta(seconds=order["ahead"])
    with time_machine.travel(later, tick=True):
        return serve(load_settings(dict(os.environ)), order["roles"], demo=False)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
