"""torchvision's data sets in their real formats on disk, and errors if they are missing."""

from __future__ import annotations

import pickle
import tarfile
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from hydra.utils import instantiate
from PIL import Image
from scipy.io import savemat
from torchvision.datasets import CIFAR10, CIFAR100, Flowers102, Imagenette

from featevo.data.torchvision_source import TorchvisionSource, renamed
from featevo.errors import UserError
from tests.data.parts import composed

NAMES = {
    10: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
    100: ["apple", "aquarium_fish", *(f"class_{i:02}" for i in range(2, 100))],
}
PER_FILE = {10: 20, 100: 200}
FLOWERS = 102
names_of_flowers = pytest.mark.skipif(
    not hasattr(Flowers102, "classes"), reason="torchvision before 0.22 has no names of the flowers"
)
# Image 1 shows flower 102 and so on down, three times; thirds of them train, validate and test.
LABELS = [FLOWERS - i % FLOWERS for i in range(3 * FLOWERS)]
SYNSETS = {key: names[0] for key, names in Imagenette._WNID_TO_CLASS.items()}


def source(dataset: str, root: Path, **options: Any) -> TorchvisionSource:
    defaults = {"num_classes": None, "classes": None, "image_size": 16, "dataset": dataset}
    return TorchvisionSource(root=str(root), **{**defaults, **options})


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", fail)


def pixels(name: str, count: int) -> np.ndarray:
    """Rows of a batch: 1,024 red, then green, then blue values, row by row."""
    return np.random.default_rng(list(name.encode())).integers(0, 256, (count, 3072), np.uint8)


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[int, Path]:
    """Both data sets with a few images, as `pickle` files with the real keys; their checksums are switched off."""
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


@pytest.mark.parametrize(("variant", "files"), [(10, 5), (100, 1)])
def test_cifar_the_shipped_configuration_reads_it(roots: dict[int, Path], variant: int, files: int) -> None:
    cfg = composed(f"cifar{variant}", f"data.root={roots[variant]}")
    splits = instantiate(cfg.data.source).splits()
    assert list(splits.classes) == [name.replace("_", " ") for name in NAMES[variant]]
    assert (len(splits.train), len(splits.val)) == (files * PER_FILE[variant], PER_FILE[variant])
    first = "data_batch_1" if variant == 10 else "train"
    for images, name in ((splits.train, first), (splits.val, "test_batch" if variant == 10 else "test")):
        image, label = images[13]
        assert label == 13 % variant
        assert np.array_equal(image.numpy(), pixels(name, 14)[13].reshape(3, 32, 32))


def test_cifar_classes_by_name_and_number(roots: dict[int, Path]) -> None:
    splits = source("CIFAR10", roots[10], classes=["truck", "Cat"], image_size=32).splits()
    assert splits.classes == ["truck", "cat"]
    assert (len(splits.train), len(splits.val)) == (20, 4)
    assert [splits.val[i][1] for i in range(4)] == [1, 0, 1, 0]  # in the order of the file: cat, truck, cat, truck
    assert np.array_equal(splits.val[1][0].numpy(), pixels("test_batch", 10)[9].reshape(3, 32, 32))
    assert source("CIFAR10", roots[10], num_classes=2).splits().classes == ["airplane", "automobile"]
    for name in ("aquarium fish", "aquarium_fish"):
        assert source("CIFAR100", roots[100], classes=["apple", name]).splits().classes == ["apple", "aquarium fish"]


