"""The penalties against numpy in float64: values, gradients, flat images, weights and errors."""

import numpy as np
import pytest
import torch

from featevo.visualize import L1, L2, AlphaNorm, Schedule, TotalVariation

IMAGES = torch.rand(3, 2, 5, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def total_variation(x, beta):
    square = np.zeros_like(x)
    square[..., :-1] += (x[..., 1:] - x[..., :-1]) ** 2
    square[..., :-1, :] += (x[..., 1:, :] - x[..., :-1, :]) ** 2
    return (square ** (beta / 2)).mean((1, 2, 3))


def spectrum(x, grey):
    return np.fft.fft2(x - grey, norm="ortho")


def detail(x, grey):
    """The energy of the image's derivatives per 2 pi: mean of |frequency * coefficient|^2."""
    rows, columns = np.meshgrid(np.fft.fftfreq(x.shape[2]), np.fft.fftfreq(x.shape[3]), indexing="ij")
    return (np.abs(spectrum(x, grey)) ** 2 * (rows**2 + columns**2)).mean((1, 2, 3))


CASES = [
    (TotalVariation(), lambda x: total_variation(x, 2)),
    (TotalVariation(beta=1), lambda x: total_variation(x, 1)),
    (TotalVariation(beta=2.5), lambda x: total_variation(x, 2.5)),
    (TotalVariation(beta=0.5), lambda x: total_variation(x, 0.5)),
    (AlphaNorm(), lambda x: ((x - 0.5) ** 6).mean((1, 2, 3))),
    (AlphaNorm(alpha=3, grey=0.2), lambda x: (np.abs(x - 0.2) ** 3).mean((1, 2, 3))),
    (AlphaNorm(alpha=1), lambda x: np.abs(x - 0.5).mean((1, 2, 3))),
    (L1(), lambda x: np.abs(x - 0.5).mean((1, 2, 3))),
    (L1(grey=0.2), lambda x: np.abs(x - 0.2).mean((1, 2, 3))),
    (L1(space="frequency", grey=0.3), lambda x: np.abs(spectrum(x, 0.3)).mean((1, 2, 3))),
    (L2(), lambda x: ((x - 0.5) ** 2).mean((1, 2, 3))),
    (L2(grey=0.2), lambda x: ((x - 0.2) ** 2).mean((1, 2, 3))),
    (L2(space="frequency"), lambda x: detail(x, 0.5)),
]
EACH = pytest.mark.parametrize(("penalty", "reference"), CASES, ids=lambda case: "" if callable(case) else repr(case))


@EACH
def test_equals_numpy_image_by_image(penalty, reference):
    values = penalty(IMAGES)
    assert values.shape == (3,)
    assert np.allclose(values.numpy(), reference(IMAGES.numpy()), rtol=1e-12, atol=0)
    assert torch.allclose(penalty(IMAGES[1:2])[0], values[1], rtol=1e-14, atol=0)


@EACH
def test_gradient_equals_differences_of_the_reference(penalty, reference):
    images = IMAGES.clone().requires_grad_()
    penalty(images).sum().backward()
    assert images.grad is not None
    generator = np.random.default_rng(0)
    for _ in range(5):
        along = 1e-7 * generator.standard_normal(IMAGES.shape)
        difference = (reference(IMAGES.numpy() + along) - reference(IMAGES.numpy() - along)).sum() / 2
        assert (images.grad.numpy() * along).sum() == pytest.approx(difference, rel=1e-5, abs=1e-13)


@EACH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_grey_images_have_no_gradient(penalty, reference, dtype):
    grey = torch.full((1, 2, 5, 6), getattr(penalty, "grey", 0.5), dtype=dtype, requires_grad=True)
    value = penalty(grey)
    value.sum().backward()
    assert value.item() == pytest.approx(0, abs=1e-7)
    assert grey.grad is not None
    assert torch.equal(grey.grad, torch.zeros_like(grey))


@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_flat_parts_of_an_image_leave_the_gradient_finite(beta):
    halves = torch.zeros(1, 1, 4, 6)
    halves[..., 3:] = 1
    halves.requires_grad_()
    TotalVariation(beta=beta)(halves).sum().backward()
    assert halves.grad is not None
    share = beta / halves.numel()
    assert torch.allclose(halves.grad[0, 0], torch.tensor([0, 0, -share, share, 0, 0]).expand(4, 6))


def test_only_frequency_norms_depend_on_the_frequency():
    """A fine and a coarse wave of equal energy: only the frequency norm differs."""
    place = torch.arange(16, dtype=torch.float64)
    waves = [0.5 + 0.3 * torch.cos(2 * torch.pi * cycles * place / 16).expand(1, 1, 16, 16) for cycles in (1, 4)]
    coarse, fine = (L2(space="frequency")(wave).item() for wave in waves)
    assert fine == pytest.approx(16 * coarse)
    assert coarse == pytest.approx(0.3**2 / 2 / 16**2)
    assert L2()(waves[0]).item() == pytest.approx(L2()(waves[1]).item())


@pytest.mark.parametrize("penalty", [TotalVariation, AlphaNorm, L1, L2])
def test_weights_may_be_any_from_0_and_are_not_applied_here(penalty):
    assert torch.equal(penalty(weight=7.0)(IMAGES), penalty(weight=0)(IMAGES))
    assert penalty(weight=Schedule(0, 2)).weight == Schedule(0, 2)
    for weight in (-1.0, Schedule(1, -1), float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"weight=.*: a penalty's weight must be a finite number, at least 0"):
            penalty(weight=weight)


@pytest.mark.parametrize(
    ("penalty", "arguments", "message"),
    [
        (TotalVariation, {"beta": 0}, "beta=0: must be above 0"),
        (TotalVariation, {"beta": float("nan")}, "beta=nan: must be above 0"),
        (AlphaNorm, {"alpha": 0.5}, "alpha=0.5: must be at least 1"),
        (L1, {"space": "wave"}, "space='wave': use one of pixel, frequency"),
        (L2, {"space": "wave"}, "space='wave': use one of pixel, frequency"),
    ],
)
def test_wrong_settings_are_refused(penalty, arguments, message):
    with pytest.raises(ValueError, match=message):
        penalty(**arguments)
