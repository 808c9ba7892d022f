"""One image file as a tensor: every format and mode against numpy, every broken file against its message."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from featevo.data.image_files import LabelledImages, read_image
from featevo.errors import UserError

SIZE = 32
COLOUR = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)


def smooth(height: int = SIZE, width: int = SIZE) -> np.ndarray:
    """Gradients in RGB (H, W, 3): lossy formats change them little, and the four corners differ."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.rint(np.stack([255 * x, 255 * y, 255 * (1 - x) * (1 - y)], axis=-1)).astype(np.uint8)


def read(path: Path, size: int = SIZE) -> np.ndarray:
    """What `read_image` gives, as (H, W, 3) int."""
    image = read_image(path, size)
    assert image.dtype == torch.uint8
    assert image.shape == (3, size, size)
    assert image.is_contiguous()
    return image.permute(1, 2, 0).numpy().astype(int)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".PNG"])
def test_lossless_formats_are_exact(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(smooth()).save(tmp_path / f"a{suffix}")
    assert np.array_equal(read(tmp_path / f"a{suffix}"), smooth())


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.jpg", {}), ("a.jpeg", {"progressive": True}), ("a.webp", {}), ("b.webp", {"lossless": True})],
)
def test_lossy_formats_are_close(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    Image.fromarray(smooth()).save(tmp_path / name, quality=95, **options)
    assert np.abs(read(tmp_path / name) - smooth()).mean() < 3


def test_a_misnamed_image_is_read_by_its_content(tmp_path: Path) -> None:
    Image.fromarray(smooth()).save(tmp_path / "a.jpg", format="PNG")
    assert np.array_equal(read(tmp_path / "a.jpg"), smooth())


def test_cmyk_jpeg_has_the_right_colours(tmp_path: Path) -> None:
    cyan, magenta, yellow = (255 - smooth().astype(int)).transpose(2, 0, 1)
    cmyk = np.stack([cyan, magenta, yellow, 0 * cyan], axis=-1).astype(np.uint8)
    Image.fromarray(cmyk, mode="CMYK").save(tmp_path / "a.jpg", quality=95)
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.mode == "CMYK"
    assert np.abs(read(tmp_path / "a.jpg") - smooth()).mean() < 4


def test_grey_and_one_bit_become_three_equal_channels(tmp_path: Path) -> None:
    grey = smooth()[..., 0]
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(grey > 127).save(tmp_path / "bit.png")
    assert np.array_equal(read(tmp_path / "grey.png"), np.repeat(grey[..., None], 3, axis=2))
    assert np.array_equal(read(tmp_path / "bit.png")[..., 1], 255 * (grey > 127))


def test_16_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, SIZE * SIZE).astype(np.uint16).reshape(SIZE, SIZE)
    Image.fromarray(deep).save(tmp_path / "a.png")
    dark = deep // 4  # a dark image stays dark: the scale is absolute
    Image.fromarray(dark).save(tmp_path / "dark.png")
    assert np.array_equal(read(tmp_path / "a.png")[..., 0], np.rint(deep / 257))
    assert np.array_equal(read(tmp_path / "dark.png")[..., 2], np.rint(dark / 257))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.5], [0.25, 1.0]], np.float32), [[0, 128], [64, 255]]),
        (np.array([[-1.0, 3.0], [1.0, 0.0]], np.float32), [[0, 255], [128, 64]]),
        (np.array([[np.nan, 1.0], [0.0, np.inf]], np.float32), [[0, 255], [0, 0]]),
        (np.array([[7.0, 7.0], [7.0, 7.0]], np.float32), [[0, 0], [0, 0]]),
        (np.array([[0, 65535], [32768, 0]], np.int32), [[0, 255], [128, 0]]),
        (np.array([[-100, 300], [100, 0]], np.int32), [[0, 255], [128, 64]]),
    ],
)
def test_float_and_32_bit_grey(tmp_path: Path, values: np.ndarray, expected: list[list[int]]) -> None:
    Image.fromarray(values).save(tmp_path / "a.png", format="TIFF")
    assert np.array_equal(read(tmp_path / "a.png", size=2)[..., 0], expected)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_become_white(tmp_path: Path, mode: str) -> None:
    alpha = np.tile(np.linspace(0, 255, SIZE).astype(np.uint8), (SIZE, 1))
    image = Image.fromarray(np.dstack([smooth(), alpha])).convert(mode)
    image.save(tmp_path / "a.png")
    colour = np.asarray(image.convert("RGBA")).astype(float)[..., :3]
    opacity = alpha[..., None] / 255
    assert np.abs(read(tmp_path / "a.png") - (colour * opacity + 255 * (1 - opacity))).max() <= 1


