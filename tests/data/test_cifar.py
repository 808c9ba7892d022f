"""CIFAR-10 and CIFAR-100 in their real on-disk format, and where they are not there."""

from __future__ import annotations

import pickle
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torchvision.datasets import CIFAR10, CIFAR100

from featevo.app.paths import CONF
from featevo.data.cifar import CifarSource
from featevo.errors import UserError

NAMES = {
    10: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
    100: ["apple", "aquarium_fish", *(f"class_{i:02}" for i in range(2, 100))],
}
PER_FILE = {10: 20, 100: 200}


def pixels(name: str, count: int) -> np.ndarray:
    """Rows of a batch: 1,024 red, then green, then blue values, row by row."""
    return np.random.default_rng(list(name.encode())).integers(0, 256, (count, 3072), np.uint8)


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[int, Path]:
    """Both data sets with a few pictures, as `pickle` files with the real keys; their checksums are switched off."""
    for variant, kind in ((10, CIFAR10), (100, CIFAR100)):
        folder = tmp_path / kind.base_folder
        folder.mkdir()
        for name in [name for name, _ in kind.train_list + kind.test_list]:
            labels = [i % variant for i in range(PER_FILE[variant])]
            content: dict[str, Any] = {"batch_label": name, "data": pixels(name, len(labels)), "filenames": []}
            if variant == 10:
                content["labels"] = labels
            else:
                content |= {"fine_labels": labels, "coarse_labels": [label // 5 for label in labels]}
            (folder / name).write_bytes(pickle.dumps(content, protocol=2))
        key = "label_names" if variant == 10 else "fine_label_names"
        (folder / kind.meta["filename"]).write_bytes(pickle.dumps({key: NAMES[variant]}, protocol=2))
        monkeypatch.setattr(kind, "train_list", [[name, None] for name, _ in kind.train_list])
        monkeypatch.setattr(kind, "test_list", [[name, None] for name, _ in kind.test_list])
        monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": None})
    return {10: tmp_path, 100: tmp_path}


def source(root: Path, variant: int, **options: Any) -> CifarSource:
    defaults = {"root": str(root), "num_classes": None, "classes": None, "image_size": 32, "variant": variant}
    return CifarSource(**{**defaults, **options})


@pytest.mark.parametrize(("variant", "files"), [(10, 5), (100, 1)])
def test_the_shipped_configuration_reads_it(roots: dict[int, Path], variant: int, files: int) -> None:
    cfg = OmegaConf.create({"data": OmegaConf.load(CONF / "data" / f"cifar{variant}.yaml")})
    cfg.data.root = str(roots[variant])
    splits = instantiate(cfg.data.source).splits()
    assert list(splits.classes) == [name.replace("_", " ") for name in NAMES[variant]]
    assert (len(splits.train), len(splits.val)) == (files * PER_FILE[variant], PER_FILE[variant])
    first = "data_batch_1" if variant == 10 else "train"
    for pictures, name in ((splits.train, first), (splits.val, "test_batch" if variant == 10 else "test")):
        image, label = pictures[13]
        assert label == 13 % variant
        assert np.array_equal(image.numpy(), pixels(name, 14)[13].reshape(3, 32, 32))


def test_classes_by_name_and_number(roots: dict[int, Path]) -> None:
    splits = source(roots[10], 10, classes=["truck", "Cat"]).splits()
    assert splits.classes == ["truck", "cat"]
    assert (len(splits.train), len(splits.val)) == (20, 4)
    assert [splits.val[i][1] for i in range(4)] == [1, 0, 1, 0]  # in the order of the file: cat, truck, cat, truck
    assert np.array_equal(splits.val[1][0].numpy(), pixels("test_batch", 10)[9].reshape(3, 32, 32))
    assert source(roots[10], 10, num_classes=2).splits().classes == ["airplane", "automobile"]
    for name in ("aquarium fish", "aquarium_fish"):
        assert source(roots[100], 100, classes=["apple", name]).splits().classes == ["apple", "aquarium fish"]


def test_sizes_and_channels(roots: dict[int, Path]) -> None:
    splits = source(roots[10], 10, image_size=48, channels=1).splits()
    assert splits.train[0][0].shape == splits.val[0][0].shape == (1, 48, 48)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["cat", "dgo"]}, "data.classes: no class 'dgo' in CIFAR-10, did you mean 'dog'? It has airplane"),
        ({"num_classes": 11}, "data.num_classes=11: CIFAR-10 allows 2 to 10, its classes"),
        ({"variant": 20}, "data.source.variant=20: allowed are 10 and 100"),
    ],
)
def test_mistakes_are_one_line(roots: dict[int, Path], options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        source(roots[10], **{"variant": 10, **options}).splits()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("variant", [10, 100])
def test_without_network_one_line_says_where_to_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: int
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(UserError) as caught:
        source(tmp_path, variant).splits()
    assert str(caught.value) == (
        f"data.root={tmp_path}: CIFAR-{variant} is not there and cannot be downloaded (no network); "
        f"fetch https://www.cs.toronto.edu/~kriz/cifar-{variant}-python.tar.gz by hand, put it there as it is, "
        "and start again"
    )


def test_a_damaged_file_is_not_read(roots: dict[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CIFAR100, "test_list", [["test", "0" * 32]])
    monkeypatch.setattr(CIFAR100, "url", "file:///nowhere/cifar-100-python.tar.gz")
    with pytest.raises(UserError, match="CIFAR-100 is not there and cannot be downloaded"):
        source(roots[100], 100).splits()
    assert (roots[100] / "cifar-100-python" / "train").exists()
