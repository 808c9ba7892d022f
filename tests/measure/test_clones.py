"""Clones keep what they say and lose the rest; networks that use one statistic alone show which."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from sklearn.metrics import roc_auc_score

from featevo.measure.clones import KINDS, Clones, gaussian, grey, low_pass, patches, told_apart
from featevo.measure.subject import Real, Subject

SIZE = 32


def real(classes=3, per_class=40, seed=0):
    """Noise with a bright stripe whose row tells the class, on a colour that tells it, too."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(classes).repeat(per_class)
    images = 0.3 + 0.2 * torch.rand((len(labels), 3, SIZE, SIZE), generator=generator)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[label] += 0.1
        image[:, 8 * label + 8 : 8 * label + 12] += 0.3
    return Real(images, images, labels)


def by_colour(images):
    return (30 * images.mean((2, 3))).softmax(1)


def by_stripe(images):
    rows = images.mean((1, 3))
    return (30 * torch.stack([rows[:, 8 * n + 8 : 8 * n + 12].mean(1) for n in range(3)], 1)).softmax(1)


def found(kind, predict, classes=3):
    data = real(classes)
    subject = Subject(data.val[:classes], predict, real=data, answers=predict(data.val))
    value = Clones(kind)(subject)
    assert value is not None
    return float(value.mean())


def test_a_network_that_uses_colour_needs_no_arrangement_and_the_other_way_round():
    assert found("real", by_colour) == 1
    assert found("patches", by_colour) == 1
    assert found("low_pass", by_colour) == 1
    assert found("grey", by_colour) == pytest.approx(0.5, abs=0.1)
    assert found("real", by_stripe) == 1
    assert found("grey", by_stripe) == 1
    assert found("patches", by_stripe) == pytest.approx(0.5, abs=0.1)


def test_a_network_that_ignores_the_image_is_at_chance_for_any_number_of_classes():
    for classes in (2, 3):
        assert found("real", lambda images, k=classes: torch.full((len(images), k), 1 / k), classes) == 0.5
        one = found("real", lambda images, k=classes: torch.arange(k).float().expand(len(images), k), classes)
        assert one == 0.5


def test_entries_are_shares_of_images_with_the_larger_logit():
    answers = torch.rand(40, 3, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(3).repeat(14)[:40]
    matrix = told_apart(answers, labels, 3).numpy()
    for k, j in ((0, 1), (2, 0)):
        own = answers[labels == k].numpy()
        assert matrix[k, j] == pytest.approx(np.mean(own[:, k] > own[:, j]))
    assert np.array_equal(np.diag(matrix), np.ones(3))
    assert told_apart(answers[:2, :2], torch.tensor([0, 0]), 2)[1, 0].isnan()


def test_clones_keep_what_they_say():
    data = real()
    luma = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    expected = (data.val * luma).sum(1, keepdim=True).expand_as(data.val)
    torch.testing.assert_close(grey(data), expected, atol=2e-3, rtol=0)

    smooth = low_pass(data)[0, 0].numpy()
    reference = gaussian_filter(data.val[0, 0].numpy().astype(float), SIZE / 16, mode="mirror", truncate=3)
    np.testing.assert_allclose(smooth, reference, atol=1e-4)

    shuffled = patches(data)
    cell = SIZE // 8
    for image, clone in zip(data.val[:4], shuffled, strict=False):
        before, after = (
            {
                one[:, top : top + cell, left : left + cell].numpy().tobytes()
                for top in range(0, SIZE, cell)
                for left in range(0, SIZE, cell)
            }
            for one in (image, clone)
        )
        assert before == after
        assert not torch.equal(image, clone)
    orders = [(clone - image).abs().sum() for image, clone in zip(data.val[:4], shuffled, strict=False)]
    assert len({float(order) for order in orders}) == 4
    torch.testing.assert_close(patches(data), shuffled)


def test_gaussian_clones_have_the_mean_and_covariance_of_their_class():
    generator = torch.Generator().manual_seed(0)
    base = torch.rand(2, 1, 4, 4, generator=generator) * 0.2 + 0.4
    labels = torch.arange(2).repeat(3000)
    images = base[labels] + 0.05 * torch.randn(6000, 1, 1, 1, generator=generator) * torch.linspace(-1, 1, 4)
    data = Real(images, images, labels)
    clones = gaussian(data)
    for label in (0, 1):
        own, copy = (every[labels == label].flatten(1).double().numpy() for every in (images, clones))
        np.testing.assert_allclose(copy.mean(0), own.mean(0), atol=5e-3)
        np.testing.assert_allclose(np.cov(copy.T), np.cov(own.T), atol=3e-4)
    assert roc_auc_score(labels == 1, (clones - images).abs().mean((1, 2, 3))) == pytest.approx(0.5, abs=0.1)


def test_sizes_that_are_not_multiples_of_the_cells_are_allowed():
    images = torch.rand(4, 3, 27, 30)
    data = Real(images, images, torch.tensor([0, 1, 0, 1]))
    for kind in KINDS:
        assert KINDS[kind](data).shape == images.shape


def test_another_kind_is_named():
    with pytest.raises(ValueError, match="kind=blue: allowed are real, grey, low_pass, patches, gaussian"):
        Clones("blue")


def test_without_network_or_real_images_there_is_no_value():
    data = real()
    assert Clones("real")(Subject(data.val[:3], None, real=data)) is None
    assert Clones("real")(Subject(data.val[:3], by_colour)) is None
