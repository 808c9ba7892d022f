"""PNG files of the record: rounding, channels, reading back."""

import numpy as np
import pytest
import torch
from PIL import Image

from featevo.errors import UserError
from featevo.record.images import load_image, open_image, save_image, to_uint8


def test_rounding_is_to_the_nearest_and_grey_stays_grey():
    values = torch.tensor([-0.2, 0.0, 0.498, 0.5, 0.999, 1.0, 1.7]).view(1, 1, 7)
    assert to_uint8(values).tolist() == [[0, 0, 127, 128, 255, 255, 255]]
    assert to_uint8(values.expand(3, 1, 7)).shape == (1, 7, 3)


def test_other_numbers_of_channels_are_a_square_of_planes(tmp_path):
    image = torch.rand(5, 6, 6)
    pixels = to_uint8(image)
    assert pixels.shape == (18, 18)
    planes = [pixels[6 * row : 6 * row + 6, 6 * column : 6 * column + 6] for row in range(3) for column in range(3)]
    assert np.array_equal(np.stack(planes[:5]), (image * 255).round().numpy())
    assert not np.stack(planes[5:]).any()
    save_image(image, tmp_path / "planes.png", {})
    with Image.open(tmp_path / "planes.png") as picture:
        assert picture.size == (18, 18)


@pytest.mark.parametrize("channels", [1, 3])
def test_reading_an_image_gives_the_written_pixels(tmp_path, channels):
    image = torch.randint(0, 256, (channels, 5, 7)) / 255
    save_image(image, tmp_path / "a.png", {"seed": 1})
    assert torch.equal(load_image(tmp_path, "a.png"), image)


def test_an_invalid_image_is_an_os_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(OSError, match="cannot identify image file"):
        load_image(tmp_path, "a.png")


def test_an_image_outside_the_folder_is_refused_and_not_shown(tmp_path, caplog):
    (tmp_path / "run").mkdir()
    save_image(torch.zeros(3, 4, 4), tmp_path / "secret.png", {})
    (tmp_path / "run" / "link.png").symlink_to(tmp_path / "secret.png")
    for file in ("../secret.png", "link.png", str(tmp_path / "secret.png")):
        with pytest.raises(UserError, match="is not inside"):
            load_image(tmp_path / "run", file)
        assert open_image(tmp_path / "run", file) is None
    assert caplog.text.count("is not inside") == 3


def test_missing_or_broken_images_are_not_shown(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert open_image(tmp_path, "a.png") is None
    assert open_image(tmp_path, "b.png") is None
