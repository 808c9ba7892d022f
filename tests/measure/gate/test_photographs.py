"""Photographs: crops of scikit-image's own files, resampled."""

import sys

import numpy as np
import pytest
import torch
from skimage import data, transform

from featevo.errors import UserError
from featevo.measure.gate.photographs import NAMES, photographs


def test_crops_are_parts_of_each_photograph_in_turn():
    crops = photographs(64, 5)
    assert crops.shape == (5, 3, 64, 64)
    assert crops.dtype == torch.float32
    chance = np.random.default_rng(0)
    for crop, name in zip(crops, [*NAMES, NAMES[0]], strict=True):
        whole = getattr(data, name)()
        height, width = whole.shape[:2]
        side = chance.uniform(0.6, 1) * min(height, width)
        left, top = chance.uniform(0, width - side), chance.uniform(0, height - side)
        part = whole[round(top) : round(top + side), round(left) : round(left + side)]
        expected = transform.resize(part, (64, 64), anti_aliasing=True)
        assert np.corrcoef(expected.ravel(), crop.permute(1, 2, 0).numpy().ravel())[0, 1] > 0.98
    assert torch.equal(crops, photographs(64, 5))
    assert not torch.equal(crops[0], crops[4])


def test_without_scikit_image_one_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(UserError, match=r"pip install 'featevo\[gate\]'"):
        photographs(32, 1)
