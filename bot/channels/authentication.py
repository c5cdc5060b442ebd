"""Whether the office's own mail server found the sender's domain genuine (RFC 8601).

Only the topmost Authentication-Results field of a server the caller trusts counts: anybody can write such
a field into his own mail. The verdict speaks of the domain in From, as readers see it.
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
_FAILED: Final = frozenset({"fail", "hardfail"})


def authentication(headers: Headers, from_domain: str, trusted: frozenset[str] | None) -> Authentication:
    """Verdict about `from_domain`; `trusted` None believes the topmost field whoever wrote it (for looking only)."""
    field = _believed(headers, trusted)
    if field is None:
        return "none"
    results = list(_results(field))
    dmarc = {result for method, result, _ in results if method == "dmarc"}
    if "pass" in dmarc:
        return "pass"
    if dmarc & _FAILED:
        return "fail"
    return _without_dmarc(results, from_domain)


def _believed(headers: Headers, trusted: frozenset[str] | None) -> str | None:
    for field in headers.all("authentication-results"):
        plain = _COMMENT.sub(" ", field)
        server = plain.partition(";")[0].split()
        if server and (trusted is None or server[0].casefold() in trusted):
            return plain
    return None


def _results(field: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    for clause in field.split(";")[1:]:
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