def test_palette_transparent_parts_become_white(tmp_path: Path) -> None:
    indices = np.zeros((SIZE, SIZE), np.uint8)
    indices[:, SIZE // 2 :] = 1
    image = Image.fromarray(indices).convert("P")
    image.putpalette([10, 20, 30, 200, 0, 100])
    image.save(tmp_path / "a.png", transparency=0)
    found = read(tmp_path / "a.png")
    assert (found[:, : SIZE // 2] == 255).all()
    assert (found[:, SIZE // 2 :] == [200, 0, 100]).all()


@pytest.mark.parametrize(
    ("orientation", "turns", "mirrored"), [(1, 0, False), (2, 0, True), (3, 2, False), (6, 3, False)]
)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, turns: int, mirrored: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(smooth()).save(tmp_path / "a.jpg", quality=95, exif=exif)
    upright = np.rot90(smooth()[:, ::-1] if mirrored else smooth(), turns)  # 6: shown turned 90 degrees clockwise
    assert np.abs(read(tmp_path / "a.jpg") - upright).mean() < 3


def test_broken_exif_does_not_break_the_image(tmp_path: Path) -> None:
    Image.fromarray(smooth()).save(tmp_path / "a.jpg", quality=95, exif=b"Exif\x00\x00nonsense")
    assert np.abs(read(tmp_path / "a.jpg") - smooth()).mean() < 3


@pytest.mark.parametrize("shape", [(40, 100), (100, 40), (40, 101), (300, 200)])
def test_centre_crop_of_the_longer_side(tmp_path: Path, shape: tuple[int, int]) -> None:
    height, width = shape
    side = min(shape)
    top, left = (height - side) / 2, (width - side) / 2
    Image.fromarray(smooth(height, width)).save(tmp_path / "a.png")
    found = read(tmp_path / "a.png", size=20)
    centres = (np.arange(20) + 0.5) * side / 20 - 0.5  # of the output's pixels, in the crop's pixels
    expected = 255 * (left + centres) / (width - 1)  # red rises linearly from left to right
    assert np.abs(found[5:-5, 2:-2, 0] - expected[2:-2]).max() <= 1.5
    assert np.abs(found[2:-2, 5:-5, 1] - (255 * (top + centres) / (height - 1))[2:-2, None]).max() <= 1.5


def test_small_images_grow_and_fine_patterns_do_not_alias(tmp_path: Path) -> None:
    Image.fromarray(smooth(8, 8)).save(tmp_path / "small.png")
    blocks = read(tmp_path / "small.png", size=64).reshape(8, 8, 8, 8, 3).mean(axis=(1, 3))
    assert np.abs(blocks - smooth(8, 8)).max() < 6
    checks = (np.indices((256, 256)).sum(0) % 2 * 255).astype(np.uint8)
    Image.fromarray(checks).save(tmp_path / "fine.png")
    assert np.abs(read(tmp_path / "fine.png", size=16) - 127.5).max() < 3


def test_large_jpeg_decoded_at_reduced_size_is_close_to_full_decode(tmp_path: Path) -> None:
    Image.fromarray(smooth(640, 960)).save(tmp_path / "a.jpg", quality=95)
    with Image.open(tmp_path / "a.jpg") as image:
        full = image.crop((160, 0, 800, 640)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    assert np.abs(read(tmp_path / "a.jpg") - np.asarray(full).astype(int)).max() <= 4


def noise(kind: str, **options: bool) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("half.jpg", noise("JPEG")[:2000], "truncated"),
        ("half.jpeg", noise("JPEG", progressive=True)[:2000], "truncated"),
        ("half.png", noise("PNG")[:4000], "truncated"),
        ("half.webp", noise("WEBP")[:2000], "truncated|decode|frame"),
        ("half.bmp", noise("BMP")[:4000], "truncated"),
        ("head.png", noise("PNG")[:20], "Truncated"),
        ("empty.jpg", b"", "the file is empty"),
        ("text.png", b"these are words", "not a JPEG, PNG, WebP or BMP image"),
    ],
)
def test_broken_files_are_named_in_one_line(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=problem) as caught:
        read_image(tmp_path / name, SIZE)
    assert str(caught.value).startswith(f"cannot read image {tmp_path / name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_a_special_file_is_named_and_not_opened(tmp_path: Path, kind: str) -> None:
    """Opening a FIFO would wait for ever."""
    path = tmp_path / "f.png"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(path))  # an absolute path may be too long
    with pytest.raises(UserError, match=r"f\.png: it is a FIFO, socket or device; repair or remove the file$"):
        read_image(path, SIZE)


@pytest.mark.parametrize("name", ["new\nline.png", os.fsdecode(b"\xff.png")])
def test_a_file_of_any_name_is_read_and_named_in_one_line(tmp_path: Path, name: str) -> None:
    Image.fromarray(smooth()).save(tmp_path / name)
    assert np.array_equal(read(tmp_path / name), smooth())
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(UserError) as error:
        read_image(tmp_path / name, SIZE)
    assert str(error.value).isprintable()


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.png: No such file or directory"):
        read_image(tmp_path / "gone.png", SIZE)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UserError, match=r"folder\.png: Is a directory"):
        read_image(tmp_path / "folder.png", SIZE)


@pytest.mark.parametrize("limit", [700, 300])  # Pillow warns above its limit and fails above twice the limit
def test_decompression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    Image.fromarray(smooth()).save(tmp_path / "huge.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(UserError, match=r"huge\.png: Image size \(1024 pixels\) exceeds limit"):
        read_image(tmp_path / "huge.png", SIZE)


def test_image_files_pair_images_with_labels(tmp_path: Path) -> None:
    Image.fromarray(smooth()).save(tmp_path / "a.png")
    files = LabelledImages([(str(tmp_path / "a.png"), 3)], SIZE)
    assert len(files) == 1
    image, label = files[0]
    assert label == 3
    assert torch.equal(image, read_image(tmp_path / "a.png", SIZE))


def test_an_array_of_the_wanted_size_is_exact() -> None:
    images = LabelledImages(list(zip(COLOUR, [3, 1, 4, 1, 5], strict=True)), 8)
    assert len(images) == 5
    image, label = images[2]
    assert label == 4
    assert np.array_equal(image.permute(1, 2, 0).numpy(), COLOUR[2])


@pytest.mark.parametrize(("channels", "size"), [(1, 8), (3, 8), (1, 20), (3, 20)])
def test_an_array_becomes_any_size_and_channel_count(channels: int, size: int) -> None:
    for pixels in (COLOUR, COLOUR[..., 0]):
        image, _ = LabelledImages([(pixels[0], 0)], size, channels)[0]
        assert (image.dtype, image.shape) == (torch.uint8, (channels, size, size))
    grey, _ = LabelledImages([(COLOUR[4, ..., 0], 0)], 8, channels)[0]
    assert all(np.array_equal(channel.numpy(), COLOUR[4, ..., 0]) for channel in grey)
