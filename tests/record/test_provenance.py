"""Hashes that depend only on content."""

import hashlib

import torch

from featevo.record.provenance import config_hash, versions
from featevo.visualize.network import weights_hash


def test_weights_hash_depends_on_every_bit_and_nothing_else():
    state = {"a": torch.arange(6.0).view(2, 3), "b": torch.tensor(3), "c": torch.ones(2, dtype=torch.bfloat16)}
    same = {
        "a": torch.arange(6.0).view(3, 2).T.contiguous().T.reshape(2, 3),
        "b": torch.tensor(3),
        "c": state["c"].clone(),
    }
    assert weights_hash(state) == weights_hash(same)
    flipped = {**state, "a": state["a"] + torch.tensor([[0, 0, 0], [0, 0, 1e-6]])}
    assert (
        len({weights_hash(s) for s in (state, flipped, {**state, "b": torch.tensor(4)}, {**state, "d": state["c"]})})
        == 4
    )


def test_weights_hash_is_sha256_of_name_type_shape_and_bytes():
    expected = hashlib.sha256(b"x torch.float32 (2,)" + torch.tensor([1.0, 2.0]).numpy().tobytes()).hexdigest()
    assert weights_hash({"x": torch.tensor([1.0, 2.0])}) == expected


def test_config_hash_ignores_the_order_of_keys():
    assert config_hash({"a": 1, "b": {"c": 2, "d": 3}}) == config_hash({"b": {"d": 3, "c": 2}, "a": 1})
    assert config_hash({"a": 1}) != config_hash({"a": 2})


def test_versions_name_all_packages_that_affect_an_image():
    assert versions()["torch"] == torch.__version__.split("+")[0] or versions()["torch"] == torch.__version__
    assert {"python", "featevo", "pytorch-lightning", "numpy"} <= set(versions())
