"""Real images of a user's own data set."""

import random

import pytest
import torch
from torch.utils.data import TensorDataset

from featevo.evolve.real_images import DatasetImages, real_images
from tests.evolve.parts import CLASSES, SIZE, pictures

MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


def normalised():
    images, labels = pictures(0, 60).tensors
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (MEAN, STD))
    return TensorDataset((images - mean) / std, labels), images


def test_images_are_brought_back_to_the_range():
    data, original = normalised()
    images, labels = DatasetImages(data, len(CLASSES), SIZE, MEAN, STD)(4)
    assert labels.bincount().tolist() == [4, 4, 4]
    places = [int((original - image).abs().amax((1, 2, 3)).argmin()) for image in images]
    torch.testing.assert_close(images, original[places])
    assert [place % 3 for place in places] == labels.tolist()


def test_bytes_are_scaled():
    data = TensorDataset(torch.full((6, 1, 4, 4), 51, dtype=torch.uint8), torch.arange(6) % 2)
    images, _ = DatasetImages(data, 2, 4, (0.5,), (0.5,))(1)
    assert images.unique().tolist() == pytest.approx([0.2])


def test_they_are_always_the_same_and_no_random_stream_changes():
    class Augmented:
        def __len__(self):
            return 30

        def __getitem__(self, place):
            random.random()
            return torch.rand(3, SIZE, SIZE), place % 3

    before = torch.get_rng_state(), random.getstate()
    data = DatasetImages(Augmented(), 3, SIZE, (0.0,), (1.0,))
    assert torch.equal(data(2)[0], data(2)[0])
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]


def test_a_rare_class_has_fewer():
    labels = torch.tensor([0] * 59 + [1])
    found = DatasetImages(TensorDataset(torch.rand(60, 3, 4, 4), labels), 2, 4, (0.0,), (1.0,))(3)[1]
    assert found.bincount(minlength=2).tolist() in ([3, 0], [3, 1])


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (
            torch.rand(4, 3, 5, 5),
            torch.arange(4) % 2,
            r"is of shape \(3, 5, 5\); a tensor \(channels, 4, 4\)",
        ),
        (torch.rand(4, 3, 4, 4) * 255, torch.arange(4) % 2, "times std plus mean has values .* not 0 to 1"),
        (torch.rand(4, 3, 4, 4), torch.full((4,), 2), "has label 2, but there are 2 classes"),
        (torch.rand(4, 3, 4, 4), torch.rand(4, 2), r"must be \(image, label\)"),
    ],
)
def test_what_is_no_such_data_set_is_one_line(images, labels, message):
    with pytest.raises(ValueError, match=message):
        DatasetImages(TensorDataset(images, labels), 2, 4, (0.0,), (1.0,))(1)


def test_functions_stay_and_others_are_refused():
    def function(count):
        return torch.rand(2, 3, 4, 4), torch.arange(2)

    assert real_images(function, 2, 4, (0.0,), (1.0,)) is function
    assert real_images(None, 2, 4, (0.0,), (1.0,)) is None
    with pytest.raises(ValueError, match="real=int: give a data set"):
        real_images(3, 2, 4, (0.0,), (1.0,))
