"""The alpha of a render against gradients computed step by step, and its scale against numpy."""

import numpy as np
import pytest
import torch

from featevo.visualize import Clip, Fourier, Neuron, Regularizer, TorchOptimizer, maximize
from featevo.visualize.alpha import alpha_of
from featevo.visualize.settings import Plateau
from tests.visualize.parts import draw, small_net

SCALED = {"zero": [0.0] * 20, "one": [0.0] * 19 + [3.0], "rising": list(range(20)), "flat": [2.0] * 20}


@pytest.fixture
def net():
    return small_net()


def by_hand(strength):
    """Horama's scale: clipped at the 80th percentile, divided by the maximum."""
    clipped = np.clip(strength, None, np.percentile(strength, 80))
    return clipped / clipped.max()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("zero", [0.0] * 20),
        ("one", [0.0] * 19 + [1.0]),  # the percentile is 0, by which the source divides
        ("rising", by_hand(np.arange(20.0))),
        ("flat", [1.0] * 20),
    ],
)
def test_the_scale_is_that_of_the_source(name, expected):
    alpha = alpha_of(torch.tensor(SCALED[name], dtype=torch.float64).view(4, 5))
    assert alpha.dtype == torch.float32
    assert alpha.shape == (4, 5)
    assert np.allclose(alpha.flatten().numpy(), expected, atol=1e-7)


def sum_of_gradients(net, images, unit):
    """The absolute gradients of a logit, mean over channels, summed over given images (C, H, W)."""
    net.eval()
    total = np.zeros(images[0].shape[1:])
    for image in images:
        given = image.double()[None].requires_grad_(True)
        (gradient,) = torch.autograd.grad(net(given)[0, unit], given)
        total += gradient[0].abs().mean(0).numpy()
    return total


@pytest.mark.parametrize(
    "regularizer",
    [
        Regularizer({"clip": Clip()}),
        Regularizer(parameterization=Fourier(start_std=0.1), optimizer=TorchOptimizer("Adam", 0.05)),
    ],
    ids=["pixels", "fourier"],
)
def test_alpha_is_the_sum_of_the_images_gradients(net, regularizer):
    """Also for coefficients: of the image, not of them. Before each step, they are the snapshots of the last."""
    settings = {"regularizer": regularizer, "steps": 5, "snapshots": range(1, 5)}
    (render,) = draw(net, [1], **settings)
    space = regularizer.parameterization.space((3, 16, 16), None)
    first = space.decode(space.noise(torch.Generator().manual_seed(1))[None])[0]  # seed 0, unit 1
    (start,) = draw(net, [1], regularizer=regularizer, steps=1, step_size=1e-9)
    assert torch.allclose(start.image, first, atol=1e-6)
    images = [first, *(render.snapshots[step] for step in range(1, 5))]
    assert np.allclose(render.alpha.numpy(), by_hand(sum_of_gradients(net, images, 1)), atol=1e-4)
    assert render.alpha.shape == (16, 16)
    assert 0 <= float(render.alpha.min()) < 0.9 < float(render.alpha.max()) == 1


def test_alpha_depends_on_its_own_image_alone(net):
    settings = {"regularizer": "lucid", "steps": 8}
    together = draw(net, **settings)
    (alone,) = draw(net, [3], **settings)
    assert torch.allclose(together[3].alpha, alone.alpha, atol=1e-5)
    assert not torch.allclose(together[3].alpha, together[2].alpha, atol=1e-2)


def test_alpha_ends_with_its_image(net):
    """Images that have stalled stay in the batch; their gradients do not count any more."""
    plateau = Plateau(patience=2, min_gain=0.1, every=4)
    renders = draw(net, plateau=plateau, steps=60)
    ends = [len(render.trace) for render in renders]
    assert len(set(ends)) > 1
    for render, end in zip(renders, ends, strict=True):
        (alone,) = draw(net, [render.unit], steps=end)
        assert torch.allclose(render.alpha, alone.alpha, atol=1e-4)


def test_only_the_seen_part_of_an_image_is_opaque(net):
    """A neuron of the first convolution sees 3 x 3 pixels: fewer than a fifth of them."""
    (render,) = maximize(net, Neuron("0", [2], (4, 5)), image_size=16, steps=6)
    seen = torch.zeros(16, 16, dtype=torch.bool)
    seen[3:6, 4:7] = True
    assert bool((render.alpha[~seen] == 0).all())
    assert float(render.alpha[seen].min()) > 0


def test_a_dead_unit_is_transparent():
    last = torch.nn.Linear(2 * 36, 2)
    torch.nn.init.zeros_(last.weight)
    dead = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.Flatten(), last)
    (render,) = maximize(dead, Neuron("2", [1]), image_size=8, steps=3)
    assert render.stopped == "zero gradient"
    assert bool((render.alpha == 0).all())


def test_rgba_adds_alpha_to_the_colours(net):
    (render,) = draw(net, [0], steps=2)
    assert torch.equal(render.rgba[:3], render.image)
    assert torch.equal(render.rgba[3], render.alpha)
    grey = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 2))
    (drawn,) = maximize(grey, Neuron("1", [0]), image_size=8, channels=1, steps=2)
    assert torch.equal(drawn.rgba, torch.cat([drawn.image] * 3 + [drawn.alpha[None]]))
    two = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(128, 2))
    (drawn,) = maximize(two, Neuron("1", [0]), image_size=8, channels=2, steps=2)
    with pytest.raises(ValueError, match="2 channels has no colours"):
        _ = drawn.rgba
