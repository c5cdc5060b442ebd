"""Can the service take a rush? `python -m bench.load`: WhatsApp webhooks at a fixed rate against `pst serve` on SQLite.

Every webhook is another citizen's, signed as Twilio signs; the service is the real one, with all its roles, and Twilio
is played on loopback. It must answer each within a quarter of a second, and answer every citizen exactly once. The
replies leave at 80 a second at most (Twilio's limit for one sender), so they go on leaving after the rush. In the same
run the same webhooks go to a bare server (bench/load_bare.py). Exit status 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load_calls import Answers, Caller
from bench.load_provider import ACCOUNT, SENDER, TOKEN, PlayedTwilio, phone, webhooks

ROOT = Path(__file__).parent.parent
WITHIN = 250.0  # milliseconds, for 99 of 100
WARM_UP = 200  # webhooks before the clock runs
QUIET = 30.0  # seconds without a further reply after which we stop waiting


@dataclass(frozen=True)
class Figures:
    """What one server did. `cpu`: seconds of processor time for one webhook and all that follows from it."""

    name: str
    answers: Answers
    cpu: float

    def line(self) -> str:
        lost = sum(count for status, count in self.answers.statuses.items() if status != 200)
        shares = "  ".join(f"p{part:<4g} {self.answers.share(part / 100):7.1f}" for part in (50, 95, 99, 99.9))
        worst = 1000 * max(self.answers.seconds)
        return f"{self.name:<8} {shares}  worst {worst:7.1f} ms   not 200: {lost}   cpu {1000 * self.cpu:.2f} ms each"


def main() -> int:
    options = _options()
    count = int(options.rate * options.seconds)
    reports = ("sent", "delivered") if options.reports else ()
    with tempfile.TemporaryDirectory() as folder:
        bare = _bare(Path(folder), count, options.rate)
        print(f"{count} webhooks at {options.rate:g} a second, load of the machine before: {os.getloadavg()[0]:.2f}")
        print(bare.line(), flush=True)
        with PlayedTwilio(count + WARM_UP, reports) as twilio:
            service, faults, drained = _service(Path(folder), twilio, count, options.rate, options.serve)
    print(service.line())
    ratios = [service.answers.share(part) / bare.answers.share(part) for part in (0.5, 0.99)]
    cpu = service.cpu / bare.cpu
    print(f"service to bare server: p50 {ratios[0]:.1f} times, p99 {ratios[1]:.1f} times, cpu {cpu:.1f} times")
    print(f"every citizen had his reply {drained:.0f} s after the last webhook")
    if service.answers.share(0.99) > WITHIN:
        faults.append(f"p99 is over {WITHIN:g} ms")
    if twilio.refused:
        faults.append(f"the provider refused {len(twilio.refused)} messages: {sorted(set(twilio.refused))}")
    print("\n".join(f"BROKEN: {fault}" for fault in faults) or "all answered 200, every citizen exactly once")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--rate", type=float, default=200, help="webhooks a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--reports", action="store_true", help="delivery reports follow each reply, as Twilio's do")
    parser.add_argument("--serve", default="", help="further arguments of `pst serve`")
    return parser.parse_args()


# --- the two servers -------------------------------------------------------------------------------------------------


def _bare(folder: Path, count: int, rate: float) -> Figures:
    url = f"http://127.0.0.1:{free_port()}"
    port = url.rpartition(":")[2]
    command = [sys.executable, "-m", "bench.load_bare", port, str(folder / "bare.db"), TOKEN]
    before = _cpu()
    with _running(command, {}, f"{url}/webhooks/twilio/3574/message"):
        answers = asyncio.run(_called(url, count, rate))
    return Figures("bare", answers, (_cpu() - before) / (count + WARM_UP))


def _service(
    folder: Path, twilio: PlayedTwilio, count: int, rate: float, more: str
) -> tuple[Figures, list[str], float]:
    url, file = f"http://127.0.0.1:{free_port()}", folder / "pst.db"
    environ = {
        "PST_DATABASE_URL": f"sqlite:///{file}", "PST_PORT": url.rpartition(":")[2], "PST_PUBLIC_URL": url,
        "PST_TWILIO_API_URL": twilio.url, "PST_SECRET_KEY": "x" * 40, "PST_3574_TWILIO_ACCOUNT_SID": ACCOUNT,
        "PST_3574_TWILIO_AUTH_TOKEN": TOKEN, "PST_3574_WHATSAPP_FROM": SENDER.removeprefix("whatsapp:"),
    }  # fmt: skip
    before = _cpu()
    with _running([sys.executable, "-m", "bot", "serve", *more.split()], environ, f"{url}/healthz"):
        answers = asyncio.run(_called(url, count, rate))
        start = time.monotonic()
        _wait_for_replies(twilio, count + WARM_UP)
        drained = time.monotonic() - start
    figures = Figures("service", answers, (_cpu() - before) / (count + WARM_UP))
    return figures, _faults(file, twilio, count + WARM_UP), drained


async def _called(url: str, count: int, rate: float) -> Answers:
    address = f"{url}/webhooks/twilio/3574/message"
    await Caller(url).run(webhooks(address, WARM_UP), 50)
    return await Caller(url).run(webhooks(address, count, WARM_UP), rate)


def _wait_for_replies(twilio: PlayedTwilio, citizens: int) -> None:
    """Until everybody has a reply, or nothing has left for a while; and a little longer, for a second one."""
    last, since = 0, time.monotonic()
    while time.monotonic() - since < QUIET:
        time.sleep(1)
        found = twilio.sent()
        if len(found) >= citizens:
            break
        if found.total() > last:
            last, since = found.total(), time.monotonic()
    time.sleep(3)


# --- what must hold --------------------------------------------------------------------------------------------------


def _faults(file: Path, twilio: PlayedTwilio, citizens: int) -> list[str]:
    got = twilio.sent()
    without = [n for n in range(citizens) if not got[f"whatsapp:{phone(n)}"]]
    twice = [address for address, messages in got.items() if messages > 1]
    faults = [f"{len(without)} citizens without a reply"] if without else []
    faults += [f"{len(twice)} citizens with more than one"] if twice else []
    with sqlite3.connect(file) as database:
        for what, query, wanted in (
            ("webhooks kept", "select count(*) from inbound where kind = 'message'", citizens),
            ("webhooks done", "select count(*) from inbound where kind = 'message' and state = 'done'", citizens),
            ("conversations", "select count(*) from conversation", citizens),
            ("numbers without gaps", "select count(*) - max(cast(substr(number, -6) as int)) from consultation", 0),
            ("replies not sent", "select count(*) from outbound where state <> 'sent'", 0),
        ):
            found = database.execute(query).fetchone()[0]
            faults += [f"{what}: {found} instead of {wanted}"] if found != wanted else []
    return faults


# --- processes -------------------------------------------------------------------------------------------------------


@contextmanager
def _running(command: Sequence[str], environ: dict[str, str], url: str) -> Iterator[None]:
    """A server process, answering; interrupted at the end of the block."""
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environ, stdout=subprocess.DEVNULL)
    try:
        _wait_for_answer(url, process)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _wait_for_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(3000):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with status {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except urllib.error.HTTPError:
            return  # it answers, if only that this is no way to ask
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def _cpu() -> float:
    """Processor seconds of all ended children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
