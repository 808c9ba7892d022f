"""What `maximize` returns: a list, which a notebook shows."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from featevo.visualize import Channel, maximize
from featevo.visualize.render import Render
from tests.visualize.parts import draw, small_net


@pytest.fixture(scope="module")
def renders():
    return draw(small_net(), [3, 1], steps=2)


def images_in(html):
    found = re.findall(r"base64,([^']+)'", html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))) for content in found]


def test_it_is_a_list(renders):
    assert isinstance(renders, list)
    assert all(isinstance(render, Render) for render in renders)
    assert type(renders + renders) is list
    assert renders[::-1] == [renders[1], renders[0]]


def test_a_sheet_of_all(renders):
    html = renders._repr_html_()
    assert ">ClassLogit<" in html
    assert [html.index(f"unit {unit}<") for unit in (3, 1)] == sorted(html.index(f"unit {unit}<") for unit in (3, 1))
    assert f"p {renders[0].probability:.2f}" in html
    for shown, render in zip(images_in(html), renders, strict=True):
        assert np.abs(shown / 255 - render.image.permute(1, 2, 0).numpy()).max() <= 0.5 / 255 + 1e-6


def test_one_render(renders):
    (shown,) = images_in(renders[1]._repr_html_())
    assert np.array_equal(shown, images_in(renders._repr_html_())[1])


def test_copies_and_units_of_a_layer():
    net = small_net()
    html = maximize(net, Channel("layers.0", [2]), image_size=16, steps=1, copies=2)._repr_html_()
    assert ">Channel(layers.0)<" in html
    assert "unit 2, copy 0<" in html
    assert "unit 2, copy 1<" in html
    assert "p 0." not in html


def test_images_of_other_channels_are_planes(renders):
    import torch
    from torch import nn

    net = nn.Sequential(nn.Flatten(), nn.Linear(5 * 8 * 8, 2))
    torch.manual_seed(0)
    (shown,) = images_in(draw(net, [0], steps=1, image_size=8, channels=5)[0]._repr_html_())
    assert shown.shape == (24, 24), "five grey planes in a square of nine"


def test_an_empty_list(renders):
    assert "no renders" in type(renders)()._repr_html_()
