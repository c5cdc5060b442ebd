"""A certificate of our own for servers on loopback, made anew for each run; no key lies in the repository."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


class NoCertificate(Exception):
    """Why none can be made; for the skip of the tests."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files, and both ends' contexts made of them."""

    certificate: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client(self) -> ssl.SSLContext:
        """Trusts this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))


def make_certificate(folder: Path) -> Certificate:
    """For 127.0.0.1, valid for two days. Raises NoCertificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise NoCertificate("openssl is not installed")
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
            "-keyout", str(made.key), "-out", str(made.certificate),
        ],
        check=True, capture_output=True, timeout=20,
    )  # fmt: skip
    return made
