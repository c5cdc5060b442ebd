"""WhatsApp's marks (*bold*, _italic_, ~struck~) as HTML. Everything is escaped first; only our own tags are added."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

_PAIRS: Final = (("*", "strong"), ("_", "em"), ("~", "s"))
_HOLD: Final = "\ue000"  # stands for a link while marks are drawn; a private character, which no text needs
_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]*_~]")


def plain(text: str) -> Markup:
    """Somebody else's words: escaped, line ends kept, nothing clickable."""
    return Markup(str(escape(text)).replace("\n", "<br>"))


def marked(text: str) -> Markup:
    """Our own words: marks drawn, also around links; links to open in a new window."""
    text = text.replace(_HOLD, "")
    links = [found[0] for found in _LINK.finditer(text)]
    anchors = iter([_anchor(link) for link in links])
    drawn = _drawn(_LINK.sub(_HOLD, text))  # a mark inside an address is none
    return Markup(re.sub(_HOLD, lambda _: next(anchors), drawn).replace("\n", "<br>"))


def _drawn(text: str) -> str:
    drawn = str(escape(text))
    for mark, tag in _PAIRS:
        m = re.escape(mark)
        drawn = re.sub(rf"(?<![\w{m}]){m}(?=\S)([^{m}\n]+?)(?<=\S){m}(?![\w{m}])", rf"<{tag}>\1</{tag}>", drawn)
    return drawn


def _anchor(link: str) -> str:
    safe = escape(link)
    return f'<a href="{safe}" target="_blank" rel="noopener noreferrer">{safe}</a>'
