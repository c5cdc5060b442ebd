"""The normal form of what people type: one shape for "brp jml pddk??" and "berapa jumlah penduduk".

    e-mail wrapping off -> tokens -> elongation, reduplication, leetspeak undone -> chat, Javanese, Madurese and English
    words to standard Indonesian -> fillers off -> typos repaired towards the known vocabulary -> stems

Everything here is pure and works without a vocabulary; with one (`Vocabulary`, from the questions of a base) typos are
repaired, only towards it and never away from a word that is in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import Stemmer
from rapidfuzz.distance import DamerauLevenshtein

from intents.lexicon import Lexicon, load

MOST_CHARACTERS = 4_000
_TOKEN = re.compile(r"[a-z0-9]+(?:['’][a-z]+)*['’]?|[\u263a-\U0001faff]")
_ELONGATED = re.compile(r"([a-z])\1{2,}")
_ROMAN = re.compile(r"[ivx]+")
_DOUBLED = re.compile(r"([a-z]{3,})2(nya|an|e|ne)?")
_LEET = str.maketrans("013457", "oieast")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_WHOLE = frozenset({"berapa", "mengapa", "bagaimana", "seberapa", "kenapa", "siapa"})
_ACCENTS = str.maketrans("éèêëÉÈÊËâàáäîíìôóòûúùñç", "eeeeeeeeaaaaiiiooouuunc")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff]")
_NUMERIC = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Normal:
    """`words`: standard Indonesian, in order. `stems`: stemmed, less stopwords. `language`: id, jv, mad or en."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    language: str

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def query(self) -> str:
        return " ".join(self.stems)


class Vocabulary:
    """Known words, to repair typos towards. Immutable; lookups are remembered."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        self._by_shape: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self.words):
            if len(word) >= 4 and word.isalpha():
                self._by_shape.setdefault((word[0], len(word)), []).append(word)
        self._repaired: dict[str, str] = {}

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def repair(self, word: str) -> str:
        """The nearest known word within one edit (two from eight letters on), or the word itself."""
        if word in self.words or len(word) < 5 or not word.isalpha():
            return word
        if word not in self._repaired:
            if len(self._repaired) > 50_000:
                self._repaired.clear()
            self._repaired[word] = self._nearest(word)
        return self._repaired[word]

    def _nearest(self, word: str) -> str:
        most = 2 if len(word) >= 8 else 1
        best, least = word, most + 1
        for length in range(len(word) - most, len(word) + most + 1):
            for candidate in self._by_shape.get((word[0], length), ()):
                distance = DamerauLevenshtein.distance(word, candidate, score_cutoff=most)
                if distance < least:
                    best, least = candidate, distance
        return best


def clean(text: str) -> str:
    """NFKC, lower case, no control or zero-width characters, bounded in length."""
    text = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])
    text = _ZERO_WIDTH.sub("", text).replace("’", "'").replace("`", "'").translate(_ACCENTS)
    return _CONTROL.sub(" ", text).casefold()


def tokens(text: str) -> list[str]:
    """Words, numbers and single emoji of a text, in order; elongation, reduplication and leetspeak undone."""
    return [_plain(token) for token in _TOKEN.findall(clean(text))]


def normalise(text: str, vocabulary: Vocabulary | None = None, lexicon: Lexicon | None = None) -> Normal:
    """The normal form of one message or question."""
    lexicon = lexicon or load()
    raw = tokens(text)
    words = [w for token in _phrases(raw, lexicon) for w in token]
    kept = [w for w in words if w not in lexicon.fillers] or words
    if vocabulary is not None:
        kept = [vocabulary.repair(w) for w in kept]
    content = [w for w in kept if w not in lexicon.stopwords] or kept
    return Normal(tuple(kept), tuple(stem(w) for w in content), _language(raw, lexicon))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Indonesian stem (Snowball). Question words keep their shape: it would make "berapa" and "mengapa" the same."""
    return word if word in _WHOLE else str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("indonesian")


@lru_cache(maxsize=100_000)
def _plain(token: str) -> str:
    """One token without the play: "haloooo" -> "halo", "nanya2" -> "nanya", "1nfl4s1" -> "inflasi"."""
    token = _ELONGATED.sub(r"\1", token) if not _ROMAN.fullmatch(token) else token
    doubled = _DOUBLED.fullmatch(token)
    if doubled:
        return doubled[1]
    if not _NUMERIC.fullmatch(token) and _is_leet(token):
        return token.translate(_LEET)
    return token


def _is_leet(token: str) -> bool:
    """Digits standing in for letters: between letters, or more than one of them; "p0" and "st2023" are no leetspeak."""
    letters = sum(c.isalpha() for c in token)
    digits = len(token) - letters
    inner = re.search(r"[a-z][013457]+[a-z]", token) is not None
    return (
        digits > 0 and letters > 0 and (inner or bool(re.fullmatch(r"[013457][a-z]{2,}|[013457][a-z][013457]", token)))
    )


def _phrases(raw: Sequence[str], lexicon: Lexicon) -> list[list[str]]:
    """Longest phrase first, then single words, each mapped to standard words."""
    out: list[list[str]] = []
    at = 0
    while at < len(raw):
        for length in range(min(lexicon.longest(raw[at]), len(raw) - at), 1, -1):
            mapped = _phrase(tuple(raw[at : at + length]), lexicon)
            if mapped is not None:
                out.append(mapped.split())
                at += length
                break
        else:
            out.append(_word(raw[at], lexicon))
            at += 1
    return out


def _phrase(phrase: tuple[str, ...], lexicon: Lexicon) -> str | None:
    """As typed (Madurese "ta' bisa" needs its apostrophe), else with final apostrophes dropped."""
    return lexicon.phrases.get(phrase) or lexicon.phrases.get(tuple(word.rstrip("'") for word in phrase))


def _word(token: str, lexicon: Lexicon) -> list[str]:
    for form in (token, token.rstrip("'"), token.replace("'", "")):
        if form in lexicon.words:
            return lexicon.words[form].split()
    return [token.rstrip("'")]


def _language(raw: Sequence[str], lexicon: Lexicon) -> str:
    """The language that most words give away; Indonesian unless a third of them are something else."""
    names = {"javanese": "jv", "madurese": "mad", "english": "en"}
    votes = dict.fromkeys(names.values(), 0)
    for token in raw:
        owner = names.get(lexicon.owners.get(token, ""))
        if owner:
            votes[owner] += 1
    best = max(votes, key=lambda name: votes[name])
    return best if votes[best] * 3 >= max(len(raw), 1) and votes[best] > 0 else "id"
