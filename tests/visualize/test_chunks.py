"""Batches that fit into memory: chosen by budget, halved when memory runs out, bounded for 1,000 classes."""

import gc
import subprocess
import sys

import pytest
import torch
from torch import nn

from featevo.visualize import ClassLogit, maximize
from featevo.visualize.chunks import ran_out_of_memory, units_at_once
from tests.visualize.parts import draw, small_net


class Narrow(nn.Module):
    """Requests more memory than any machine has when a batch is too large."""

    def __init__(self, inner, most):
        super().__init__()
        self.inner, self.most, self.failed = inner, most, []

    def forward(self, images):
        if len(images) > self.most:
            self.failed.append(len(images))
            torch.empty(2**52)
        return self.inner(images)


def test_a_batch_that_does_not_fit_is_drawn_in_halves():
    net = Narrow(small_net(), 2)
    seen: list[tuple[int, int]] = []
    renders = draw(net, chunk_size=5, on_step=lambda done, total: seen.append((done, total)))
    assert net.failed == [5, 3]
    assert [render.settings["chunk_size"] for render in renders] == [2] * 5
    assert seen[-1] == (60, 60)
    for render, expected in zip(renders, draw(small_net()), strict=True):
        assert render.unit == expected.unit
        assert torch.allclose(render.image, expected.image, rtol=0, atol=1e-6)


def test_copies_of_a_unit_stay_together():
    net = Narrow(small_net(), 3)
    renders = draw(net, [0, 1], copies=3)
    assert net.failed == [6]
    assert [(render.unit, render.copy) for render in renders] == [(unit, copy) for unit in (0, 1) for copy in range(3)]


def test_one_image_that_does_not_fit_is_an_error_and_the_model_is_unchanged():
    net = Narrow(small_net(), 0)
    with pytest.raises(MemoryError, match=r"no memory for 1 image\(s\) of coefficients \(3, 16, 16\)"):
        draw(net, [0], chunk_size=1)
    assert net.inner.training
    assert all(parameter.requires_grad for parameter in net.parameters())


def test_other_errors_are_not_memory_errors():
    assert not ran_out_of_memory(RuntimeError("shapes do not fit"))
    assert not ran_out_of_memory(ValueError("out of memory"))
    assert ran_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))


def test_the_budget_decides_the_chunk():
    net = small_net()
    few, many = (draw(net, memory_gb=gb)[0].settings["chunk_size"] for gb in (0.0004, 1.0))
    assert 1 <= few < many == 5
    (one,) = draw(net, [0], memory_gb=1e-9)
    assert one.settings["chunk_size"] == 1


def test_batches_on_a_cpu_are_at_most_64_by_default():
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 100))
    sizes = [
        {
            render.settings["chunk_size"]
            for render in maximize(net, ClassLogit(range(100)), image_size=8, steps=1, **given)
        }
        for given in ({}, {"memory_gb": 1.0}, {"chunk_size": 70})
    ]
    assert sizes == [{64}, {100}, {70}]


MEASURE = """
import resource, sys
import torch
from torch import nn
from featevo.visualize import ClassLogit, maximize
torch.set_num_threads(1)
torch.manual_seed(0)
wide = nn.Sequential(nn.Conv2d(3, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                     nn.Flatten(), nn.Linear(64, 1000))
maximize(wide, ClassLogit(range(int(sys.argv[1]))), image_size=32, steps=1, memory_gb=0.05)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_thousand_classes_need_little_more_memory_than_forty():
    """Peak memory of whole processes: 1,000 images of 32 px are 12 MB, their activations at once would be 2 GB."""
    few, many = (
        int(subprocess.run([sys.executable, "-c", MEASURE, count], capture_output=True, text=True, check=True).stdout)
        for count in ("40", "1000")
    )
    assert many - few < 150_000  # kB


def test_the_estimate_keeps_no_tensor():
    def alive():
        gc.collect()
        return sum(type(thing) is torch.Tensor for thing in gc.get_objects())

    net = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    before = alive()
    units_at_once(net, lambda: net(torch.ones(1, 4)).relu(), torch.device("cpu"))
    assert alive() == before
