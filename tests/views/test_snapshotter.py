"""A snapshot of a network without a trainer and without a configuration; a further view is one class."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from featevo.measure.confusion import SelfConfusion
from featevo.measure.measuring import Measuring
from featevo.measure.picture import Contrast
from featevo.measure.subject import OfImages
from featevo.record.reading import read_evolution
from featevo.record.schema import Image, TrainingState
from featevo.record.store import RunFolder
from featevo.views.classes import Classes
from featevo.views.keeping import Keeping
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Drawn, Network
from featevo.visualize import Regularizer

STATE = TrainingState(3, 30, "improvement", val_acc=0.5)


def classes(**settings):
    common = {"steps": 3, "seed": 0, "regularizer": Regularizer.named("paper"), "examples": None}
    return Classes("logit", "noise", {**common, **settings})


@pytest.fixture
def network():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(400, 2))
    return Network(net, ("frog", "table"), 12)


@dataclass(frozen=True)
class Filters:
    """A user's view: the filters of the first layer, enlarged; nothing is optimised."""

    name = "filters"
    goes_on = False

    def check(self, network):
        pass

    def units(self, network, context):
        return range(len(network.module[0].weight))

    def steps(self, units):
        return 0

    def draw(self, network, units, context):
        weight = network.module[0].weight.detach()
        pixels = torch.nn.functional.interpolate(weight.sigmoid(), scale_factor=4.0)
        return [
            Drawn(
                Image(view=self.name, unit=u, file="", name=f"filter {u}", values={"norm": weight[u].norm().item()}),
                pixels[u],
            )
            for u in units
        ]


def test_a_users_view_is_recorded_in_addition_to_the_classes(tmp_path, network):
    """Everything after the view, from files to readers, works without a change."""
    taken = Snapshotter([classes(), Filters()]).take(network, STATE, RunFolder(tmp_path))
    assert taken is not None
    assert [image.file for image in taken.snapshot.images] == [
        "evolution/epoch=003/000-frog.png",
        "evolution/epoch=003/001-table.png",
        *(f"evolution/epoch=003/filters/00{unit}-filter-{unit}.png" for unit in range(4)),
    ]
    evolution = read_evolution(tmp_path)
    (snapshot,) = evolution.snapshots
    assert evolution.classes == {0: "frog", 1: "table"}
    weight = network.module[0].weight.detach()
    for image in snapshot.of_view("filters"):
        assert image.values == {"norm": pytest.approx(weight[image.unit].norm().item())}
        with Pillow.open(tmp_path / image.file) as file:
            expected = (weight[image.unit].sigmoid() * 255).round().permute(1, 2, 0).numpy()
            assert np.array_equal(np.asarray(file)[::4, ::4], expected)
            assert json.loads(file.text["featevo"])["view"] == "filters"
    assert set(snapshot.provenance["views"]) == {"filters"}
    assert snapshot.provenance["objective"] == "ClassLogit"


def test_the_view_of_the_paper_without_others_gives_the_same_images(tmp_path, network):
    for name, views in {"one": [classes()], "two": [Filters(), classes()]}.items():
        Snapshotter(views).take(network, STATE, RunFolder(tmp_path / name))
    one, two = (
        [np.asarray(Pillow.open(file)) for file in sorted((tmp_path / name / "evolution/epoch=003").glob("*.png"))]
        for name in ("one", "two")
    )
    assert len(one) == 2
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (torch.full((3, 12, 12), 1.5), "pixels are in 0..1, these are 1.5 to 1.5"),
        (torch.full((3, 12, 12), float("nan")), "pixels are in 0..1, 432 of these are NaN or infinite"),
        (
            torch.zeros(3, 12, 12, dtype=torch.uint8),
            "pixels are a floating-point tensor in 0..1, these are torch.uint8",
        ),
        (torch.zeros(12, 12), "pixels have the shape (channels, height, width), these have (12, 12)"),
    ],
)
def test_pixels_that_are_no_image_are_an_error_of_their_view_alone(tmp_path, network, pixels, message):
    class Wrong(Filters):
        def draw(self, network, units, context):
            drawn = super().draw(network, units, context)
            return [*drawn[:2], replace(drawn[2], pixels=pixels), *drawn[3:]]

    taken = Snapshotter([Wrong(), classes()]).take(network, STATE, RunFolder(tmp_path))
    assert taken is not None
    assert [image.view for image in taken.snapshot.images] == ["classes"] * 2
    assert taken.snapshot.provenance["views"] == {"filters": {"error": f"ValueError: filters, unit 2: {message}"}}
    assert not list(tmp_path.rglob("filters"))
    with pytest.raises(ValueError, match=r"^filters, unit 2: pixels "):
        Snapshotter([Wrong()], raises=True).take(network, STATE, RunFolder(tmp_path / "other"))


def test_pixels_outside_the_range_by_rounding_are_clamped(tmp_path, network):
    class Rounded(Filters):
        def draw(self, network, units, context):
            pixels = torch.tensor([[[-5e-7, 1 + 5e-7]]], dtype=torch.float64).expand(3, 1, 2)
            return [replace(drawn, pixels=pixels) for drawn in super().draw(network, units, context)]

    taken = Snapshotter([Rounded()], raises=True).take(network, STATE, RunFolder(tmp_path))
    assert taken is not None
    for pixels in taken.pixels:
        assert pixels.dtype == torch.float32
        assert pixels.unique().tolist() == [0, 1]


