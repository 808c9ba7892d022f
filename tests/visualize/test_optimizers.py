"""Steps: the normalised ascent's formula, and torch's optimizers used by hand, image by image."""

import numpy as np
import pytest
import torch

from featevo.visualize import NormalisedAscent, Scaled, Schedule, TorchOptimizer

GENERATOR = torch.Generator().manual_seed(0)
BEGIN = torch.rand(3, 2, 4, 5, dtype=torch.float64, generator=GENERATOR)
SLOPES = torch.randn(6, *BEGIN.shape, dtype=torch.float64, generator=GENERATOR) * torch.tensor([1e-3, 1, 50]).view(
    3, 1, 1, 1
)


def test_normalised_steps_have_the_given_standard_deviation():
    after = NormalisedAscent(0.06).begin(BEGIN)(BEGIN, SLOPES[0], 0.0)
    slopes = SLOPES[0].flatten(1).numpy()
    expected = 0.06 * slopes / slopes.std(axis=1, ddof=1, keepdims=True)
    assert np.allclose((after - BEGIN).flatten(1).numpy(), expected, rtol=1e-9)


def test_a_zero_gradient_gives_no_step():
    nothing = torch.zeros_like(BEGIN)
    assert torch.equal(NormalisedAscent().begin(BEGIN)(BEGIN, nothing, 0.0), BEGIN)


@pytest.mark.parametrize(
    ("name", "step_size", "arguments"),
    [("SGD", 0.1, {"momentum": 0.9}), ("Adam", 0.05, {}), ("NAdam", 1.0, {}), ("RMSprop", 0.01, {"alpha": 0.9})],
)
def test_every_image_changes_as_with_torchs_optimizer(name, step_size, arguments):
    """Also when an operator changes the image between two steps."""
    advance = TorchOptimizer(name, step_size, **arguments).begin(BEGIN)
    together = BEGIN
    for slope in SLOPES:
        together = advance(together, slope, 0.0).clamp(0, 1)
    for row in range(3):
        alone = BEGIN[row].clone().requires_grad_(True)
        optimizer = getattr(torch.optim, name)([alone], lr=step_size, **arguments)
        for slope in SLOPES:
            alone.grad = -slope[row]
            optimizer.step()
            with torch.no_grad():
                alone.clamp_(0, 1)
        assert torch.allclose(together[row], alone, rtol=1e-12)


@pytest.mark.parametrize("kind", [NormalisedAscent, lambda step_size: TorchOptimizer("SGD", step_size)])
def test_step_sizes_follow_a_schedule(kind):
    changing = kind(Schedule(0.2, 0.1, "linear")).begin(BEGIN)
    for progress, size in ((0.0, 0.2), (0.5, 0.15), (1.0, 0.1)):
        expected = kind(size).begin(BEGIN)(BEGIN, SLOPES[0], 0.0)
        assert torch.allclose(changing(BEGIN, SLOPES[0], progress), expected)


def test_a_scaled_step_is_that_of_a_scaled_step_size():
    factor = Schedule(4, 1)
    for make in (NormalisedAscent, lambda step_size: TorchOptimizer("Adam", step_size)):
        scaled, expected = Scaled(make(0.1), factor).begin(BEGIN), make(Schedule(0.4, 0.1)).begin(BEGIN)
        image = same = BEGIN
        for number, slope in enumerate(SLOPES):
            image, same = (advance(one, slope, number / 5) for advance, one in ((scaled, image), (expected, same)))
        assert torch.allclose(image, same, rtol=1e-12)
    assert Scaled(NormalisedAscent(0.1), factor).sized(0.2) == Scaled(NormalisedAscent(0.2), factor)


def test_another_step_size_keeps_the_rest():
    assert NormalisedAscent(0.1).sized(0.2) == NormalisedAscent(0.2)
    assert repr(TorchOptimizer("SGD", 0.1, momentum=0.5).sized(2)) == "TorchOptimizer(SGD, step_size=2, momentum=0.5)"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NormalisedAscent(0), "step_size=0: must be above 0"),
        (lambda: NormalisedAscent(Schedule(1, 0)), "step_size=Schedule.*: must be above 0"),
        (lambda: Scaled(NormalisedAscent(), 0), "factor=0: must be above 0"),
        (lambda: TorchOptimizer("Adam", -1), "step_size=-1: must be above 0"),
        (lambda: TorchOptimizer("Adamm", 1), "name='Adamm': torch.optim has no such optimizer"),
        (lambda: TorchOptimizer("Optimizer", 1), "name='Optimizer': torch.optim has no such optimizer"),
        (lambda: TorchOptimizer("lr_scheduler", 1), "name='lr_scheduler': torch.optim has no such optimizer"),
        (lambda: TorchOptimizer("LBFGS", 1), "name='LBFGS': needs a closure or sparse gradients; use Adam"),
        (lambda: TorchOptimizer("Adam", 1, momentum=0.5), "torch.optim.Adam: .*momentum"),
        (lambda: TorchOptimizer("SGD", 1, momentum=-1), "torch.optim.SGD: Invalid momentum value: -1"),
        (lambda: TorchOptimizer("Adam", 1, fused=True, foreach=True), "torch.optim.Adam: `fused` and `foreach` cannot"),
    ],
)
def test_wrong_settings_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
