"""WhatsApp's marks (*bold*, _italic_, ~struck~) as HTML. Everything is escaped first; only our own tags are added."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

_PAIRS: Final = (("*", "strong"), ("_", "em"), ("~", "s"))
_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]*_~]")


def plain(text: str) -> Markup:
    """Somebody else's words: escaped, line ends kept, nothing clickable."""
    return Markup(str(escape(text)).replace("\n", "<br>"))


def marked(text: str) -> Markup:
    """Our own words: marks drawn, links to open in a new window."""
    pieces: list[str] = []
    position = 0
    for link in _LINK.finditer(text):
        pieces += [_drawn(text[position : link.start()]), _anchor(link[0])]
        position = link.end()
    pieces.append(_drawn(text[position:]))
    return Markup("".join(pieces).replace("\n", "<br>"))


def _drawn(text: str) -> str:
    drawn = str(escape(text))
    for mark, tag in _PAIRS:
        m = re.escape(mark)
        drawn = re.sub(rf"(?<![\w{m}]){m}(?=\S)([^{m}\n]+?)(?<=\S){m}(?![\w{m}])", rf"<{tag}>\1</{tag}>", drawn)
    return drawn


def _anchor(link: str) -> str:
    safe = escape(link)
    return f'<a href="{safe}" target="_blank" rel="noopener noreferrer">{safe}</a>'
