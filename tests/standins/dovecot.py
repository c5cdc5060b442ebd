"""A real Dovecot on loopback, without privileges: its own configuration, users and mails in a temporary folder.

    server = Dovecot()            # starts; raises NoDovecot with the reason where it cannot be had
    account = server.account()    # an empty mailbox nobody else has
    with account.person() as imap:    # imaplib: the people who read the same mailbox
        imap.append("INBOX", None, None, raw)
    server.kill(); server.start()     # -9, and back on the same port
    server.stop()

It needs no sleep: starting waits for the first answer of the port, stopping for the end of the process.
"""

from __future__ import annotations

import imaplib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.standins.certificate import Certificate

BINARY: Final = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SETPRIV: Final = shutil.which("setpriv")
LEASH: Final = [SETPRIV, "--pdeathsig", "TERM"] if SETPRIV else []  # it ends with us, even when we are killed
ACCOUNTS: Final = 80
PASSWORD: Final = 'rahasia "dapur" \\ 7'
PATIENCE: Final = 10.0

_CONFIGURATION: Final = """
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{place}/mail/%u
mail_max_userip_connections = 50
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {place}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home/%u
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
"""


class NoDovecot(Exception):
    """Why there is none; for the skip of the tests."""


@dataclass(frozen=True, slots=True)
class Word:
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Connection data; has the shape of a mail server in the settings."""

    host: str
    port: int
    user: str
    password: Word
    security: str
    folder: str
    maildir: Path

    @contextmanager
    def person(self) -> Iterator[imaplib.IMAP4]:
        """Somebody who reads the same mailbox with his own program; the inbox is open."""
        imap = imaplib.IMAP4(self.host, self.port, timeout=PATIENCE)
        try:
            imap.login(self.user, self.password.value)
            imap.select("INBOX")
            yield imap
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                imap.logout()

    def deliver(self, *mails: bytes) -> None:
        """As the mail server's delivery does: into the folder, without IMAP."""
        for number, raw in enumerate(mails):
            name = f"{time.time_ns()}.{number}.contoh"
            fresh = self.maildir / "tmp" / name
            fresh.write_bytes(raw)
            _hand_to(fresh, self.maildir)
            fresh.rename(self.maildir / "new" / name)


class Dovecot:
    """One server; with a certificate also for TLS, on `tls_port`."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        if BINARY is None:
            raise NoDovecot("dovecot is not installed (Debian: dovecot-imapd)")
        self.place = Path(tempfile.mkdtemp(prefix="pst-dovecot-"))
        self.place.chmod(0o755)
        self.port, self.tls_port = _free_port(), _free_port()
        self._next = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._write(certificate)
        try:
            self.start()
        except NoDovecot:
            self.stop()
            raise

    def _write(self, certificate: Certificate | None) -> None:
        user, group, uid, gid = _identity()
        pair = f"ssl_cert = <{self.place}/certificate\nssl_key = <{self.place}/key" if certificate else ""
        if certificate:
            shutil.copy(certificate.certificate, self.place / "certificate")
            shutil.copy(certificate.key, self.place / "key")
        configuration = _CONFIGURATION.format(
            place=self.place, user=user, group=group, uid=uid, gid=gid, port=self.port, certificate=pair,
            ssl="yes" if certificate else "no", tls_port=self.tls_port if certificate else 0,
        )  # fmt: skip
        (self.place / "dovecot.conf").write_text(configuration)
        users = [f"pst{number}@contoh.id:{PASSWORD}::::::" for number in range(ACCOUNTS)]
        (self.place / "users").write_text("\n".join(users) + "\n")
        if os.geteuid() == 0:
            for path in (self.place, *self.place.iterdir()):
                shutil.chown(path, user, group)

    def account(self, *, tls: bool = False) -> Account:
        """A mailbox that no other test has."""
        user = f"pst{self._next}@contoh.id"
        self._next += 1
        maildir = self.place / "mail" / user
        port, security = (self.tls_port, "tls") if tls else (self.port, "plain")
        account = Account("127.0.0.1", port, user, Word(PASSWORD), security, "INBOX", maildir)
        if not tls:
            with account.person():
                pass  # Dovecot makes the folders at the first login
        return account

    def start(self) -> None:
        user, group, *_ = _identity()
        demoted = {"user": user, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}
        command = [*LEASH, str(BINARY), "-F", "-c", str(self.place / "dovecot.conf")]
        self._process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, **demoted)  # type: ignore[call-overload]
        self._await_port()

    def _await_port(self) -> None:
        assert self._process is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                probe.settimeout(PATIENCE)
                if probe.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.005)
        raise NoDovecot(f"dovecot does not start: {self._complaint()}")

    def _complaint(self) -> str:
        log = self.place / "log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return lines[-1] if lines else f"exit status {self._process.poll() if self._process else None}"

    def kill(self) -> None:
        """-9 for the server and everything that serves for it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)
            self._process = None

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.place, ignore_errors=True)


def _identity() -> tuple[str, str, int, int]:
    """Who the server runs as: ourselves, or nobody where we are root (Dovecot reads no mail as root)."""
    import grp
    import pwd

    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name, os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return "nobody", grp.getgrgid(nobody.pw_gid).gr_name, nobody.pw_uid, nobody.pw_gid


def _hand_to(file: Path, owner: Path) -> None:
    if os.geteuid() == 0:
        known = owner.stat()
        os.chown(file, known.st_uid, known.st_gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
