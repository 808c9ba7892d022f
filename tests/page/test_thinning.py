"""How much of a record is on the page: first compression, then fewer snapshots, then fewer classes."""

import json

import numpy as np
import pytest
from PIL import Image

from featevo.page import thinning
from featevo.page.content import content
from featevo.page.gather import Gathered
from featevo.page.pictures import encoded
from featevo.page.thinning import BASE64, NUMBERS, QUALITIES, plan
from featevo.record import schema
from featevo.record.reading import Evolution
from featevo.record.schema import Snapshot


@pytest.fixture
def record(tmp_path):
    """A builder of records with noise images; and, by quality, the bytes of one image on the page."""
    rng = np.random.default_rng(0)
    noise = [Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)) for _ in range(40)]
    for number, image in enumerate(noise):
        image.save(tmp_path / f"{number}.png")

    def make(snapshots, classes):
        def render(epoch, unit):
            file = f"{(epoch * classes + unit) % 40}.png"
            return schema.Image(view="classes", unit=unit, file=file, name=f"class {unit}")

        entries = [
            Snapshot(epoch=epoch, images=[render(epoch, unit) for unit in range(classes)]) for epoch in range(snapshots)
        ]
        return Evolution(tmp_path, {}, entries)

    return make, {quality: BASE64 * len(encoded(noise[:32], quality)) / 32 + NUMBERS for quality in QUALITIES}


def room(monkeypatch, small, large):
    monkeypatch.setattr(thinning, "SMALL", small)
    monkeypatch.setattr(thinning, "LARGE", large)


def test_a_limit_of_the_caller_takes_the_place_of_both(record):
    make, size = record
    evolution = make(10, 4)
    assert plan([evolution], int(40 * 1.1 * size[None])).quality is None
    assert plan([evolution], int(40 * 1.1 * size[95])).quality == 95
    few = plan([evolution], int(12 * 1.1 * size[75]))
    assert (few.quality, few.snapshots) == (75, [[0, 4, 9]])


def test_a_small_record_is_complete_and_without_loss(record):
    make, _ = record
    found = plan([make(3, 4), make(2, 2)])
    assert found.quality is None
    assert found.snapshots == [[0, 1, 2], [0, 1]]
    assert found.classes == ["class 0", "class 1", "class 2", "class 3"]


@pytest.mark.parametrize("quality", QUALITIES)
def test_the_best_quality_that_fits_is_taken(record, monkeypatch, quality):
    make, size = record
    room(monkeypatch, 40 * 1.1 * size[quality], 1e9)
    found = plan([make(10, 4)])
    assert found.quality == quality
    assert len(found.snapshots[0]) == 10


def test_snapshots_are_thinned_evenly_with_the_first_and_the_last(record, monkeypatch):
    make, size = record
    room(monkeypatch, 1, 4 * 6.5 * size[75])
    found = plan([make(11, 4), make(1, 4)])
    assert found.quality == 75
    assert found.snapshots == [[0, 2, 5, 8, 10], [0]]
    assert len(found.classes) == 4


@pytest.mark.parametrize("most", [4, 6, 9])
def test_as_many_snapshots_as_fit_are_shown(record, monkeypatch, most):
    make, size = record
    room(monkeypatch, 1, 3 * (most + 0.5) * size[75])
    assert len(plan([make(30, 3)]).snapshots[0]) == most


def test_classes_are_thinned_last(record, monkeypatch):
    make, size = record
    room(monkeypatch, 1, 2 * 5.5 * size[75])
    found = plan([make(11, 20)])
    assert found.snapshots == [[0, 10]]
    assert found.classes == ["class 0", "class 5", "class 10", "class 14", "class 19"]


def test_a_slider_has_at_most_some_hundred_places(record):
    make, _ = record
    assert len(plan([make(5000, 1)]).snapshots[0]) == thinning.MOST_SNAPSHOTS


def test_a_record_without_images_needs_no_room(tmp_path):
    assert plan([Evolution(tmp_path, {}, [])]).snapshots == [[]]
    gone = schema.Image(view="classes", unit=0, file="gone.png", name="frog")
    assert plan([Evolution(tmp_path, {}, [Snapshot(epoch=1, images=[gone])])]).classes == ["frog"]


@pytest.mark.parametrize("classes", [20, 60])
def test_numbers_take_room_as_well(record, monkeypatch, classes):
    """Small images need less room than their numbers; the page still keeps its size."""
    make, _ = record
    room(monkeypatch, 1, 400_000)
    evolution = make(30, classes)
    for snapshot in evolution.snapshots:
        for render in snapshot.images:
            render.trace.extend(0.12345 * step for step in range(200))
            render.measures.update({f"complexity/measure_{k}": 0.12345 * k for k in range(6)})
            render.probabilities.update(dict.fromkeys(range(6), 0.12345))
    gathered = Gathered([("", evolution)], [], evolution.folder)
    found = plan([evolution])
    assert 10 <= len(found.snapshots[0]) * len(found.classes) / 20 < 30
    assert 300_000 < len(json.dumps(content(gathered, found), separators=(",", ":"))) < 440_000
