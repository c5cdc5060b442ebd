"""Greetings before and thanks after a request: no concern of their own, and noise for what is asked."""

from __future__ import annotations

import re

FEWEST_WORDS = 3
_ADDRESS = (
    r"(?:(?:kak|kaka|kakak|min|mimin|admin|pak|bapak|bu|ibu|buk|mas|mbak|mba|mb|bro|gan|cak|bpk|bps|semua|semuanya"
    r"|sir)\b\W*)"
)
_GREETING = re.compile(
    r"(?:(?:ass?alam\w*['’]?\s?\w*laikum\w*|asslm\w*|askum|wr\.?|wb\.?|warahmatull?ahi|wabarak\w+"
    r"|(?:se?la?mat|slmt|met)\s+(?:pagi|siang|sore|malam|malem)\w*|ha+l+o+\w{0,2}|ha+i+|hi+|hello+|hey|permisi|misi|punten"
    r"|pa+gi+|sia+ng+|so+re+|mal[ae]+m+|kulo\s?nuwun|nuwun\s?sewu|sugeng\s\w+|good\s(?:morning|afternoon|evening|day)"
    r"|semoga\s+sehat\s+s\w*lalu|dengan\s+hormat|salam\s+sejahtera(?:\s+\w+){0,3}?)(?=\W|$)\W*" + _ADDRESS + "*)+",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"[\s,.;!]*(?:(?:dan\s+)?(?:sebelumnya\s+)?(?:saya\s+|kami\s+)?(?:atas\s+[\w\s]{3,60}?)?(?:(?:di)?ucapkan\s+|sampaikan\s+)?"
    r"(?:banyak\s+)?(?:terima?\s?kasih|ma+ka+si+h*\w{0,3}|mksih|mksh|tengkyu|thanks?(?:\s+you)?|thx|trims?|suwun|mator\s\w+"
    r"|matur\s+\w+|nuhun|sakalangkong)(?:\s+(?:banyak|sebelumnya|ya+|yah?|kak|min|pak|bu|mas|mbak|bps|atas\s[\w\s]{3,50}))*)[\s.,!🙏]*$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|\b(apa|apakah|bagaimana|gimana|gmn|berapa|brp|mana|dimana|dmn|kapan|kpn|siapa|kenapa|knp|mengapa|bisa|bisakah|boleh"
    r"|ada|adakah|minta|mohon|tolong|tlg|butuh|perlu|cari|tanya|nanya|piye|pira|piro|endi|opo|kados|pundi|nopo|apah|berempa|dimma"
    r"|what|how|where|when|which|who|why|can|could|need)\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether a text asks or begs for something, by a question mark or a word of asking."""
    return _ASKS.search(text) is not None


def without_courtesies(text: str) -> str:
    """A greeting before and thanks after a request are no concern of their own; before nothing else they are."""
    body = text[found.end() :] if (found := _GREETING.match(text)) else text
    if (found := _THANKS.search(body)) and _ASKS.search(body[: found.start()]):
        body = body[: found.start()]
    return body if _ASKS.search(body) and len(body.split()) >= FEWEST_WORDS else text
