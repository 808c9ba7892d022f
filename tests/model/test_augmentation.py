"""Augmented images against torchvision's own functions, image by image."""

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2.functional import horizontal_flip

from featevo.errors import UserError
from featevo.model.augmentation import Augmentation


@pytest.fixture
def images():
    return torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def test_each_image_has_its_own_draw(images):
    torch.manual_seed(0)
    same = images[:1].expand(64, -1, -1, -1)
    changed = Augmentation({"flip": v2.RandomHorizontalFlip()})(same)
    flipped = [torch.equal(image, horizontal_flip(images[0])) for image in changed]
    kept = [torch.equal(image, images[0]) for image in changed]
    assert sum(flipped) + sum(kept) == 64
    assert 16 <= sum(flipped) <= 48
    crops = Augmentation({"crop": v2.RandomResizedCrop(8, scale=(0.5, 1.0), ratio=(1.0, 1.0))})(same)
    assert len({image.numpy().tobytes() for image in crops}) > 8


def test_the_global_stream_repeats_it(images):
    flip, crop = v2.RandomHorizontalFlip(), v2.RandomResizedCrop(8)
    augmentation = Augmentation({"flip": flip, "crop": crop})
    torch.manual_seed(3)
    one, next_one = augmentation(images), augmentation(images)
    torch.manual_seed(3)
    assert torch.equal(one, torch.stack([crop(flip(image)) for image in images]))
    assert torch.equal(next_one, augmentation(images))
    assert not torch.equal(one, next_one)


def test_the_batch_stays_as_it_was(images):
    before = images.clone()
    Augmentation({"flip": v2.RandomHorizontalFlip(1.0)})(images)
    assert torch.equal(images, before)


def test_transforms_are_applied_in_their_order(images):
    double_then_add = Augmentation({"b": lambda image: image * 2, "a": lambda image: image + 1})(images)
    assert torch.equal(double_then_add, images * 2 + 1)


@pytest.mark.parametrize(
    ("transform", "found"),
    [
        (v2.CenterCrop(4), r"float32 \(3, 4, 4\)"),
        (v2.Grayscale(1), r"float32 \(1, 8, 8\)"),
        (v2.ToDtype(torch.uint8), r"uint8 \(3, 8, 8\)"),
        (v2.ToPILImage(), "Image"),
    ],
)
def test_another_shape_or_type_is_one_line(images, transform, found):
    augmentation = Augmentation({"first": v2.Identity(), "mine": transform})
    expected = r"^augmentation\.mine: must keep an image's shape and type, float32 \(3, 8, 8\), but returns "
    with pytest.raises(UserError, match=f"{expected}{found}$"):
        augmentation(images)
