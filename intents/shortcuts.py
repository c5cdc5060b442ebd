"""Messages that need no classifier: only a file, a digit, an emoji, or one of the words that the bot itself taught.

The words are the bot's own vocabulary (MENU, STATUS, PETUGAS, BERHENTI, HAPUS DATA, DATA SAYA) in both languages; a
digit alone is a grade from 1 to 5, and 0 leads to the menu.
"""

from __future__ import annotations

import re

from intents.meaning import Action, Intent
from intents.text import clean, tokens

Verdict = tuple[Intent, Action]

_PLACEHOLDER = re.compile(
    r"\[(?:gambar|foto|dokumen|lampiran|file|video|pesan suara|pesan jenis lain|audio|stiker|sticker|lokasi|kontak"
    r"|image|document)[^\]]*\]"
)
_DEVICE = re.compile(r"^(?:dikirim dari|sent from|dapatkan outlook|get outlook)\b.*$", re.MULTILINE)
_REPLY, _CLARIFY, _CLOSE = Action.REPLY, Action.CLARIFY, Action.CLOSE
_EMOJI: dict[str, Verdict] = {
    **dict.fromkeys("👍👌✅💯🆗", (Intent.AFFIRM, _REPLY)),
    **dict.fromkeys("👎❌🚫", (Intent.DENY, _REPLY)),
    **dict.fromkeys("🙏🤝", (Intent.THANKS, _REPLY)),
    **dict.fromkeys("⭐🌟★", (Intent.RATING, _REPLY)),
    **dict.fromkeys("👋", (Intent.GREETING, _REPLY)),
    **dict.fromkeys("🖕", (Intent.ABUSE, _REPLY)),
}
_KEYWORDS: dict[str, Verdict] = {
    **dict.fromkeys(("menu", "help", "bantuan"), (Intent.MENU, _REPLY)),
    **dict.fromkeys(("status",), (Intent.STATUS, _REPLY)),
    **dict.fromkeys(("petugas", "officer", "operator", "cs", "admin"), (Intent.HUMAN, Action.ESCALATE)),
    **dict.fromkeys(("berhenti", "stop", "unsubscribe"), (Intent.OPT_OUT, _CLOSE)),
    **dict.fromkeys(("hapus data", "delete my data", "data saya", "my data"), (Intent.DELETE_MY_DATA, Action.FORM)),
    **dict.fromkeys(("y", "ya", "iya", "yes", "ok", "oke", "sip", "betul", "benar"), (Intent.AFFIRM, _REPLY)),
    **dict.fromkeys(("n", "g", "ga", "gak", "ngga", "nggak", "no", "tidak", "bukan", "tdk"), (Intent.DENY, _REPLY)),
    **dict.fromkeys(("p", "hi", "hai", "halo", "hallo", "hello", "tes", "test", "ping"), (Intent.GREETING, _REPLY)),
    **dict.fromkeys(("k", "kk", "hm", "hmm", "oh", "ooh", "hehe", "wkwk", "wkwkwk"), (Intent.CHIT_CHAT, _REPLY)),
    **dict.fromkeys(("thx", "tx", "tq", "ty"), (Intent.THANKS, _REPLY)),
}


def shortcut(text: str) -> Verdict | None:
    """What such a message wants; None for anything that has to be understood."""
    bare = _DEVICE.sub("", clean(text)).strip()
    if not bare or _only_files(bare):
        return Intent.ATTACHMENT_ONLY, _CLARIFY
    words = tokens(bare)
    if not any(c.isalnum() for c in bare):
        return _EMOJI.get(next((c for c in bare if c in _EMOJI), ""), _wordless(bare))
    if len(words) == 1 and words[0].isdigit():
        return _digit(words[0])
    return _KEYWORDS.get(" ".join(words)) if len(words) <= 3 else None


def _only_files(bare: str) -> bool:
    return _PLACEHOLDER.search(bare) is not None and not _PLACEHOLDER.sub("", bare).strip()


def _wordless(bare: str) -> Verdict:
    """ "???" asks for something; other signs are small talk."""
    return (Intent.FAQ, _CLARIFY) if "?" in bare else (Intent.CHIT_CHAT, _REPLY)


def _digit(word: str) -> Verdict | None:
    if len(word) > 2:
        return None
    return (Intent.MENU, _REPLY) if word == "0" else (Intent.RATING, _REPLY)
