"""Between mails and messages, pure: raw mail -> Incoming, Letter -> raw mail. Used by IMAP/SMTP and by the simulator.

Our Message-IDs are `<token@domain>`: the token names the outgoing row, is unguessable, and comes back in In-Reply-To
and References of an answer and inside a bounce.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.channels.compose import Mailbox, OutgoingFile, OutgoingMail, compose
from bot.channels.machines import OwnAddresses
from bot.channels.mime import Mail, MailError, parse_mail
from bot.channels.port import Bounce, File, Incoming, Letter

TOKEN = re.compile(r"<([0-9a-f]{8}-[0-9a-f-]{27})@")
_TOKEN_WITHIN = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@")
_INTRO = {"id": "Balas surel ini dengan salah satu kata berikut:", "en": "Reply to this mail with one of these words:"}
_WORDLESS_PLACEHOLDER = "[lampiran: {names}]"
_LOCKED_PLACEHOLDER = "[e-mail terenkripsi]"


@dataclass(frozen=True, slots=True)
class Postmark:
    """How one office appears in mails: its address and name, and whose authentication results it believes.

    `vouches`: the office has named its server, which checks every sender; who is not vouched for is not proven.
    `plus`: mail to "pst+anything@" reaches the mailbox too, so an answer's address may carry our token.
    """

    address: str
    name: str
    authserv: frozenset[str] = frozenset()
    vouches: bool = False
    plus: bool = False

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def plus_address(self, token: str) -> str:
        """Where an answer goes that may lose its threading headers on the way."""
        return f"{self.address.rpartition('@')[0]}+{token}@{self.domain}"


def read_mail(raw: bytes, mark: Postmark, *, too_large: bool = False) -> Incoming:
    """What a citizen (or a machine) wrote. Never raises: what is no mail at all becomes a machine's empty message.

    `too_large`: `raw` is only the beginning of what lies on the server.
    """
    try:
        own = OwnAddresses(frozenset({mark.address.casefold()}))
        mail = parse_mail(raw, own=own, trusted_authserv=mark.authserv)
    except MailError as error:
        return Incoming("", machine=f"unreadable: {error}")
    files = tuple(File(a.filename, a.content_type, a.content, a.refusal) for a in mail.attachments if not a.logo)
    return Incoming(
        text=_text(mail), files=files, profile_name=mail.sender.name or None, subject=mail.subject,
        thread=_thread(mail), machine=_machine(mail), unverified=mail.authentication == "fail",
        tokens=_tokens(mail), quoted=mail.quoted, bounce=_bounce(mail), number=mail.consultation,
        proven=mail.authentication == "pass" or (mail.authentication == "none" and not mark.vouches),
        obstacle="too_large" if too_large else _obstacle(mail),
    )  # fmt: skip


def sender_of(raw: bytes) -> str:
    """The address that a mail claims to come from, casefolded; "unknown" where there is none."""
    try:
        return parse_mail(raw[:200_000]).sender.address.casefold() or "unknown"
    except MailError:
        return "unknown"


def write_mail(letter: Letter, mark: Postmark) -> bytes:
    """The bytes that go over the wire; the same for every attempt."""
    references = tuple(letter.headers.get("References", "").split())
    automatic = letter.automatic if letter.automatic in ("auto-replied", "auto-generated") else None
    mail = OutgoingMail(
        sender=Mailbox(mark.address, mark.name), to=Mailbox(letter.recipient), subject=letter.subject,
        reply_to=Mailbox(mark.plus_address(letter.token), mark.name) if mark.plus else None,
        text=letter.text, message_id=message_id(letter.token, mark), date=letter.created_at,
        in_reply_to=letter.headers.get("In-Reply-To"), references=references, number=letter.number,
        language=letter.language, options_intro=_INTRO[letter.language] if letter.options else "",
        options=tuple(title for _, title in letter.options),
        attachments=tuple(OutgoingFile(f.filename, f.content_type, f.content) for f in letter.files),
        automatic=automatic,  # type: ignore[arg-type]
    )  # fmt: skip
    return compose(mail)


def message_id(token: str, mark: Postmark) -> str:
    return f"<{token}@{mark.domain}>"


def _text(mail: Mail) -> str:
    if mail.kind == "encrypted":
        return _LOCKED_PLACEHOLDER
    wordless = mail.echo and not mail.forwarded and bool(_tokens(mail))
    text = "" if wordless else mail.text.strip()
    if text or not mail.attachments:
        return text
    return _WORDLESS_PLACEHOLDER.format(names=", ".join(a.filename for a in mail.attachments))


def _thread(mail: Mail) -> dict[str, str]:
    if mail.message_id is None:
        return {"subject": mail.subject}
    chain = dict.fromkeys([*mail.references, *([mail.in_reply_to] if mail.in_reply_to else [])])
    return {"message_id": mail.message_id, "references": " ".join(chain), "subject": mail.subject}


def _machine(mail: Mail) -> str:
    """Why no person wrote it. What only reads like an absence notice counts as one when it answers a mail of ours."""
    if mail.kind in ("message", "encrypted") and mail.reply_allowed:
        return "absence" if mail.absent and _tokens(mail) else ""
    return "; ".join(reason.code for reason in mail.reasons) or mail.kind


def _obstacle(mail: Mail) -> str:
    if mail.kind == "encrypted":
        return "encrypted"
    return "winmail" if any(a.refusal == "unreadable_winmail" for a in mail.attachments) else ""


def _tokens(mail: Mail) -> tuple[str, ...]:
    """Our tokens among the ids that the mail answers, newest first; then plus-addressed ones."""
    ids = [mail.in_reply_to or "", *reversed(mail.references)]
    return (*_ours(ids), *mail.reply_tokens)


def _ours(ids: Iterable[str]) -> tuple[str, ...]:
    found = (TOKEN.match(i) for i in ids)
    return tuple(dict.fromkeys(m[1] for m in found if m))


def _bounce(mail: Mail) -> Bounce | None:
    """A server that gave up is final for this mail, whatever it thinks of the address (RFC 3464 2.3.3)."""
    if mail.bounce is None:
        return None
    first = mail.bounce.recipients[0] if mail.bounce.recipients else None
    final = first is not None and (first.permanent or (first.action == "failed" and first.status.startswith("4")))
    tokens = (*_ours([mail.bounce.original_message_id or ""]), *_tokens(mail), *_TOKEN_WITHIN.findall(mail.full_text))
    return Bounce(next(iter(tokens), None), final, first.status if first else "")
