"""Learning: from the base and the packaged examples to a Brain. Takes seconds; what was learnt is kept in a file.

The file's name is a fingerprint of everything that went in (texts, lexicon, code), so it can never be stale; a missing
or unreadable one only costs the seconds again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.judgement import Judgement, read_judgement
from bot.reader import Brain
from intents.features import learn
from intents.letters import question_of
from intents.lexicon import load
from intents.text import Vocabulary, normalise
from intents.understand import QUESTION, VALUE, build_intents, read_examples
from knowledge.entries import Entry
from knowledge.search import build_index

_RARE = 2  # a word seen once may itself be a typo


def build_brain(entries: Sequence[Entry], judgement: Judgement | None = None) -> Brain:
    """Learn everything anew; with another judgement than the packaged one while that is being fitted."""
    examples = read_examples()
    texts = [
        *((q, e.id, QUESTION) for e in entries for q in (e.title, *e.asked)),
        *((q, e.id, VALUE) for e in entries for q in e.for_staff),
        *((m.text, "", m.label) for m in examples.messages),
    ]
    normals = [normalise(question_of(text)) for text, _, _ in texts]
    seen = Counter(word for n in normals for word in set(n.words))
    meant = {w for value in load().words.values() for w in value.split()}
    vocabulary = Vocabulary({w for w, count in seen.items() if count >= _RARE} | meant)
    features = learn(normals)
    vectors = [features.vector(n) for n in normals]
    topical = [n for n, (_, topic, _) in enumerate(texts) if topic]
    index = build_index(entries, [vectors[n] for n in topical], [texts[n][1] for n in topical], features.count)
    intents = build_intents(vectors, [label for _, _, label in texts], features.count)
    return Brain(
        {e.id: e for e in entries},
        vocabulary,
        features,
        index,
        intents,
        examples.classes,
        judgement or read_judgement(),
    )
