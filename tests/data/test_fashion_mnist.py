"""Fashion-MNIST from small files in its real format, in both places, and from the real files where they are."""

from __future__ import annotations

import gzip
import struct
import urllib.request
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from hydra.utils import instantiate
from torchvision.datasets import FashionMNIST

from featevo.data.source import Splits
from featevo.errors import UserError
from tests.data.parts import composed

COUNTS = {"train": 60, "t10k": 30}
INSTALLED = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package has the real files."""


def pixels(part: str) -> np.ndarray:
    return np.random.default_rng(COUNTS[part]).integers(0, 256, (COUNTS[part], 28, 28), np.uint8)


def labels(part: str) -> np.ndarray:
    return (np.arange(COUNTS[part]) * 3 % 10).astype(np.uint8)


def idx(array: np.ndarray) -> bytes:
    """The format: two zeros, 8 for bytes, the number of dimensions; each dimension in four bytes, high byte first."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture(params=[("", ""), ("", ".gz"), ("FashionMNIST/raw", ""), ("FashionMNIST/raw", ".gz")], ids=str)
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The folder of the four files, below or at `tmp_path`."""
    below, suffix = request.param
    return write(tmp_path / below, suffix)


def write(folder: Path, suffix: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for part in COUNTS:
        for kind, array in {"images-idx3": pixels(part), "labels-idx1": labels(part)}.items():
            fill(folder / f"{part}-{kind}-ubyte{suffix}", idx(array))
    return folder


def read(root: Path, *overrides: str) -> Splits:
    """What the shipped configuration reads."""
    splits = instantiate(composed("fashion_mnist", f"data.root={root}", *overrides).data.source).splits()
    assert isinstance(splits, Splits)
    return splits


def error_of(root: Path, *overrides: str) -> str:
    with pytest.raises(UserError) as caught:
        read(root, *overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def one_of(folder: Path, name: str) -> Path:
    (path,) = folder.glob(f"{name}*")
    return path


def fill(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def test_every_pixel_and_label_in_both_places_compressed_or_not(folder: Path, tmp_path: Path) -> None:
    splits = read(tmp_path, "data.image_size=28")
    assert list(splits.classes) == FashionMNIST.classes
    for images, part in ((splits.train, "train"), (splits.val, "t10k")):
        assert len(images) == COUNTS[part]
        for place in (0, 7, COUNTS[part] - 1):
            image, label = images[place]
            assert np.array_equal(image.numpy(), pixels(part)[place][None])
            assert label == labels(part)[place]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4, "nothing is unpacked there, as the folder may be read-only"


def test_size_channels_and_classes(folder: Path, tmp_path: Path) -> None:
    assert read(tmp_path).train[0][0].shape == (1, 32, 32)
    assert read(tmp_path, "data.channels=3").val[0][0].shape == (3, 32, 32)
    splits = read(tmp_path, "data.classes=[ankle boot,T-shirt/top]", "data.image_size=28")
    assert splits.classes == ["Ankle boot", "T-shirt/top"]
    assert [len(splits.train), len(splits.val)] == [12, 6]
    places = [place for place in range(60) if labels("train")[place] in (0, 9)]
    assert [splits.train[i][1] for i in range(12)] == [int(labels("train")[place] == 0) for place in places]
    assert np.array_equal(splits.train[5][0].numpy()[0], pixels("train")[places[5]])


def test_few_of_each_class_by_the_seed_and_always_the_same_validation_images(folder: Path, tmp_path: Path) -> None:
    few = "data.source.train_per_class=4", "data.source.val_per_class=2", "data.image_size=28"
    one, other = (read(tmp_path, *few, f"seed={seed}") for seed in (0, 1))
    for splits in (one, other):
        assert Counter(splits.train[i][1] for i in range(40)) == dict.fromkeys(range(10), 4)
        assert Counter(splits.val[i][1] for i in range(20)) == dict.fromkeys(range(10), 2)
    same = {
        name: all(np.array_equal(getattr(one, name)[i][0], getattr(other, name)[i][0]) for i in range(20))
        for name in ("train", "val")
    }
    assert same == {"train": False, "val": True}
    too_many = error_of(tmp_path, "data.source.val_per_class=4")
    assert too_many == "data.source.val_per_class=4: must be null for all, or from 1 to 3, the images of T-shirt/top"


def test_missing_files_are_named(folder: Path, tmp_path: Path, no_network: None) -> None:
    one_of(folder, "t10k-labels").unlink()
    error = error_of(tmp_path)
    if folder == tmp_path:
        missing = "of Fashion-MNIST's four files, these are missing: t10k-labels-idx1-ubyte (or .gz)"
        assert error == f"data.root={tmp_path}: {missing}"
    else:
        assert error.startswith(f"data.root={folder}: Fashion-MNIST is not there and cannot be downloaded (")
        assert one_of(folder, "train-images").is_file()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", fail)


def test_without_network_one_line_explains_the_manual_download(tmp_path: Path, no_network: None) -> None:
    error = error_of(tmp_path)
    assert error.startswith(f"data.root={tmp_path / 'FashionMNIST' / 'raw'}: Fashion-MNIST is not there and cannot be")
    for name, _ in FashionMNIST.resources:
        assert f"{FashionMNIST.mirrors[0]}{name}" in error
    assert not list(tmp_path.iterdir())


def test_it_is_downloaded_where_torchvision_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "server", ".gz")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(FashionMNIST, "resources", [(name, None) for name, _ in FashionMNIST.resources])
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "server"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(FashionMNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        assert len(read(tmp_path / "new").train) == 60
        server.shutdown()
    assert (tmp_path / "new" / "FashionMNIST" / "raw" / "t10k-labels-idx1-ubyte").is_file()
    assert len(read(tmp_path / "new").train) == 60, "nothing is downloaded again"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t10k-images", idx(pixels("t10k"))[:-1]),
        ("t10k-images", idx(pixels("t10k"))[:3]),
        ("train-labels", idx(labels("train"))[:20]),
        ("train-labels", b""),
        ("train-labels", idx(pixels("t10k"))),
        ("train-images", idx(labels("train"))),
        ("train-images", b"<html>404: not found</html>"),
    ],
    ids=["a byte less", "header", "half", "empty", "images as labels", "labels as images", "a web page"],
)
def test_a_damaged_file_is_named(folder: Path, tmp_path: Path, name: str, content: bytes) -> None:
    path = one_of(folder, name)
    fill(path, content)
    assert error_of(tmp_path) == f"data.root={tmp_path}: {path} is truncated, or no such IDX file; fetch it again"


@pytest.mark.parametrize("content", [b"", b"not compressed", gzip.compress(idx(pixels("train")))[:-100]])
def test_a_damaged_archive_is_named(folder: Path, tmp_path: Path, content: bytes) -> None:
    path = one_of(folder, "train-images")
    path.write_bytes(content)
    assert error_of(tmp_path) == f"data.root={tmp_path}: {path} is truncated, or no such IDX file; fetch it again"


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (labels("t10k")[:29], "30 images and 29 labels from 0 to 9"),
        (labels("t10k") + np.uint8(1), "30 images and 30 labels from 1 to 10"),
    ],
)
def test_files_that_do_not_belong_together(folder: Path, tmp_path: Path, wrong: np.ndarray, found: str) -> None:
    fill(one_of(folder, "t10k-labels"), idx(wrong))
    assert error_of(tmp_path) == f"data.root={tmp_path}: t10k has {found}; each image needs a label from 0 to 9"


@pytest.mark.skipif(not INSTALLED.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_the_real_files_and_their_mean_and_deviation() -> None:
    splits = read(INSTALLED)
    assert Counter(label for _, label in splits.train.images) == dict.fromkeys(range(10), 6000)  # type: ignore[attr-defined]
    assert Counter(label for _, label in splits.val.images) == dict.fromkeys(range(10), 1000)  # type: ignore[attr-defined]
    cfg = composed("fashion_mnist").data
    images = np.stack([splits.train[i][0].numpy() for i in range(0, 60000, 10)]) / 255
    assert (images.mean(), images.std()) == (pytest.approx(cfg.mean[0], abs=0.01), pytest.approx(cfg.std[0], abs=0.01))
