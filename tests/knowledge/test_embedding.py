"""An embedding model as one more witness, with a tiny model that is made here: it knows two meanings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from bot.brain_file import with_meanings
from bot.reader import Brain
from intents.text import normalise
from knowledge.embedding import Embedder, EmbeddingError, remember_meanings

WORDS = {"[UNK]": 0, "murah": 1, "ongkos": 1, "tarif": 1, "kantor": 2, "gedung": 2, "alamat": 2}
MEANINGS = np.array([[0.01, 0.01, 0.01], [1, 0, 0], [0, 1, 0]], np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Words of one meaning share a vector: what a real model learns from millions of texts."""
    place = tmp_path_factory.mktemp("model")
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(place / "tokenizer.json"))
    table = numpy_helper.from_array(MEANINGS[list(WORDS.values())], "table")
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "t"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["n", "t"])
    out = helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["n", "t", 3])
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["tokens"])], "tiny", [ids, mask], [out], [table]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(place / "model.onnx"))
    return place


def test_vectors_have_length_one_whatever_the_padding(folder: Path) -> None:
    embedder = Embedder(folder)
    together = embedder.vectors(["murah", "kantor kantor gedung alamat kantor"])
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert together[0] == pytest.approx(embedder.vectors(["murah"])[0], abs=1e-6)


def test_a_word_of_the_same_meaning_is_nearest(folder: Path) -> None:
    meanings = remember_meanings(Embedder(folder), ["tarif", "alamat"], ["biaya", "lokasi"])
    near = dict(zip(meanings.labels, meanings.nearest("ongkos").tolist(), strict=True))
    assert near["biaya"] == pytest.approx(1, abs=1e-2)
    assert near["lokasi"] < 0.1


def test_it_is_a_witness_of_the_search_and_kept_in_a_file(brain: Brain, folder: Path, tmp_path: Path) -> None:
    with_model = with_meanings(brain, folder, tmp_path)
    kept = list(tmp_path.glob("meanings-*.npz"))
    assert len(kept) == 1
    text = "gedung"
    normal = normalise(text, brain.vocabulary)
    vector = brain.features.vector(normal)
    plain = {hit.id: hit.share for hit in brain.index.search(normal, vector, text, most=200)}
    helped = {hit.id: hit.share for hit in with_model.index.search(normal, vector, text, most=200)}
    assert helped["alamat-kantor"] > plain["alamat-kantor"]
    again = with_meanings(brain, folder, tmp_path)
    assert again.index.meanings is not None
    assert with_model.index.meanings is not None
    assert np.array_equal(again.index.meanings.matrix, with_model.index.meanings.matrix)


def test_without_a_path_nothing_changes(brain: Brain) -> None:
    assert with_meanings(brain, None) is brain
    assert brain.index.meanings is None


@pytest.mark.parametrize("broken", ["nothing", "no model"])
def test_a_folder_without_a_usable_model_is_told_in_one_line(tmp_path: Path, broken: str) -> None:
    if broken == "no model":
        (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(EmbeddingError) as told:
        Embedder(tmp_path)
    assert "\n" not in str(told.value)
