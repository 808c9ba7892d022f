"""Hashes of values: equal for equal bytes, different for any other."""

import dataclasses

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from featevo.silent.state import DIGEST, Fingerprint, digest, of_training
from tests.evolve.parts import Module


@dataclasses.dataclass
class Pair:
    image: object
    label: object


DIFFERENT = {
    "a bit": (torch.tensor([1.0]), torch.tensor([1.0 + 2**-23])),
    "the sign of zero": (torch.tensor([0.0]), torch.tensor([-0.0])),
    "type": (torch.zeros(2, dtype=torch.int32), torch.zeros(2)),
    "shape": (torch.zeros(2, 3), torch.zeros(3, 2)),
    "bfloat16": (torch.ones(2, dtype=torch.bfloat16), torch.tensor([1, 1.01], dtype=torch.bfloat16)),
    "a scalar": (torch.tensor(1), torch.tensor(2)),
    "no tensor": (None, torch.zeros(0)),
    "sparse": (torch.eye(2).to_sparse(), torch.zeros(2, 2).to_sparse()),
    "array": (np.zeros(2), np.zeros(2, np.float32)),
    "within a mapping": ({"x": torch.zeros(1)}, {"x": torch.ones(1)}),
    "key": ({"x": 1}, {"y": 1}),
    "within a sequence": ([1, [2, "a"]], [1, [2, "b"]]),
    "borders of sequences": ([[1], [2]], [[1, 2]]),
    "within a dataclass": (Pair(1, 2), Pair(1, 3)),
    "number": (1, 1.0),
    "flag": (True, False),
    "object": (object(), nn.Identity()),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_other_values_have_other_hashes(one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (torch.tensor([float("nan")]), torch.tensor([float("nan")])),
        (torch.arange(6).reshape(2, 3).T, torch.tensor([[0, 3], [1, 4], [2, 5]])),
        ({"x": [np.arange(3), 1.5]}, {"x": [np.arange(3), 1.5]}),
        (object(), object()),
        (nn.Parameter(torch.ones(2)), torch.ones(2)),
    ],
)
def test_equal_values_have_equal_hashes(one, other):
    assert digest(one) == digest(other)
    assert len(digest(one)) == DIGEST


def test_a_layer_that_is_not_initialized_has_no_bytes():
    assert digest(nn.LazyLinear(2).weight) == digest(nn.LazyLinear(3).weight)


def test_differences_are_named_in_order():
    one = Fingerprint.of([("c", 1), ("a", torch.ones(2)), ("b", 2)])
    other = Fingerprint.of([("c", 2), ("a", torch.ones(2)), ("d", 2)])
    assert one.differences(other) == ("c", "b", "d")
    assert one.differences(one) == ()
    assert (one.tensors, one.streams, len(one.digests)) == (1, 0, 3 * DIGEST)


def test_everything_of_a_training_is_there():
    trainer, module = pl.Trainer(logger=False, enable_checkpointing=False, accelerator="cpu"), Module()
    optimizers = torch.optim.SGD(module.net[0].parameters(), 0.1), torch.optim.Adam(module.net[6].parameters())
    for optimizer in optimizers:
        for parameter in module.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
    trainer.strategy.optimizers = list(optimizers)
    values = dict(of_training(trainer, module))
    assert {*module.state_dict()} < {*values}
    for name in ("mode of the module", "mode of net.3", "requires_grad of net.1.bias", "gradient of net.6.weight"):
        assert name in values
    assert values["optimizer 0's params"] == ["net.0.weight", "net.0.bias"]
    assert values["optimizer 1's lr"] == 0.001
    assert torch.equal(values["optimizer 1's exp_avg of net.6.bias"], torch.full((3,), 0.1))
    streams = Fingerprint.of(values.items()).streams
    assert streams == 3 + torch.cuda.device_count() * torch.cuda.is_initialized() + torch.backends.mps.is_available()