def test_cifar_sizes_and_channels(roots: dict[int, Path]) -> None:
    splits = source("CIFAR10", roots[10], image_size=48, channels=1).splits()
    assert splits.train[0][0].shape == splits.val[0][0].shape == (1, 48, 48)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["cat", "dgo"]}, "data.classes: no class 'dgo' in CIFAR-10, did you mean 'dog'? It has airplane"),
        ({"num_classes": 11}, "data.num_classes=11: CIFAR-10 allows 2 to 10, its classes"),
    ],
)
def test_cifar_mistakes_are_one_line(roots: dict[int, Path], options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        source("CIFAR10", roots[10], **options).splits()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("variant", [10, 100])
def test_cifar_without_network_one_line_explains_the_manual_download(
    tmp_path: Path, no_network: None, variant: int
) -> None:
    with pytest.raises(UserError) as caught:
        source(f"CIFAR{variant}", tmp_path).splits()
    assert str(caught.value) == (
        f"data.root={tmp_path}: CIFAR-{variant} is not there and cannot be downloaded (no network); "
        f"fetch https://www.cs.toronto.edu/~kriz/cifar-{variant}-python.tar.gz by hand, put it there as it is, "
        "and start again"
    )


def test_a_damaged_file_is_not_read(roots: dict[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CIFAR100, "test_list", [["test", "0" * 32]])
    monkeypatch.setattr(CIFAR100, "url", "file:///nowhere/cifar-100-python.tar.gz")
    with pytest.raises(UserError, match="CIFAR-100 is not there and cannot be downloaded"):
        source("CIFAR100", roots[100]).splits()
    assert (roots[100] / "cifar-100-python" / "train").exists()


@pytest.fixture
def flowers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data set with three small images a class; its checksums are switched off."""
    folder = tmp_path / "flowers-102"
    (folder / "jpg").mkdir(parents=True)
    for number, label in enumerate(LABELS, 1):
        Image.fromarray(np.full((9, 11, 3), 2 * label, np.uint8)).save(folder / "jpg" / f"image_{number:05}.jpg")
    savemat(folder / "imagelabels.mat", {"labels": np.array([LABELS], np.uint8)})
    parts = np.arange(1, 3 * FLOWERS + 1, dtype=np.uint16).reshape(3, 1, FLOWERS)
    savemat(folder / "setid.mat", dict(zip(("trnid", "valid", "tstid"), parts, strict=True)))
    monkeypatch.setattr(
        Flowers102, "_file_dict", {key: (name, None) for key, (name, _) in Flowers102._file_dict.items()}
    )
    return tmp_path


@names_of_flowers
def test_flowers_the_shipped_configuration_reads_it(flowers: Path) -> None:
    cfg = composed("flowers102", f"data.root={flowers}")
    splits = instantiate(cfg.data.source).splits()
    assert (len(splits.classes), splits.classes[0], splits.classes[101]) == (102, "pink primrose", "blackberry lily")
    assert (len(splits.train), len(splits.val)) == (204, 102)
    for images, index in ((splits.train, 0), (splits.train, 150), (splits.val, 40)):
        image, label = images[index]
        assert label == FLOWERS - 1 - index % FLOWERS
        assert image.shape == (3, 128, 128)
        assert abs(int(image[0, 0, 0]) - 2 * (label + 1)) <= 2


@names_of_flowers
def test_flowers_classes_by_name_and_number(flowers: Path) -> None:
    splits = source("Flowers102", flowers, classes=["Sunflower", "colts foot"], channels=1).splits()
    assert splits.classes == ["sunflower", "colt's foot"]
    assert (len(splits.train), len(splits.val)) == (4, 2)
    flower = Flowers102.classes.index("sunflower") + 1
    (image,) = (image for image, label in (splits.val[i] for i in range(2)) if label == 0)
    assert image.shape == (1, 16, 16)
    assert abs(int(image[0, 0, 0]) - 2 * flower) <= 2
    assert source("Flowers102", flowers, num_classes=2).splits().classes == [
        "pink primrose",
        "hard-leaved pocket orchid",
    ]


@names_of_flowers
def test_flowers_class_mistakes_are_one_line_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"^data\.classes: no class 'sunflour' in Flowers102, did you mean 'sunflower'\?"
    ):
        source("Flowers102", tmp_path / "gone", classes=["rose", "sunflour"]).splits()
    with pytest.raises(UserError, match=r"^data\.num_classes=103: Flowers102 allows 2 to 102, its classes$"):
        source("Flowers102", tmp_path / "gone", num_classes=103).splits()


@names_of_flowers
def test_flowers_without_network_one_line_explains_the_manual_download(tmp_path: Path, no_network: None) -> None:
    with pytest.raises(UserError) as caught:
        source("Flowers102", tmp_path).splits()
    assert str(caught.value).startswith(f"data.root={tmp_path / 'flowers-102'}: Flowers102 is not there and cannot be")
    for name, _ in Flowers102._file_dict.values():
        assert f"{Flowers102._download_url_prefix}{name}" in str(caught.value)


def test_an_old_torchvision_is_refused(flowers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Flowers102, "classes", raising=False)
    with pytest.raises(UserError, match=r"^data=flowers102 needs torchvision 0\.22 or newer"):
        source("Flowers102", flowers).splits()


SYNSETS = {key: names[0] for key, names in Imagenette._WNID_TO_CLASS.items()}


def make(root: Path) -> Path:
    for part, count in (("train", 3), ("val", 2)):
        for place, key in enumerate(SYNSETS):
            folder = root / "imagenette2-160" / part / key
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = np.full((20, 24, 3), 20 * place, np.uint8)
                Image.fromarray(pixels).save(folder / f"{part}_{i}.JPEG", format="JPEG")
    return root


def test_imagenette_the_shipped_configuration_reads_it_with_its_own_split(tmp_path: Path) -> None:
    cfg = composed("imagenette", f"data.root={make(tmp_path)}")
    splits = instantiate(cfg.data.source).splits()
    assert list(splits.classes) == list(SYNSETS.values())
    assert (len(splits.train), len(splits.val)) == (30, 20)
    for images, count in ((splits.train, 3), (splits.val, 2)):
        image, label = images[count * 7]
        assert (label, image.shape) == (7, (3, 128, 128))
        assert abs(int(image[0, 0, 0]) - 140) <= 2


def test_imagenette_classes_by_name_id_and_number(tmp_path: Path) -> None:
    make(tmp_path)
    splits = source("Imagenette", tmp_path, classes=["golf ball", "n01440764"]).splits()
    assert splits.classes == ["golf ball", "tench"]
    assert [label for _, label in (splits.train[i] for i in range(6))] == [0, 0, 0, 1, 1, 1]
    assert abs(int(splits.train[0][0][0, 0, 0]) - 160) <= 2
    assert source("Imagenette", tmp_path, num_classes=3).splits().classes == [
        "tench",
        "English springer",
        "cassette player",
    ]
    assert source("Imagenette", tmp_path, channels=1).splits().val[0][0].shape == (1, 16, 16)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"classes": ["tench", "gold ball"]},
            "no class 'gold ball' in Imagenette, did you mean 'golf ball' (n03445777)",
        ),
        ({"classes": ["tench", "flamingo"]}, "no class 'flamingo' in Imagenette; it has tench, English springer, "),
        ({"num_classes": 11}, "data.num_classes=11: Imagenette allows 2 to 10, its classes"),
        ({"size": "64px"}, "data.source.size=64px: allowed are 160px, 320px, full"),
    ],
)
def test_imagenette_mistakes_are_one_line(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        source("Imagenette", make(tmp_path), **options).splits()
    assert message in str(caught.value)


def test_imagenette_without_network_one_line_explains_the_manual_download(tmp_path: Path, no_network: None) -> None:
    with pytest.raises(UserError) as caught:
        source("Imagenette", tmp_path / "new").splits()
    assert str(caught.value) == (
        f"data.root={tmp_path / 'new'}: Imagenette is not there and cannot be downloaded (no network); fetch "
        "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz by hand, put it there as it is, and start again"
    )


# torchvision, from Python 3.12 on.
@pytest.mark.filterwarnings("ignore:Python 3.14 will, by default, filter:DeprecationWarning")
def test_imagenette_an_archive_put_there_by_hand_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(tmp_path / "imagenette2-160.tgz", "w:gz") as archive:
        archive.add(make(tmp_path / "elsewhere") / "imagenette2-160", "imagenette2-160")
    url, _ = Imagenette._ARCHIVES["160px"]
    monkeypatch.setitem(Imagenette._ARCHIVES, "160px", (url, None))  # torchvision checks the real archive's checksum
    assert len(source("Imagenette", tmp_path).splits().train) == 30


def test_other_data_sets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        source("MNIST", tmp_path).splits()
    allowed = "CIFAR10, CIFAR100, Flowers102, Imagenette, FashionMNIST"
    assert str(caught.value) == f"data.source.dataset=MNIST: allowed are {allowed}"


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ({"_target_": "featevo.data.cifar.CifarSource", "variant": 10}, "cifar10"),
        ({"_target_": "featevo.data.cifar.CifarSource", "variant": 100}, "cifar100"),
        ({"_target_": "featevo.data.flowers102.Flowers102Source"}, "flowers102"),
        ({"_target_": "featevo.data.imagenette.ImagenetteSource", "size": "160px"}, "imagenette"),
        ({"_target_": "featevo.data.scenes.ScenesSource", "skip": 0}, "scenes"),
    ],
)
def test_sources_of_older_records_get_todays_name(old: dict[str, Any], name: str) -> None:
    today = dict(composed(name).data.source)
    shared = {key: value for key, value in today.items() if key not in ("_target_", "dataset")}
    assert renamed({**shared, **old}) == today
