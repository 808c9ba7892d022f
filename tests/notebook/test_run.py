"""One run in a notebook: what it says, its images, and what a wrong epoch or view says."""

import json

import numpy as np
import pytest
from PIL import Image

from featevo.errors import UserError
from tests.conftest import CLASSES
from tests.notebook.parts import one


def pair_of(entries):
    """Two validations within epoch 2, and a second view in epoch 1."""
    entries[2].update(epoch=2, step=120)
    first = entries[0]["renders"][0]
    entries[0]["renders"].append({**first, "view": "channels", "unit": 7, "name": "conv1 7", "group": "conv1"})


@pytest.fixture
def run(make_run):
    return one(make_run())


def test_the_text_says_what_it_is(run):
    first, second = repr(run).split("\n")
    assert first == "Run scenes: images of 3 epochs (1 to 3), 4 classes, best accuracy 97.5 % (epoch 3)"
    assert second == str(run.folder)


def test_the_text_has_no_control_characters(make_run):
    folder = make_run()
    (folder / "run.json").write_text(json.dumps({"name": "a\x1b[2J\nb"}))
    assert repr(one(folder)).startswith("Run a [2J b: ")


def test_the_best_accuracy_is_the_first_of_all_epochs(make_run):
    folder = make_run()
    (folder / "metrics.csv").write_text("epoch,step,val_acc\n3,150,0.975\n4,200,0.99\n5,250,0.99\n")
    assert one(folder).best == (4, 0.99)
    assert one(make_run("before", accuracies=[None])).best is None


def test_its_attributes(make_run):
    def change(entries):
        pair_of(entries)
        entries[0]["measures"] = {"clones/patches": 0.5, "recognition/judge": 1.0, "picture/used": None}

    folder = make_run(change=change)
    controls = {"clones/patches": {"chance": {"mean": 0.5}}, "recognition/judge": {"noise": {"mean": 0.1}}}
    (folder / "evolution/controls.json").write_text(json.dumps(controls))
    run = one(folder)
    assert (run.name, run.folder) == ("scenes", folder)
    assert run.epochs == [1, 2]
    assert run.classes == list(CLASSES)
    assert run.views == ["classes", "channels"]
    assert run.measures == ["clones/patches"]
    assert run.controls == {"clones/patches": {"chance": 0.5}}


def test_images_are_the_recorded_pixels(run):
    pixels, names = run.images(2)
    assert (pixels.shape, pixels.dtype, names) == ((4, 16, 16, 3), np.uint8, list(CLASSES))
    files = sorted((run.folder / "evolution/epoch=002").glob("*.png"))
    assert np.array_equal(pixels, [np.asarray(Image.open(file)) for file in files])


def test_grey_images_have_one_channel(make_run):
    folder = make_run(accuracies=[0.5])
    for number, file in enumerate(sorted(folder.rglob("*.png"))):
        Image.new("L", (8, 6), 10 * number).save(file)
    pixels, _ = one(folder).images()
    assert pixels.shape == (4, 6, 8, 1)
    assert pixels[:, 0, 0, 0].tolist() == [0, 10, 20, 30]


def test_the_last_moment_of_an_epoch(make_run):
    folder = make_run(change=pair_of)
    Image.new("RGB", (16, 16), (1, 2, 3)).save(folder / "evolution/epoch=003/000.png")
    run = one(folder)
    assert run.images(2)[0][0, 0, 0].tolist() == [1, 2, 3]
    assert np.array_equal(run.images(np.int64(2))[0], run.images()[0])


def test_the_sheet_of_a_snapshot(run):
    sheet = run.show(2)
    assert sheet.title == "scenes, epoch 2: 64.0 %"
    assert sheet.captions == [[name, "p 0.50"] for name in CLASSES]
    assert np.array_equal(np.stack(sheet.images), run.images(2)[0])
    assert run.show().title == "scenes, epoch 3: 97.5 %"


def test_another_view(make_run):
    run = one(make_run(change=pair_of))
    assert run.show(view="channels").title == "scenes, epoch 1: 25.0 %"
    assert run.images(view="channels")[1] == ["conv1 7"]


def test_a_dead_unit_is_marked(make_run):
    def change(entries):
        entries[0]["renders"][1]["stopped"] = "zero gradient"
        entries[0]["renders"][2]["stopped"] = "plateau"

    captions = one(make_run(accuracies=[0.5], change=change)).show().captions
    assert [len(lines) for lines in captions] == [2, 3, 2, 2]
    assert captions[1][2] == "zero gradient"


@pytest.mark.parametrize("method", ["show", "images"])
def test_an_epoch_without_images_lists_the_others(run, method):
    with pytest.raises(ValueError, match=r"no images of classes at epoch 9; there are: 1, 2, 3$"):
        getattr(run, method)(9)


def test_a_long_list_of_epochs_is_short(make_run):
    run = one(make_run(accuracies=[0.5] * 30))
    with pytest.raises(ValueError, match=r"there are: 1, 2, 3, 4, 5, 6, 7, 8, 9, \.\.\., 29, 30$"):
        run.show(0)


def test_an_unknown_view_lists_the_others(make_run):
    run = one(make_run(change=pair_of))
    with pytest.raises(ValueError, match=r"no view 'neurons'; the views are: classes, channels$"):
        run.show(view="neurons")
    with pytest.raises(ValueError, match=r"no images of channels at epoch 2; there are: 1$"):
        run.show(2, view="channels")


def test_a_missing_image(run):
    file = run.folder / "evolution/epoch=003/001.png"
    file.unlink()
    assert [image is None for image in run.show().images] == [False, True, False, False]
    with pytest.raises(UserError, match=r"epoch=003/001\.png is missing: the record is not whole"):
        run.images()


def test_images_of_different_sizes(run):
    Image.new("RGB", (8, 8)).save(run.folder / "evolution/epoch=003/001.png")
    with pytest.raises(ValueError, match=r"the images of classes differ in size"):
        run.images()
    assert "no image" not in run.show()._repr_html_()
