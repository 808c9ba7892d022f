"""Images whose telling feature is known: each task tells its classes by that alone, and nothing else does."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from featevo.data.module import ImageDataModule
from featevo.data.planted import TASKS, Planted, PlantedSource
from featevo.errors import UserError


def loaded(task, per_class=24, split="train", size=48, seed=0):
    images = Planted(task, per_class, size, seed, split)
    pixels, labels = zip(*[images[index] for index in range(len(images))], strict=True)
    return torch.stack(pixels).float() / 255, np.array(labels)


def accuracy(features, labels):
    """Of a linear classifier on the second half, by which the classes are told or not."""
    half = len(labels) // 2
    model = LogisticRegression(max_iter=2000).fit(features[:half], labels[:half])
    return model.score(features[half:], labels[half:])


def colourful(images):
    """The colour of what is not grey, in directions of hue: (N, 2)."""
    red, green, blue = images.unbind(1)
    across, up = (red - (green + blue) / 2).mean((1, 2)), ((green - blue) * 3**0.5 / 2).mean((1, 2))
    return torch.nn.functional.normalize(torch.stack([across, up], 1), dim=1).numpy()


@pytest.mark.parametrize("task", TASKS)
def test_only_the_task_of_colour_is_told_by_colour(task):
    images, labels = loaded(task)
    found = accuracy(colourful(images), labels)
    assert (found > 0.8) if task == "colour" else (found < 0.3), found


@pytest.mark.parametrize("task", TASKS)
def test_only_the_mark_is_in_the_corner(task):
    images, labels = loaded(task)
    corner = images[:, :, -8:, -8:].mean(1).flatten(1).numpy()
    found = accuracy(corner, labels)
    assert (found == 1) if task == "watermark" else (found < 0.35), found


def test_parts_do_not_tell_the_class_alone():
    """Each of the kinds in a name is in several classes: two parts need both kinds, three parts all three."""
    for task, parts in (("two_parts", 2), ("three_parts", 3)):
        names = [name.replace(" and ", ", ").split(", ") for name in TASKS[task]]
        assert {len(name) for name in names} == {parts}
        for left_out in range(parts):
            rest = [tuple(kind for place, kind in enumerate(name) if place != left_out) for name in names]
            assert len(set(rest)) < len(rest)


def test_an_image_depends_on_its_own_numbers_alone():
    first = Planted("shape", 3, 48, 0, "train")
    more = Planted("shape", 9, 48, 0, "train")
    assert torch.equal(first[11][0], more[11][0])
    assert not torch.equal(first[0][0], Planted("shape", 3, 48, 1, "train")[0][0])
    assert not torch.equal(first[0][0], Planted("shape", 3, 48, 0, "val")[0][0])
    with pytest.raises(IndexError):
        first[24]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"task": "size"}, "data.source.task=size: allowed are colour, shape, two_parts, three_parts, watermark"),
        ({"task": "shape", "num_classes": 4}, "data.num_classes=4: data=planted has eight classes in each task"),
        ({"task": "shape", "classes": ["disc"]}, "data.classes=.*: data=planted has its own eight classes"),
        ({"task": "shape", "image_size": 16}, "data.image_size is 16"),
        ({"task": "shape", "val_per_class": 0}, "data.source.val_per_class is 0"),
    ],
)
def test_mistakes_are_one_line(settings, message):
    with pytest.raises(UserError, match=message) as caught:
        PlantedSource(**settings).splits()
    assert "\n" not in str(caught.value)


def labels_of(share, seed=0, cache_gb=1.0):
    source = PlantedSource(task="shape", image_size=32, train_per_class=25, val_per_class=2)
    data = ImageDataModule(source, 5, 0, seed, cache_gb, share)
    data.setup()
    sets = (data._splits.train, data._splits.val)
    right, same = (np.array([images[index][1] for index in range(len(images))]) for images in sets)
    return right, same


def test_a_share_of_the_training_labels_is_permuted():
    right, val = labels_of(0)
    half, same = labels_of(0.5)
    every, _ = labels_of(1)
    for found in (half, every):
        assert sorted(found) == sorted(right)
    assert np.array_equal(val, same)  # validation is untouched
    moved = np.mean(half != right)
    assert 0.5 * 7 / 8 - 0.08 < moved <= 0.5
    assert np.mean(every == right) == pytest.approx(1 / 8, abs=0.08)  # as chance leaves them
    assert not np.array_equal(every, labels_of(1, seed=1)[0])
    assert np.array_equal(every, labels_of(1)[0])


def test_wrong_labels_of_images_that_are_not_in_memory_are_refused():
    with pytest.raises(UserError, match=r"data.wrong_labels: only for training images in memory"):
        labels_of(1, cache_gb=0)
