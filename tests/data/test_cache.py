"""Images in memory: decoded once and shared; unreadable files, and sets that do not fit."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader

from featevo.data.cache import CachedImages, OnDemandImages, in_memory
from featevo.data.image_files import LabelledImages, read_image
from featevo.errors import UserError


class Drawn:
    """Images that count how often each is drawn; those in `broken` cannot be."""

    def __init__(self, count: int, broken: tuple[int, ...] = (), dtype: torch.dtype = torch.uint8) -> None:
        self.count = count
        self.broken = broken
        self.dtype = dtype
        self.draws = [0] * count
        self.lock = threading.Lock()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        with self.lock:
            self.draws[index] += 1
        if index in self.broken:
            raise UserError(f"cannot read image {index}")
        return torch.full((3, 4, 5), index, dtype=self.dtype), index % 7


def image_folder(root: Path, count: int) -> LabelledImages:
    for i in range(count):
        pixels = np.random.default_rng(i).integers(0, 256, (10, 14, 3), np.uint8)
        Image.fromarray(pixels).save(root / f"{i}.png")
    return LabelledImages([(str(root / f"{i}.png"), i) for i in range(count)], 8)


def test_files_are_held_exactly_and_in_order(tmp_path: Path) -> None:
    files = image_folder(tmp_path, 40)
    cached = in_memory(files, 10**6, "training")
    assert isinstance(cached, CachedImages)
    assert (cached.images.shape, cached.images.dtype, cached.labels) == ((40, 3, 8, 8), torch.uint8, list(range(40)))
    for i in range(40):
        image, label = cached[i]
        assert label == i
        assert torch.equal(image, read_image(tmp_path / f"{i}.png", 8))


def test_every_image_is_drawn_up_front_and_never_again() -> None:
    drawn = Drawn(50)
    cached = in_memory(drawn, 10**6, "training")
    before = list(drawn.draws)
    assert before[1:] == [1] * 49
    assert [int(cached[i][0][0, 0, 0]) for i in range(50)] == list(range(50))
    assert [cached[i][1] for i in range(50)] == [i % 7 for i in range(50)]
    assert drawn.draws == before


def test_memory_is_shared_and_a_small_shm_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    cached = in_memory(Drawn(3), 10**6, "training")
    assert isinstance(cached, CachedImages)
    assert cached.images.is_shared()

    def full(self: Tensor) -> Tensor:
        raise RuntimeError("unable to allocate shared memory(shm): No space left on device (28)")

    monkeypatch.setattr(Tensor, "share_memory_", full)
    cached = in_memory(Drawn(3), 10**6, "training")
    assert [int(image[0, 0, 0]) for image, _ in (cached[i] for i in range(3))] == [0, 1, 2]


@pytest.mark.parametrize(("limit", "fits"), [(10 * 60, True), (10 * 60 - 1, False), (0, False)])
def test_beyond_the_limit_images_are_read_on_demand_and_one_line_is_logged(
    limit: int, fits: bool, caplog: pytest.LogCaptureFixture
) -> None:
    drawn = Drawn(10)
    with caplog.at_level(logging.INFO):
        images = in_memory(drawn, limit, "validation")
    assert isinstance(images, CachedImages if fits else OnDemandImages)
    assert len(images) == 10
    assert len(caplog.messages) == (0 if fits else 1)
    if not fits:
        assert caplog.messages[0].startswith("10 validation images need 6e-07 GB, more than the ")
        assert "data.cache_gb" in caplog.messages[0]
        assert sum(drawn.draws) == 1
        assert torch.equal(images[4][0], torch.full((3, 4, 5), 4, dtype=torch.uint8))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ((5,), "cannot read image 5"),
        ((0, 3), "2 images: cannot read image 0 | cannot read image 3"),
        (
            (1, 4, 7, 8, 9),
            "5 images: cannot read image 1 | cannot read image 4 | cannot read image 7 | and 2 more",
        ),
        (
            tuple(range(10)),
            "10 images: cannot read image 0 | cannot read image 1 | cannot read image 2 | and 7 more",
        ),
    ],
)
def test_all_unreadable_images_make_one_error(broken: tuple[int, ...], message: str) -> None:
    with pytest.raises(UserError) as caught:
        in_memory(Drawn(10, broken), 10**6, "training")
    assert str(caught.value) == message


def test_a_source_of_another_type_is_refused() -> None:
    with pytest.raises(UserError, match=r"^data\.source: .* got float32 of shape \(3, 4, 5\)$"):
        in_memory(Drawn(2, dtype=torch.float32), 10**6, "training")


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_goes_to_stderr_on_a_terminal_only(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setenv("TERM", "xterm")
    in_memory(Drawn(5), 10**6, "training")
    out, err = capsys.readouterr()
    assert out == ""
    assert ("training images" in err) == terminal


@pytest.mark.parametrize("num_workers", [0, 1])
def test_an_unreadable_file_met_on_demand_is_one_line(tmp_path: Path, num_workers: int) -> None:
    files = image_folder(tmp_path, 4)
    images = in_memory(files, 0, "training")
    (tmp_path / "2.png").write_text("no image: at all\nSecond: line")
    loader: DataLoader[tuple[Tensor, int]] = DataLoader(images, batch_size=2, num_workers=num_workers)  # type: ignore[arg-type]
    with pytest.raises(UserError) as caught:
        list(loader)
    assert str(caught.value) == (
        f"cannot read image {tmp_path / '2.png'}: not a JPEG, PNG, WebP or BMP image; repair or remove the file"
    )
