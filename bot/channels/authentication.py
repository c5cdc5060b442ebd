"""Whether the office's own mail server found the sender's domain genuine (RFC 8601).

Only the topmost Authentication-Results field of a server the caller trusts can speak for a sender: anybody can write
such a field into his own mail. Where that server says nothing, the topmost field of any other may still speak against
him: nobody forges a failure of his own. The verdict speaks of the domain in From, as readers see it.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal

from bot.channels.headers import Headers

Authentication = Literal["pass", "none", "fail"]

_COMMENT: Final = re.compile(r"\([^()]*\)")
_RESULT: Final = re.compile(r"^\s*([\w-]+)\s*(?:/\s*\d+\s*)?=\s*([\w-]+)")
_PROPERTY: Final = re.compile(
    r"\b(header\.d|header\.i|header\.from|smtp\.mailfrom|smtp\.mail|policy\.\w+)\s*=\s*\"?([^\s;\"]+)"
)
_PROVIDERS: Final = {  # end of the IMAP server's name -> names in Authentication-Results
    ".gmail.com": ("mx.google.com",),
    ".googlemail.com": ("mx.google.com",),
    ".office365.com": ("", ".protection.outlook.com", ".outlook.com"),
    ".outlook.com": ("", ".protection.outlook.com", ".outlook.com"),
    ".zoho.com": ("mx.zohomail.com",),
    ".yahoo.com": (".yahoo.com",),
}
_FAILED: Final = frozenset({"fail", "hardfail"})


def authentication(headers: Headers, from_domain: str, trusted: frozenset[str] | None) -> Authentication:
    """Verdict about `from_domain`; `trusted` None believes the topmost field whoever wrote it (for looking only).

    `trusted`: names as in the field, lower case; ".contoh.id" stands for every server below that domain, "" for a
    field without a server's name, as Microsoft 365 writes it.
    """
    fields = [_COMMENT.sub(" ", field) for field in headers.all("authentication-results")]
    ours = next((f for f in fields if trusted is None or _is_ours(_server(f), trusted)), None)
    if ours is not None:
        return _verdict(ours, from_domain)
    return "fail" if fields and _verdict(fields[0], from_domain) == "fail" else "none"


def likely_servers(address: str, imap_host: str = "") -> frozenset[str]:
    """How the servers of an office that named none probably call themselves: by its mail domain, or its provider."""
    domain = address.rpartition("@")[2].casefold()
    host = imap_host.casefold()
    known = next((names for end, names in _PROVIDERS.items() if host.endswith(end)), ())
    return frozenset({domain, f".{domain}", *([host] if host else []), *known}) - {"."}


def _is_ours(server: str, trusted: frozenset[str]) -> bool:
    return server in trusted or any(name.startswith(".") and server.endswith(name) for name in trusted)


def _server(field: str) -> str:
    """The server that wrote a field; "" where it begins with a result at once."""
    first = field.partition(";")[0]
    return "" if "=" in first else next(iter(first.casefold().split()), "-")


def _verdict(field: str, from_domain: str) -> Authentication:
    results = list(_results(field))
    dmarc = {result for method, result, _ in results if method == "dmarc"}
    if "pass" in dmarc:
        return "pass"
    if dmarc & _FAILED:
        return "fail"
    return _without_dmarc(results, from_domain)


def _results(field: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    clauses = field.split(";")
    for clause in clauses if _server(field) == "" else clauses[1:]:
        match = _RESULT.match(clause)
        if match:
            yield match[1].lower(), match[2].lower(), {p[1].lower(): p[2] for p in _PROPERTY.finditer(clause)}


def _without_dmarc(results: list[tuple[str, str, dict[str, str]]], from_domain: str) -> Authentication:
    """Where the domain publishes no DMARC policy: an aligned SPF or DKIM pass, or a plain failure."""
    found = [
        (method, result, _signing_domain(properties))
        for method, result, properties in results
        if method in ("spf", "dkim")
    ]
    if any(result == "pass" and _aligned(domain, from_domain) for _, result, domain in found):
        return "pass"
    failed = any(result in _FAILED for _, result, _ in found)
    passed = any(result == "pass" for _, result, _ in found)
    return "fail" if failed and not passed else "none"


def _signing_domain(properties: dict[str, str]) -> str:
    for name in ("header.d", "header.i", "smtp.mailfrom", "smtp.mail"):
        if name in properties:
            return properties[name].rpartition("@")[2].casefold().rstrip(".>")
    return ""


def _aligned(domain: str, from_domain: str) -> bool:
    """Relaxed alignment (RFC 7489 3.1): equal, or one below the other; top-level names alone never count."""
    if not domain or not from_domain or "." not in min(domain, from_domain, key=len):
        return False
    return domain == from_domain or domain.endswith("." + from_domain) or from_domain.endswith("." + domain)
