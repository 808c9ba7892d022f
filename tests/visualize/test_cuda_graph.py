"""Recorded passes: what can be tested without a GPU, and, where there is one, that the renders are the same."""

import pytest
import torch

from featevo.visualize import Channel, ClassLogit, FeatureMatch, maximize
from featevo.visualize.cuda_graph import Recorded
from tests.visualize.parts import small_net

on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def test_a_model_on_the_cpu_is_refused():
    with pytest.raises(ValueError, match="cuda_graph=True: the model is on cpu, not on a CUDA device"):
        maximize(small_net(), ClassLogit([0]), image_size=16, steps=1, cuda_graph=True)


def test_a_function_is_recorded_once_and_called_without_the_missing_arguments(monkeypatch):
    recorded = []

    def record(function, like, allow_unused_input):
        recorded.append([(one.shape, one.requires_grad) for one in like])
        return function

    monkeypatch.setattr(torch.cuda, "make_graphed_callables", record)
    double = Recorded(lambda images, rows: images * 2 + rows)
    images, rows = torch.ones(2, requires_grad=True), torch.zeros(2)
    assert double(images, rows, None).tolist() == [2, 2]
    assert double(images, rows + 1, None).tolist() == [3, 3]
    assert recorded == [[((2,), True), ((2,), False)]]


def test_a_function_that_cannot_be_recorded_is_one_clear_line(monkeypatch):
    def record(function, like, allow_unused_input):
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(torch.cuda, "make_graphed_callables", record)
    with pytest.raises(ValueError, match=r"cuda_graph=True: .* cannot be recorded \(operation not permitted"):
        Recorded(lambda images: images)(torch.ones(1))


@on_gpu
@pytest.mark.parametrize("regularizer", ["paper", "clear"])
@pytest.mark.parametrize("objective", [ClassLogit([0, 3]), Channel("layers.3", [1, 2])])
def test_renders_are_those_without_it(objective, regularizer):
    net, settings = small_net().float().cuda(), {"regularizer": regularizer, "steps": 24}
    plain = maximize(net, objective, image_size=32, **settings)
    graph = maximize(net, objective, image_size=32, cuda_graph=True, **settings)
    for one, other in zip(plain, graph, strict=True):
        assert torch.allclose(one.image, other.image, rtol=0, atol=1e-3)


@on_gpu
def test_an_objective_with_seeds_is_recorded_too():
    net, pictures = small_net().float().cuda(), torch.rand(2, 3, 16, 16)
    match = FeatureMatch.of(net, "layers.3", pictures, [0.0], [1.0])
    assert len(maximize(net, match, image_size=16, steps=20, cuda_graph=True)) == 2
