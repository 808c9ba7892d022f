"""Confusion: planted parts of another class are found, and every number equals an independent computation."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from featevo.measure.confusion import CropConfusion, SelfConfusion, ValidationAgreement, crops
from featevo.measure.subject import Subject
from tests.measure.parts import BLUE, GREEN, GREY, RED, by_colour, filled, subject, value, with_validation


def test_the_networks_own_confusion_is_the_probability_of_other_classes():
    seen = subject(filled(RED, GREEN, GREY))
    probabilities = by_colour()(seen.images).numpy()
    np.testing.assert_allclose(value(SelfConfusion(), seen), 1 - np.diag(probabilities), rtol=1e-6)
    assert float(value(SelfConfusion(), seen)[2]) == pytest.approx(2 / 3)


def test_a_part_of_another_class_is_found_in_the_image():
    """As the eyes of frogs in the paper: a red image with a green corner is red as a whole, and green in the corner."""
    whole, planted = filled(GREY, GREEN, BLUE), filled(GREY, GREEN, BLUE)
    whole[0, :, 3:9, 3:9] = torch.tensor(RED).view(3, 1, 1)
    planted[0, :, 3:9, 3:9] = torch.tensor(RED).view(3, 1, 1)
    planted[0, :, :3, :3] = torch.tensor(GREEN).view(3, 1, 1)
    clean, mixed = (value(CropConfusion().matrix, subject(images)) for images in (whole, planted))
    assert by_colour()(planted).argmax(1).tolist() == [0, 1, 2]
    assert mixed[0, 1] > clean[0, 1] + 0.02
    assert mixed[0, 1] > mixed[0, 2] + 0.02
    torch.testing.assert_close(mixed.sum(1), torch.ones(3))


def test_empty_crops_have_little_weight():
    """A small red square on grey: most crops are empty, and the network's predictions for them are arbitrary."""
    images = filled(GREY, GREEN, BLUE)
    images[0, :, :4, :4] = torch.tensor(RED).view(3, 1, 1)
    unsure = value(CropConfusion(), subject(images))[0]
    predictions = by_colour()(crops(images - 0.5)[0] + 0.5)
    assert float(unsure) < 1 - float(predictions[:, 0].mean()) - 0.1


def test_crops_do_not_mislead_a_network_of_one_scale():
    """Its class is the finest pattern. Enlarged crops would not contain it, so all would be of the other class."""

    def by_grain(images):
        signs = (-1.0) ** torch.arange(12)
        fine = 60 * (images * signs).mean((1, 2, 3)).abs()
        return torch.stack([fine, torch.full_like(fine, 3.0)], 1).softmax(1)

    stripes = torch.zeros(1, 3, 12, 12)
    stripes[..., ::2] = 1
    seen = Subject(torch.cat([stripes, filled(GREY)]), by_grain)
    assert float(value(CropConfusion(), seen)[0]) < 0.1


def test_crops_equal_an_independent_computation():
    images = torch.rand(3, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    found = value(CropConfusion().matrix, subject(images))
    for image, row in zip(images.double().numpy(), found.numpy(), strict=True):
        spread = ((image - image.mean((1, 2), keepdims=True)) ** 2).sum(0)
        weights, predictions = [], []
        for top in (0, 3, 6):
            for left in (0, 3, 6):
                weights.append(spread[top : top + 6, left : left + 6].sum())
                shown = np.full_like(image, 0.5)
                shown[:, top : top + 6, left : left + 6] = image[:, top : top + 6, left : left + 6]
                predictions.append(by_colour()(torch.from_numpy(shown)[None])[0].numpy())
        np.testing.assert_allclose(row, np.average(predictions, axis=0, weights=weights), rtol=1e-5)


def test_an_image_of_one_colour_has_nine_equal_parts():
    found = value(CropConfusion().matrix, subject())
    # A window is a quarter of the image, and this network uses only the mean colour.
    torch.testing.assert_close(found, by_colour()(0.5 + (filled(RED, GREEN, BLUE) - 0.5) / 4))


def test_agreement_is_spearmans_correlation_without_the_diagonal():
    images = torch.rand(3, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    validation = torch.tensor([[8, 2, 0], [1, 5, 4], [3, 0, 27]])
    seen = subject(images, **with_validation(validation))
    imaged = value(CropConfusion().matrix, seen).numpy()[~np.eye(3, dtype=bool)]
    shares = (validation / validation.sum(1, keepdim=True)).numpy()[~np.eye(3, dtype=bool)]
    assert float(value(ValidationAgreement(), seen)) == pytest.approx(spearmanr(imaged, shares).statistic, abs=1e-6)


@pytest.mark.parametrize("validation", [None, torch.eye(3, dtype=torch.int64) * 10])
def test_without_errors_of_the_network_there_is_no_agreement(validation):
    assert ValidationAgreement()(subject(**with_validation(validation))) is None
