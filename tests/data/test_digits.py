"""The digits: scikit-learn's own pixels, in grey, split by class."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from sklearn.datasets import load_digits

from featevo.data.digits import DigitsSource
from featevo.data.module import ImageDataModule
from featevo.data.source import Images, Splits
from featevo.errors import UserError
from tests.data.parts import composed


def split(**options: Any) -> Splits:
    defaults: dict[str, Any] = {"num_classes": None, "classes": None, "image_size": 8, "val_size": 0.2, "seed": 0}
    return DigitsSource(**{**defaults, **options}).splits()


def content(images: Images) -> Counter[tuple[bytes, int]]:
    return Counter((image.numpy().tobytes(), label) for image, label in (images[i] for i in range(len(images))))


def test_both_sets_together_are_all_digits() -> None:
    digits = load_digits()
    stored = np.rint(digits.images * 255 / 16).astype(np.uint8)
    splits = split()
    expected = Counter((image.tobytes(), int(label)) for image, label in zip(stored, digits.target, strict=True))
    assert content(splits.train) + content(splits.val) == expected
    assert splits.classes == [str(digit) for digit in range(10)]


def test_the_shipped_configuration_gives_grey_of_its_own_mean_and_deviation() -> None:
    cfg = composed("digits", "seed=1")
    module = ImageDataModule(instantiate(cfg.data.source), 32, 0, 1, 1.0)
    module.setup()
    assert (module.num_channels, module.image_size, module.num_classes) == (1, 32, 10)
    images = torch.cat([images for images, _ in module.train_dataloader()]) / 255
    assert abs(images.mean().item() - cfg.data.mean[0]) < 0.005
    assert abs(images.std().item() - cfg.data.std[0]) < 0.005


def test_a_share_of_every_class_validates() -> None:
    sizes = Counter(load_digits().target.tolist())
    val = split(val_size=400).val
    assert len(val) == 400
    found = Counter(val[i][1] for i in range(400))
    assert all(abs(found[digit] - 400 * sizes[digit] / 1797) < 1 for digit in range(10))
    assert content(split(seed=1).val) != content(split(seed=0).val)


def test_a_choice_of_classes_does_not_change_the_split_of_a_class() -> None:
    splits = split(classes=["8", "3"])
    assert splits.classes == ["8", "3"]
    whole = split()
    for new, old in ((0, 8), (1, 3)):
        chosen = {image for image, label in content(splits.val) if label == new}
        assert chosen == {image for image, label in content(whole.val) if label == old}
    assert split(num_classes=2).classes == ["0", "1"]
    assert split(channels=3, image_size=20).train[0][0].shape == (3, 20, 20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["3", "ten"]}, "data.classes: no class 'ten' in digits; it has 0, 1, 2,"),
        ({"num_classes": 11}, "data.num_classes=11: digits allows 2 to 10, its classes"),
        ({"val_size": 1797}, "data.val_size=1797: allowed are a fraction between 0 and 1, or 10 to 1787"),
        ({"channels": 2}, "data.channels=2: "),
    ],
)
def test_mistakes_are_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        split(**options)
    assert str(caught.value).startswith(message)


def test_without_scikit_learn_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(UserError, match=r"^data=digits needs scikit-learn, which has them: pip install scikit-learn$"):
        split()