def test_images_may_be_wider_than_high(tmp_path, network):
    module = torch.nn.Sequential(*network.module[:2], torch.nn.AdaptiveAvgPool2d(10), *network.module[2:])
    wide = replace(network, module=module, image_size=(12, 20))
    assert wide.shape == (3, 12, 20)
    assert network.shape == (3, 12, 12)
    measuring = Measuring(lambda judge: [OfImages(Contrast()), SelfConfusion()])
    snapshotter = Snapshotter([replace(classes(), start="last")], measuring, raises=True)
    record = RunFolder(tmp_path)
    snapshotter.begin(wide, record)
    for _ in range(2):  # the second one starts at the images of the first
        taken = snapshotter.take(wide, STATE, record)
        assert taken is not None
        assert [tuple(pixels.shape) for pixels in taken.pixels] == [(3, 12, 20)] * 2
    assert taken is not None
    about = taken.snapshot.provenance["measures"]
    assert about["refused"] == {}
    assert {"confusion/self", "picture/contrast"} <= taken.snapshot.measures.keys()
    assert taken.snapshot.provenance["image_size"] == (12, 20)


@pytest.mark.parametrize("size", [0, (12, 0), (12,), (12, 20, 3), 12.5, "12"])
def test_a_size_that_is_none_is_an_error(network, size):
    with pytest.raises(ValueError, match=r"image_size=.*: give a side above 0 in pixels, or \(height, width\)"):
        classes(step_size=None, first_step=1.0, chunk_size=None).check(replace(network, image_size=size))


def test_a_view_that_fails_is_recorded_and_raised_only_on_request(tmp_path, network, caplog):
    class Broken(Filters):
        def draw(self, network, units, context):
            raise ZeroDivisionError("a bug")

    taken = Snapshotter([Broken()]).take(network, STATE, RunFolder(tmp_path / "alone"))
    assert taken is not None
    assert (taken.snapshot.error, taken.snapshot.images) == ("ZeroDivisionError: a bug", [])
    assert "Drawing epoch 3 failed" in caplog.text
    caplog.clear()
    taken = Snapshotter([Broken(), classes()]).take(network, STATE, RunFolder(tmp_path / "both"))
    assert taken is not None
    assert "Drawing filters of epoch 3 failed; other views are recorded" in caplog.text
    assert (taken.snapshot.error, len(taken.snapshot.images)) == (None, 2)
    assert taken.snapshot.provenance["views"] == {"filters": {"error": "ZeroDivisionError: a bug"}}
    with pytest.raises(ZeroDivisionError):
        Snapshotter([Broken()], raises=True).take(network, STATE, RunFolder(tmp_path / "other"))


def test_a_folder_that_is_gone_is_named_once_without_a_traceback(tmp_path, network, caplog):
    """A file in the place of the folder, as a folder without permission stops no administrator."""
    (tmp_path / "run").touch()
    assert Snapshotter([classes()]).take(network, STATE, RunFolder(tmp_path / "run")) is None
    (line,) = caplog.text.splitlines()
    assert "Recording epoch 3 failed; training goes on (NotADirectoryError: " in line
    assert str(tmp_path / "run" / "evolution") in line


def test_a_disk_that_is_full_for_a_moment_costs_one_snapshot(tmp_path, network, caplog, monkeypatch):
    record, snapshotter = RunFolder(tmp_path), Snapshotter([classes()])
    with monkeypatch.context() as patched:
        patched.setattr("featevo.record.store.save_image", full)
        taken = snapshotter.take(network, STATE, record)
    assert taken is not None
    assert taken.snapshot.error == "OSError: [Errno 28] No space left on device"
    assert len(caplog.text.splitlines()) == 1
    assert snapshotter.take(network, replace(STATE, epoch=4), record) is not None
    assert [bool(snapshot.images) for snapshot in record.snapshots()] == [False, True]


def full(*args):
    raise OSError(28, "No space left on device")


def test_weights_are_kept_on_request(tmp_path, network):
    for keep in (True, False):
        record = RunFolder(tmp_path / str(keep))
        taken = Snapshotter([classes()], keeping=Keeping(keep)).take(network, STATE, record)
        assert taken is not None
        assert (record.weights(taken.snapshot) is not None) == keep


def test_real_images_are_recorded_when_training_begins(tmp_path, network):
    record, images = RunFolder(tmp_path), torch.rand(3, 3, 12, 12)
    snapshotter = Snapshotter([classes()], real=lambda each: (images, torch.tensor([1, 0, 1])))
    snapshotter.begin(network, record, writes=False)
    assert not (tmp_path / "evolution").exists()
    snapshotter.begin(network, record)
    snapshotter.take(network, STATE, record)
    assert read_evolution(tmp_path).real == {
        0: ["evolution/real/000-frog-0.png"],
        1: ["evolution/real/001-table-0.png", "evolution/real/001-table-1.png"],
    }


def test_a_record_with_real_images_reads_no_others(tmp_path, network):
    record = RunFolder(tmp_path)
    Snapshotter([classes()], real=lambda each: (torch.rand(2, 3, 12, 12), torch.arange(2))).begin(network, record)
    Snapshotter([classes()]).take(network, STATE, record)

    def again(each):
        raise AssertionError("read again")

    Snapshotter([classes()], real=again, raises=True).begin(network, record)


def test_real_images_that_cannot_be_had_stop_training_only_on_request(tmp_path, network, caplog):
    def real(each):
        raise ZeroDivisionError("a bug")

    Snapshotter([classes()], real=real).begin(network, RunFolder(tmp_path))
    assert "Real images cannot be recorded; training goes on without them" in caplog.text
    with pytest.raises(ZeroDivisionError):
        Snapshotter([classes()], real=real, raises=True).begin(network, RunFolder(tmp_path))
