"""Separates what somebody newly wrote from what his mail program put around it.

A view, never the truth: the whole text is kept elsewhere. The theory: every line is one of *text*, *quote*
(">"), *intro* ("On ... wrote:", directly above a quote), *border* (from here on an older mail follows
without marks) or *empty*. What is kept follows from the order in which these appear:

    text, quote            answer on top           -> the text
    quote, text            answer below            -> the text
    text, quote, text      greeting, answer below  -> both texts
    quote, text, quote, text ...   answers between -> text with the quotes it answers, without the last quote
    text, border, anything                         -> the text
    nothing but quotes                             -> all of it (a forward, or an empty answer)
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Final

from bot.channels.attributions import attribution_span, opens_with_attribution, split_before_attribution
from bot.channels.header_blocks import older_mail_begins
from bot.channels.signatures import is_only_footer, without_signature

_INVISIBLE: Final = dict.fromkeys(map(ord, "\ufeff\u200b\u2060\x00\u00ad"))
_QUOTED: Final = re.compile(r"^\s{0,3}(?:>|&gt;|»|\|\s?>)")
_FENCE: Final = re.compile(r"^\s*(?:```|~~~)")
_LINK_ALONE: Final = re.compile(r"^\s*[(<\[]?https?://\S+\s*>?\s*$")
_CLEAR_SIGNED: Final = re.compile(
    r"\A\s*-----BEGIN PGP SIGNED MESSAGE-----\n(?:[\w-]+: .*\n)*\n(.*?)\n-----BEGIN PGP SIGNATURE-----"
    r".*?(?:-----END PGP SIGNATURE-----|\Z)",
    re.DOTALL,
)
_WRAPPED_WIDTH: Final = 58


@dataclass(frozen=True, slots=True)
class Trimmed:
    """`text`: the newly written part; `quoted`: whether anything of an older mail was taken away.

    `echo`: nothing was newly written, so `text` is all of it (a forward, or an answer sent without a word).
    """

    text: str
    quoted: bool
    echo: bool = False


class Mark(Enum):
    """What one line is."""

    EMPTY = "empty"
    TEXT = "text"
    QUOTE = "quote"
    INTRO = "intro"
    BORDER = "border"


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines that are all the writer's (`own`) or all quoted."""

    own: bool
    lines: tuple[str, ...]
    introduced: bool = False


def trim(text: str) -> Trimmed:
    """The newly written part of a plain-text body; the whole body when nothing would be left."""
    lines = _lines(text)
    marks = mark(lines)
    kept = without_signature(_newly_written(_blocks(lines, marks)))
    if not any(line.strip() for line in kept):
        return Trimmed("\n".join(lines).strip(), quoted=False, echo=any(line.strip() for line in lines))
    return Trimmed("\n".join(kept).strip(), quoted=any(m not in (Mark.EMPTY, Mark.TEXT) for m in marks))


def _lines(text: str) -> list[str]:
    plain = _unarmoured(text.translate(_INVISIBLE).replace("\r\n", "\n").replace("\r", "\n"))
    return [part for line in plain.split("\n") for part in split_before_attribution(line)]


def _unarmoured(text: str) -> str:
    """The text that an OpenPGP clear signature surrounds (RFC 9580 7); other text as it is."""
    match = _CLEAR_SIGNED.search(text)
    return f"{match[1]}\n{text[match.end() :]}" if match else text


def mark(lines: Sequence[str]) -> list[Mark]:
    """One mark a line."""
    marks = [_first_mark(line) for line in lines]
    code = _code(lines)
    _mark_intros(lines, marks, code)
    _mark_borders(lines, marks, code)
    _mark_wrapped_quotes(lines, marks)
    return [Mark.TEXT if index in code else m for index, m in enumerate(marks)]


def _code(lines: Sequence[str]) -> frozenset[int]:
    """Indices of lines between fences: what looks like a mail in there is an example, not a mail."""
    fences = [index for index, line in enumerate(lines) if _FENCE.match(line)]
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return frozenset(index for opened, closed in pairs for index in range(opened, closed + 1))


