"""The images of other views in the page's data: recorded pixels, few units, and no change for a record without them."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from featevo.page import thinning, views
from featevo.page.content import content
from featevo.page.gather import gather
from featevo.page.page import page
from featevo.page.pictures import COLUMNS, MOST_SIDE, RIM
from featevo.page.thinning import plan
from featevo.record.reading import read_evolution
from tests.page.views import CHANNELS, EXEMPLARS, SQUARE, add_views, edit


def of(*folders):
    gathered = gather(folders)
    return json.loads(json.dumps(content(gathered, plan(gathered.evolutions)), allow_nan=False))["runs"][0]


def unpacked(view):
    """The images of a view in the page's data, read as its scripts do."""
    sheets = [Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB") for data in view["data"]]
    wide, high = (side + 2 * RIM for side in view["cell"])
    found = []
    for place, size in enumerate(view["sizes"]):
        at = place % views.PER_SHEET
        left, top = at % COLUMNS * wide + RIM, at // COLUMNS * high + RIM
        box = (left, top, left + size[0], top + size[1]) if size else None
        found.append(sheets[place // views.PER_SHEET].crop(box) if box else None)
    return found


def test_units_are_listed_once_and_images_only_where_they_are(make_run):
    run = of(add_views(make_run(), {"channels": ((1, 3), CHANNELS), "exemplars": ((3,), EXEMPLARS)}))
    assert run["views"] == [
        {"name": "channels", "units": [[3, "conv1", "3"], [4, "conv1", "4"], [13, "conv2", "3"]]},
        {"name": "exemplars", "units": [[3, "conv1", "3"], [4, "conv1", "4"], [13, "conv2", "3"]]},
    ]
    assert [list(snapshot["views"]) for snapshot in run["snapshots"]] == [["channels"], [], ["channels", "exemplars"]]
    assert run["snapshots"][2]["views"]["channels"]["numbers"] == [{"error": 0.375, "z": 1}] * 3
    assert [snapshot["ofClasses"] for snapshot in run["snapshots"]] == [True] * 3


def test_every_pixel_is_that_of_the_record_at_any_size(make_run):
    sizes = [(7, 5), (16, 16), (3, 20), (1, 1), *[(9, 9)] * 50]
    units = {unit: (str(unit), "", size) for unit, size in enumerate(sizes)}
    folder = add_views(make_run(), {"own": ((2,), units)})
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (high, wide, 3), dtype=np.uint8) for wide, high in sizes]
    for unit, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"evolution/epoch=002/other-0-{unit}.png")
    found = unpacked(of(folder)["snapshots"][1]["views"]["own"])
    assert len(found) == 54
    for image, pixels in zip(found, noise, strict=True):
        assert np.array_equal(np.asarray(image), pixels)


def test_broken_and_huge_images_do_not_break_the_page(make_run):
    units = {0: ("a", "", (4, 4)), 1: ("b", "", (2 * MOST_SIDE, 10)), 2: ("c", "", (4, 4))}
    folder = add_views(make_run(), {"own": ((1, 2), units)})
    (folder / "evolution/epoch=001/other-0-0.png").write_bytes(b"no image")
    edit(folder, lambda entries: entries[1]["renders"].pop())
    run = of(folder)
    assert run["snapshots"][0]["views"]["own"]["sizes"] == [0, [MOST_SIDE, 5], [4, 4]]
    assert run["snapshots"][1]["views"]["own"]["sizes"] == [[4, 4], [MOST_SIDE, 5], 0]


def test_snapshots_of_other_views_alone_are_marked(make_run):
    folder = add_views(make_run(), {"channels": ((2, 3), CHANNELS)}, without_classes=(2,))
    edit(folder, lambda entries: entries[2].update(renders=[], error="out of memory"))
    run = of(folder)
    assert [snapshot["ofClasses"] for snapshot in run["snapshots"]] == [True, False, True]  # the last one failed
    assert len(run["curves"]["val_acc"]) == 3


def test_snapshots_of_weights_alone_are_not_on_the_page(make_run):
    folder = make_run()
    edit(folder, lambda entries: entries[1].update(renders=[], trigger="weights"))
    run = of(folder)
    assert [snapshot["label"] for snapshot in run["snapshots"]] == ["1", "3"]
    assert len(run["curves"]["val_acc"]) == 3
    html = page(gather([folder]))
    assert "1 run, 4 classes, 2 snapshots" in html
    assert "evenly spread over training" not in html


def test_other_views_count_for_the_size_of_the_page(make_run, monkeypatch):
    units = {unit: (str(unit), "", (32, 32)) for unit in range(40)}
    folder = add_views(make_run(), {"own": ((1, 2, 3), units)})
    rng = np.random.default_rng(0)
    for path in folder.glob("evolution/*/other-*.png"):
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(path)
    evolution = read_evolution(folder)
    assert plan([evolution]).quality is None
    size = 120 * (4 / 3 * 32 * 32 * 3 + thinning.NUMBERS)  # noise is not compressible
    real = sum(len(data) for shot in of(folder)["snapshots"] for data in shot["views"]["own"]["data"])
    assert real == pytest.approx(size - 120 * thinning.NUMBERS, rel=0.4)
    monkeypatch.setattr(thinning, "SMALL", 0.9 * size)
    assert plan([evolution]).quality is not None
    monkeypatch.setattr(thinning, "SMALL", 1)
    monkeypatch.setattr(thinning, "LARGE", 10_000)
    few = plan([evolution])
    assert len(few.snapshots[0]) == thinning.FEWEST_SNAPSHOTS
    assert 0 < few.units < 0.5
    shown = views.shown_units(evolution, few.units)["own"]
    assert 1 <= len(shown) < 20
    assert f"Shows {len(shown)} of 40 images of own; all are in scenes/evolution." in page(gather([folder]))


def test_of_many_units_spread_ones_are_shown(make_run):
    units = {unit: (f"unit {unit}", "", SQUARE) for unit in range(views.MOST_UNITS + 20)}
    shown = views.shown_units(read_evolution(add_views(make_run(), {"own": ((1,), units)})))["own"]
    assert len(shown) == views.MOST_UNITS
    assert (shown[0].number, shown[-1].number) == (0, views.MOST_UNITS + 19)
