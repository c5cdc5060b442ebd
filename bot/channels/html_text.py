"""HTML of mails to plain text in which quoted parts are marked as in plain-text mails.

The theory: let `quoting.trim` be the only place that decides what is new. So everything a mail program
wraps around an older mail (Gmail's blockquote, Outlook's reply header, Yahoo's container) becomes what a
plain-text mail would have: lines with "> " in front, or an original-message line. Nothing is fetched;
scripts, styles and hidden text are dropped. Reading is event driven, so depth cannot exhaust the stack.
"""

import re
from typing import Final

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

from bot.channels.charsets import clean

LONGEST_HTML: Final = 1_000_000
ORIGINAL_MESSAGE: Final = "-----Original Message-----"

_DROPPED: Final = frozenset(
    {
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "noscript",
        "template",
        "object",
        "svg",
        "math",
        "iframe",
        "select",
        "textarea",
        "button",
        "xml",
    }
)
_BLOCKS: Final = frozenset(
    {
        "div",
        "table",
        "tr",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "center",
        "section",
        "article",
        "header",
        "footer",
        "form",
        "fieldset",
        "address",
        "main",
        "aside",
        "nav",
        "figure",
        "figcaption",
        "body",
        "tbody",
        "thead",
        "hr",
    }
)
_PARAGRAPHS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt)?\s*(?:;|$)",
    re.IGNORECASE,
)
_OUTLOOK_RULE: Final = re.compile(
    r"border-top\s*:\s*(?:solid\s+#(?:E1E1E1|B5C4DF)|#(?:E1E1E1|B5C4DF)\s+\S+\s+solid)|border\s*:\s*none\s*;\s*border-top\s*:\s*solid",
    re.IGNORECASE,
)
_OLDER_MAIL_IDS: Final = (
    "divrplyfwdmsg",
    "appendonsend",
    "olk_src_body_section",
    "replywithinmsg",
    "mail-editor-reference-message-container",
)
_OLDER_MAIL_CLASSES: Final = (
    "yahoo_quoted",
    "yahooquoted",
    "ydp-quoted",
    "zmail_extra",
    "outlook_quote",
    "ms-outlook-mobile-reference-message",
)
_QUOTED_LINES: Final = frozenset({"blockquote"})


def html_to_text(markup: str) -> str:
    """Plain text of an HTML body; "" when nothing readable is in it. Never raises."""
    tree = _tree(markup[:LONGEST_HTML])
    if tree is None:
        return ""
    writer = _Writer()
    for event, node in lxml.etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        writer.feed(event, node)
    return writer.text()


def _tree(markup: str) -> lxml.html.HtmlElement | None:
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return lxml.html.document_fromstring(clean(markup).encode("utf-8"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None


class _Writer:
    """Collects text while the tree is walked."""

    def __init__(self) -> None:
        self.lines: list[str] = [""]
        self.quote = 0
        self.skipped: lxml.html.HtmlElement | None = None
        self.preformatted = 0
        self.older_mail_seen = False

    def feed(self, event: str, node: lxml.html.HtmlElement) -> None:
        if event == "start" and self.skipped is None:
            self._start(node)
        elif event == "end":
            if self.skipped is None:
                self._end(node)
            elif node is self.skipped:
                self.skipped = None
            if self.skipped is None:
                self._write(node.tail)

    def text(self) -> str:
        lines = [line.rstrip() for line in self.lines]
        folded = re.sub(r"(?:\n>*){3,}", "\n\n", "\n".join(lines)) if not self.quote else "\n".join(lines)
        return folded.strip("\n")

    def _start(self, node: lxml.html.HtmlElement) -> None:
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in _DROPPED or _is_hidden(node) or not tag:
            self.skipped = node
            return
        self._open(node, tag)
        self._write(node.text)

    def _open(self, node: lxml.html.HtmlElement, tag: str) -> None:
        if tag == "br":
            self._newline()
        elif tag in _PARAGRAPHS:
            self._paragraph()
        elif tag in _BLOCKS:
            self._block()
        elif tag in ("td", "th") and self._current().strip():
            self._append("  ")
        if _opens_older_mail(node):
            self._mark_older_mail()
        if tag in _QUOTED_LINES and _is_quotation(node):
            self.quote += 1
            self.lines[-1] = self._prefix()
        if tag == "li":
            self._append("- ")
        self.preformatted += tag == "pre"

    def _end(self, node: lxml.html.HtmlElement) -> None:
        tag = node.tag if isinstance(node.tag, str) else ""
        self.preformatted -= tag == "pre"
        if tag == "a":
            self._append(_link(node))
        if tag in _QUOTED_LINES and _is_quotation(node):
            self._block()
            self.quote -= 1
            self.lines[-1] = self._prefix()
            self._newline()
        elif tag in _PARAGRAPHS:
            self._paragraph()
        elif tag in _BLOCKS:
            self._block()

    def _mark_older_mail(self) -> None:
        """Once: Outlook marks the same place with an empty element and with the header block."""
        if not self.older_mail_seen:
            self._block()
            self._append(ORIGINAL_MESSAGE)
            self._newline()
        self.older_mail_seen = True

    def _write(self, text: str | None) -> None:
        if not text:
            return
        if self.preformatted:
            first, *others = text.split("\n")
            self._append(first)
            for line in others:
                self._newline()
                self._append(line)
            return
        folded = re.sub(r"\s+", " ", text)
        self._append(folded.lstrip() if not self._current().strip() or self._current().endswith(" ") else folded)

    def _append(self, text: str) -> None:
        self.lines[-1] += text

    def _current(self) -> str:
        return self.lines[-1][len(self._prefix()) :]

    def _prefix(self) -> str:
        return "> " * min(self.quote, 20)

    def _newline(self) -> None:
        self.lines.append(self._prefix())

    def _block(self) -> None:
        if self._current().strip():
            self._newline()

    def _paragraph(self) -> None:
        self._block()
        if len(self.lines) > 1 and self.lines[-2].strip("> "):
            self._newline()


def _is_hidden(node: lxml.html.HtmlElement) -> bool:
    return node.get("hidden") is not None or bool(_HIDDEN.search(node.get("style", "")))


def _is_quotation(node: lxml.html.HtmlElement) -> bool:
    """Blockquotes that cite; editors also use the element to indent (then with a left margin and no mark)."""
    style, css = node.get("style", "").lower(), node.get("class", "").lower()
    if node.get("type", "").lower() == "cite" or node.get("cite") or "quote" in css or "cite" in css:
        return True
    return "border-left" in style or not ("margin" in style and "border" in style)


def _opens_older_mail(node: lxml.html.HtmlElement) -> bool:
    identifier, css = node.get("id", "").lower(), node.get("class", "").lower()
    if any(word in identifier for word in _OLDER_MAIL_IDS) or any(word in css for word in _OLDER_MAIL_CLASSES):
        return True
    return node.tag == "div" and bool(_OUTLOOK_RULE.search(node.get("style", "")))


def _link(node: lxml.html.HtmlElement) -> str:
    """ " <address>" of a web link whose text does not show where it leads."""
    href, shown = node.get("href", "").strip(), "".join(node.itertext()).strip()
    if not href.lower().startswith(("http://", "https://")) or len(href) > 300 or not shown:
        return ""
    bare = re.sub(r"^https?://(?:www\.)?|/$", "", href.lower())
    return "" if bare in shown.lower() or shown.lower() in bare else f" <{href}>"
