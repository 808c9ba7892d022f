"""Drawn images are kept between runs: the same bits, at most so many bytes, and safe to share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from featevo.data import scene_files
from featevo.data.cache import CachedImages, in_memory
from featevo.data.scenes import CLASSES, Scenes


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(scene_files.SETTING, str(tmp_path / "cache"))
    return tmp_path / "cache" / "scenes"


def scenes(seed: int = 0, split: str = "train", size: int = 32, each: int = 3, classes: int = 4) -> Scenes:
    return Scenes(CLASSES[:classes], each, size, seed, split)


def loaded(images: Scenes) -> CachedImages:
    found = in_memory(images, 10**9, "training")
    assert isinstance(found, CachedImages)
    return found


def refuse_to_draw(monkeypatch: pytest.MonkeyPatch, least: int = 1) -> None:
    """From now on only the first image, which shows the shape, can be drawn."""
    real = Scenes.__getitem__

    def first(self: Scenes, index: int) -> object:
        assert index < least, "drawn again"
        return real(self, index)

    monkeypatch.setattr(Scenes, "__getitem__", first)


def assert_drawn(found: CachedImages, images: Scenes) -> None:
    assert len(found) == len(images)
    for index in range(len(images)):
        pixels, label = images[index]
        assert torch.equal(found[index][0], pixels)
        assert found[index][1] == label


def test_images_are_bit_for_bit_those_that_are_drawn(place, monkeypatch):
    first = loaded(scenes())
    assert_drawn(first, scenes())
    with monkeypatch.context() as patched:
        refuse_to_draw(patched)
        again = loaded(scenes())
    assert_drawn(again, scenes())
    assert again.images.is_shared()
    monkeypatch.setenv(scene_files.SETTING, "off")
    before = list(place.iterdir())
    without = loaded(scenes())
    assert torch.equal(without.images, again.images)
    assert without.labels == again.labels
    assert list(place.iterdir()) == before


@pytest.mark.parametrize("other", [{"seed": 1}, {"split": "val"}, {"size": 40}, {"each": 2}, {"classes": 3}], ids=str)
def test_other_settings_are_other_images(place, other):
    loaded(scenes())
    assert_drawn(loaded(scenes(**other)), scenes(**other))
    assert len(list(place.iterdir())) == 2


@pytest.mark.parametrize("changed", ["code", "numpy", "pillow"])
def test_other_code_draws_anew(place, monkeypatch, changed):
    loaded(scenes())
    about = scene_files._code()
    monkeypatch.setattr(scene_files, "_code", lambda: {**about, changed: "other"})
    assert scene_files.read(scenes()) is None


def test_the_code_is_that_of_the_drawing(tmp_path, monkeypatch):
    import featevo.data.scenes as drawing

    before = scene_files._code()["code"]
    (tmp_path / "species").mkdir()
    for file in Path(str(drawing.__file__)).parent.rglob("*.py"):
        to = tmp_path / file.relative_to(Path(str(drawing.__file__)).parent)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(file.read_bytes())
    monkeypatch.setattr(drawing, "__file__", str(tmp_path / "__init__.py"))
    assert scene_files._code.__wrapped__()["code"] == before
    with next((tmp_path / "species").glob("*.py")).open("a") as file:
        file.write("# changed\n")
    assert scene_files._code.__wrapped__()["code"] != before


def truncated(content: bytes) -> bytes:
    return content[:-1]


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def empty(content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [truncated, flipped, empty])
def test_a_damaged_file_is_drawn_anew(place, damage, monkeypatch):
    loaded(scenes())
    (file,) = place.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert scene_files.read(scenes()) is None
    assert_drawn(loaded(scenes()), scenes())
    assert file.read_bytes() == whole


def test_the_folder_stays_small(place, monkeypatch):
    loaded(scenes(0))
    (oldest,) = place.iterdir()
    size = oldest.stat().st_size
    monkeypatch.setattr(scene_files, "LIMIT", 3 * size)
    for seed in (1, 2):
        loaded(scenes(seed))
    names = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for age, path in enumerate(names):
        os.utime(path, (1000 + age, 1000 + age))
    assert scene_files.read(scenes(0)) is not None  # used now, so it is the newest
    loaded(scenes(3))
    assert [scene_files.read(scenes(seed)) is not None for seed in range(4)] == [True, False, True, True]
    monkeypatch.setattr(scene_files, "LIMIT", size)
    loaded(scenes(4))  # more than half of the limit
    assert scene_files.read(scenes(4)) is None


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(scene_files.SETTING, str(tmp_path / "file"))
    assert_drawn(loaded(scenes()), scenes())
    assert (tmp_path / "file").read_text() == "no folder"


def test_several_at_once_write_whole_files(place):
    """As jobs of a multirun do."""
    code = "from tests.data.test_scene_files import loaded, scenes; loaded(scenes())"
    root = Path(__file__).parents[2]
    several = [subprocess.Popen([sys.executable, "-c", code], cwd=root) for _ in range(2)]
    assert_drawn(loaded(scenes()), scenes())
    assert [process.wait() for process in several] == [0, 0]
    assert [path.suffix for path in place.iterdir()] == [".safetensors"]
    assert scene_files.read(scenes()) is not None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"FEATEVO_CACHE": "/x"}, "/x/scenes"),
        ({"XDG_CACHE_HOME": "/y"}, "/y/featevo/scenes"),
        (
            {"XDG_CACHE_HOME": ""},
            "~/Library/Caches/featevo/scenes" if sys.platform == "darwin" else "~/.cache/featevo/scenes",
        ),
        ({"FEATEVO_CACHE": "off"}, None),
    ],
    ids=str,
)
def test_the_place_is_the_users_cache_folder(monkeypatch, environment, expected):
    monkeypatch.delenv("FEATEVO_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert scene_files.folder() == (None if expected is None else Path(expected).expanduser())
