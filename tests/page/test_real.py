"""Real images of the classes: which ones are on the page, and how much room they need."""

import base64
import io
import json

import pytest
from PIL import Image

from featevo.page import thinning
from featevo.page.content import content
from featevo.page.gather import gather
from featevo.page.pictures import RIM
from featevo.page.real import mosaics, real_files
from featevo.page.thinning import QUALITIES, plan
from featevo.record.reading import read_evolution
from tests.conftest import real_colour


def corners(image):
    """The colours of the four quarters of an image, clockwise."""
    near, far = 2, image.width - 3
    return [image.getpixel(place) for place in ((near, near), (far, near), (far, far), (near, far))]


def test_four_images_are_a_mosaic_and_fewer_are_one(make_run):
    many, few = (read_evolution(make_run(str(count), ["cup"], real=count)) for count in (6, 3))
    (mosaic,), (single,) = mosaics([many], ["cup"]), mosaics([few], ["cup"])

    assert corners(mosaic) == [real_colour(0, number) for number in range(4)]
    assert corners(single) == [real_colour(0)] * 4


def test_each_class_has_those_of_the_first_run_that_has_any(make_run):
    old, one = make_run("old", ["cup", "jay"]), make_run("one", ["jay", "owl"], real=1)
    two = make_run("two", ["owl", "elk"], real=1)
    files = real_files([read_evolution(run) for run in (old, one, two)])

    assert {name: folder.name for name, ((folder, _),) in files.items()} == {"jay": "one", "owl": "one", "elk": "two"}


def test_images_that_cannot_be_read_are_left_out(make_run):
    run = make_run(classes=["cup", "jay"], real=4)
    (run / "evolution/real/000-name-0.png").write_bytes(b"no image")
    for file in run.glob("evolution/real/001-*.png"):
        file.write_bytes(b"no image")
    cup, jay = mosaics([read_evolution(run)], ["cup", "jay"])

    assert corners(cup) == [real_colour(0, 1)] * 4
    assert jay is None


def test_the_content_has_them_as_a_sheet_in_the_order_of_its_classes(make_run):
    gathered = gather([make_run("one", ["cup", "jay"]), make_run("two", ["jay", "owl"], real=4)])
    whole = json.loads(json.dumps(content(gathered, plan(gathered.evolutions))))
    real = whole["real"]
    shown = Image.open(io.BytesIO(base64.b64decode(real["data"][0]))).convert("RGB")

    assert whole["classes"] == ["cup", "jay", "owl"]
    assert (real["side"], real["seen"]) == (33, [False, True, True])
    stride = real["side"] + 2 * RIM
    assert [shown.getpixel((place * stride + RIM, RIM)) for place in (1, 2)] == [real_colour(0), real_colour(1)]


def test_a_page_without_real_images_has_none(make_run):
    gathered = gather([make_run()])
    assert content(gathered, plan(gathered.evolutions))["real"] is None


@pytest.mark.parametrize(("real", "quality"), [(0, QUALITIES[0]), (4, QUALITIES[1])])
def test_they_count_as_images_of_the_page(make_run, monkeypatch, real, quality):
    """One snapshot of four classes and sixteen real images: five times as many images."""
    evolution = read_evolution(make_run(accuracies=(0.5,), real=real))
    monkeypatch.setattr(
        thinning, "encoded", lambda sample, quality: bytes(len(sample) * (300 if quality is None else 0))
    )
    monkeypatch.setattr(thinning, "SMALL", 20 * thinning.NUMBERS)
    assert plan([evolution]).quality == quality
