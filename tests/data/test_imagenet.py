"""ImageNet's folders: layouts, names, the paper's split, and the messages of mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hydra.utils import instantiate
from PIL import Image

from featevo.data.image_files import LabelledImages
from featevo.data.imagenet import PAPER, ImageNetSource
from featevo.data.source import Splits
from featevo.errors import UserError
from tests.data.parts import composed

OTHERS = ("n01440764", "n02012849", "n03126707", "n15075141")  # tench, both cranes, toilet tissue


def make(root: Path, ids: tuple[str, ...] = PAPER + OTHERS, count: int = 5) -> Path:
    for key in ids:
        (root / key).mkdir(parents=True)
        for i in range(count):
            (root / key / f"{key}_{i}.JPEG").touch()
    return root


def split(root: Path | str | None, **options: Any) -> Splits:
    defaults: dict[str, Any] = {"num_classes": None, "classes": None, "image_size": 8, "val_size": 0.2, "seed": 0}
    return ImageNetSource(root=None if root is None else str(root), **{**defaults, **options}).splits()


def ids(splits: Splits) -> list[str]:
    """The folders in the order of their labels."""
    assert isinstance(splits.train, LabelledImages)
    return list(
        dict.fromkeys(Path(str(path)).parent.name for path, _ in sorted(splits.train.images, key=lambda file: file[1]))
    )


def error(root: Path | str | None, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        split(root, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("layout", ["train", ".", "ILSVRC/Data/CLS-LOC/train"])
def test_the_papers_classes_are_the_default_in_every_layout(tmp_path: Path, layout: str) -> None:
    make(tmp_path / layout)
    make(tmp_path / "val", PAPER) if layout == "train" else None
    splits = split(tmp_path)
    assert splits.classes == ["tree frog", "flamingo", "pool table", "cheeseburger"]
    assert ids(splits) == list(PAPER)
    assert (len(splits.train), len(splits.val)) == (16, 4)


def test_the_papers_400_of_5200_by_the_shipped_configuration(tmp_path: Path) -> None:
    make(tmp_path / "train", PAPER, count=1300)
    Image.new("RGB", (300, 250), (9, 99, 199)).save(tmp_path / "train" / PAPER[1] / "n02007558_0.JPEG", format="JPEG")
    cfg = composed("imagenet", "seed=3", f"data.root={tmp_path}")
    splits = instantiate(cfg.data.source).splits()
    assert (len(splits.train), len(splits.val)) == (4800, 400)
    assert [sum(label == i for _, label in splits.val.images) for i in range(4)] == [100] * 4
    files = splits.train.images + splits.val.images
    assert len(set(files)) == 5200
    image = LabelledImages([file for file in files if file[0].endswith("n02007558_0.JPEG")], 224)[0]
    assert (image[1], image[0].shape) == (1, (3, 224, 224))


def test_names_ids_and_the_papers_name_are_taken_in_order(tmp_path: Path) -> None:
    make(tmp_path)
    splits = split(tmp_path, classes=["hamburger", "n02012849", "Toilet paper", "n01440764"])
    assert splits.classes == ["hamburger", "crane bird", "Toilet paper", "tench"]
    assert ids(splits) == ["n07697313", "n02012849", "n15075141", "n01440764"]


def test_a_number_begins_with_the_papers_and_larger_ones_contain_smaller(tmp_path: Path) -> None:
    make(tmp_path)
    chosen = {count: ids(split(tmp_path, num_classes=count)) for count in range(2, 9)}
    assert chosen[4] == list(PAPER)
    assert all(chosen[count] == chosen[8][:count] for count in chosen)
    assert sorted(chosen[8]) == sorted(PAPER + OTHERS)
    assert chosen[8][4:] != sorted(OTHERS)  # mixed
    (tmp_path / "few").mkdir()
    assert ids(split(make(tmp_path / "few", (PAPER[2], *OTHERS)), num_classes=2))[0] == PAPER[2]


def test_kaggles_mapping_and_folders_outside_the_thousand_are_known(tmp_path: Path) -> None:
    make(tmp_path / "train", ("n00000001", "n00000002", *PAPER))
    (tmp_path / "LOC_synset_mapping.txt").write_text("n00000001 unicorn, one horn\n")
    assert split(tmp_path, classes=["one horn", "n00000002"]).classes == ["one horn", "n00000002"]


def test_folders_that_are_not_there_are_named(tmp_path: Path) -> None:
    make(tmp_path, (PAPER[0], *OTHERS))
    assert error(tmp_path) == (
        f"data.root: {tmp_path} has no folder n02007558 (flamingo), n03982430 (pool table), n07697313 (cheeseburger); "
        "choose other classes by data.classes"
    )
    assert "has no folder n01443537 (goldfish);" in error(tmp_path, classes=["tench", "goldfish"])


def test_class_mistakes_are_one_line(tmp_path: Path) -> None:
    make(tmp_path)
    assert "'crane' is 2 classes of ImageNet" in error(tmp_path, classes=["tench", "crane"])
    assert "did you mean 'flamingo' (n02007558)?" in error(tmp_path, classes=["tench", "flamngo"])
    assert error(tmp_path, classes=["tree frog", "n01644373"]) == "data.classes: tree frog named more than once"
    assert error(tmp_path, classes=["tench", "flamingo"], num_classes=3).startswith("data.num_classes=3 but data.cl")
    assert error(tmp_path, num_classes=9) == f"data.num_classes=9: {tmp_path} allows 2 to 8, its classes"
    assert error(tmp_path, val_size=400).startswith("data.val_size=400: allowed are")


def test_root_mistakes_are_one_line(tmp_path: Path) -> None:
    assert error(None).startswith("data.root is not set: give the folder of ImageNet")
    assert "does not exist" in error(tmp_path / "gone")
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "n01440764.tar").touch()
    assert error(tmp_path).startswith(f"data.root: {tmp_path} has no folders of WordNet ids (n01440764 and so on, unp")
    make(tmp_path / "train", PAPER, count=0)
    assert "for tree frog, flamingo, pool table, cheeseburger;" in error(tmp_path)