def _first_mark(line: str) -> Mark:
    if not line.strip():
        return Mark.EMPTY
    return Mark.QUOTE if _QUOTED.match(line) else Mark.TEXT


def _mark_intros(lines: Sequence[str], marks: list[Mark], code: frozenset[int]) -> None:
    """Marks attributions: INTRO above a quote, BORDER where the older mail follows without marks."""
    for end in range(len(lines)):
        if marks[end] is not Mark.TEXT or end in code:
            continue
        quote_follows = _next_mark(marks, end + 1) is Mark.QUOTE
        start = attribution_span(lines, end, quote_follows)
        if start is None and opens_with_attribution(lines[end]):
            marks[end] = Mark.BORDER
        elif start is not None:
            marks[start : end + 1] = [Mark.INTRO if quote_follows else Mark.BORDER] * (end + 1 - start)


def _mark_borders(lines: Sequence[str], marks: list[Mark], code: frozenset[int]) -> None:
    for index in range(len(lines)):
        if marks[index] is not Mark.TEXT or index in code:
            continue
        end = older_mail_begins(lines, index)
        if end is not None:
            quote_follows = _next_mark(marks, end) is Mark.QUOTE
            marks[index:end] = [Mark.INTRO if quote_follows else Mark.BORDER] * (end - index)


def _mark_wrapped_quotes(lines: Sequence[str], marks: list[Mark]) -> None:
    """A program that wraps quoted lines leaves their tails without ">" between two quoted lines."""
    for index in range(1, len(lines) - 1):
        around = marks[index - 1] is Mark.QUOTE and marks[index + 1] is Mark.QUOTE
        wrapped = len(lines[index - 1]) >= _WRAPPED_WIDTH or _LINK_ALONE.match(lines[index])
        if marks[index] is Mark.TEXT and around and wrapped:
            marks[index] = Mark.QUOTE


def _next_mark(marks: Sequence[Mark], index: int) -> Mark | None:
    return next((m for m in marks[index : index + 20] if m is not Mark.EMPTY), None)


def _blocks(lines: Sequence[str], marks: Sequence[Mark]) -> list[Block]:
    """The writer's and the quoted blocks in turn, up to the border; empty lines go with what is above."""
    cut = marks.index(Mark.BORDER) if Mark.BORDER in marks else len(marks)
    return list(_grouped(lines[:cut], _spread(marks[:cut])))


def _spread(marks: Sequence[Mark]) -> list[Mark]:
    spread: list[Mark] = []
    for m in marks:
        spread.append(spread[-1] if m is Mark.EMPTY and spread else m)
    return spread


def _grouped(lines: Sequence[str], marks: Sequence[Mark]) -> Iterator[Block]:
    own: Callable[[tuple[str, Mark]], bool] = lambda pair: pair[1] in (Mark.TEXT, Mark.EMPTY)  # noqa: E731
    for is_own, pairs in groupby(zip(lines, marks, strict=True), key=own):
        group = list(pairs)
        kept = tuple(line for line, m in group if m is not Mark.INTRO)
        yield Block(is_own, kept, introduced=group[0][1] is Mark.INTRO)


def _newly_written(blocks: Sequence[Block]) -> list[str]:
    relevant = _without_trailing(blocks)
    own = [block for block in relevant if block.own and any(line.strip() for line in block.lines)]
    if len(own) <= 1:
        return [line for block in own for line in block.lines]
    first = relevant.index(own[0])
    if first == 0 and len(own) == 2 and relevant[1].introduced:
        return [line for block in own for line in block.lines]
    return [line for block in relevant[max(0, first - 1) :] for line in block.lines]


def _without_trailing(blocks: Sequence[Block]) -> list[Block]:
    """Without quotes at the end, and without footers that stand below a quote."""
    kept = list(blocks)
    while kept and (not kept[-1].own or _is_leftover(kept)):
        kept.pop()
    return kept


def _is_leftover(blocks: Sequence[Block]) -> bool:
    return len(blocks) > 2 and is_only_footer(blocks[-1].lines)
