"""The benchmarks agree with the package: each can be imported, and one measures a small snapshot."""

import ast
import runpy
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from benchmarks.forced_choice import measure as recognised
from benchmarks.forced_choice import summary
from benchmarks.forgetting import measure as forgotten
from benchmarks.recipes import RECIPES
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.training import train
from featevo.measure.forced_choice import efficientnet_lite0
from featevo.visualize.bundles import BUNDLES

pytestmark = pytest.mark.filterwarnings("ignore:The number of training batches")

FEW = ("data.source.train_per_class=8", "data.source.val_per_class=4")
FILES = sorted((Path(__file__).parent.parent / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_can_be_imported(path):
    assert callable(runpy.run_path(str(path))["main"])


@pytest.fixture
def run(tmp_path, monkeypatch):
    register()
    monkeypatch.chdir(tmp_path)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", ["debug=smoke", "logger=none", "measures=off", "trainer.max_epochs=1", *FEW])
    train(cfg)
    (folder,) = tmp_path.glob("outputs/*/*")
    return folder


def test_the_difference_between_batch_and_alone_is_measured(run, monkeypatch, capsys):
    (path,) = [path for path in FILES if path.stem == "batch_deviation"]
    monkeypatch.setattr("sys.argv", ["batch_deviation", str(run)])
    runpy.run_path(str(path))["main"]()
    row = ast.literal_eval(capsys.readouterr().out.splitlines()[-1])
    assert row["epoch"] == 1
    assert row["mean_pixel"] < 0.01 < row["mean_pixel_between_seeds"]


def test_a_snapshot_of_few_classes_is_measured():
    (path,) = [path for path in FILES if path.stem == "class_count"]
    found = runpy.run_path(str(path))["measure"](2, 0)
    assert set(found) == {"draw_s", "record_s", "peak_mb", "batch"}
    assert min(found.values()) > 0


def test_a_run_is_compared_with_its_real_images(run):
    found = recognised(run, [efficientnet_lite0()])
    assert found["init"] == "random"
    assert found["real"]["EfficientNet-Lite0"] > 0.6  # the ceiling; nothing is learned in this run
    assert len(found["last"]["EfficientNet-Lite0"]) == 4
    assert 0 <= found["last"]["saturated"] <= 1
    groups = summary([found, found], ["EfficientNet-Lite0"])
    assert groups["random"]["noise"]["EfficientNet-Lite0"]["runs"] == 2
    assert groups["random"]["noise"]["EfficientNet-Lite0"]["std"] == 0


def test_two_epochs_of_fine_tuning_are_measured():
    register()
    found = forgotten(["debug=smoke", "init=pretrained", *FEW])
    assert 0 <= found["epoch_1"] <= 1
    assert 0.1 < found["cka"] < 0.9999


def test_every_bundle_is_a_recipe():
    assert set(BUNDLES) - {"clear_large"} <= set(RECIPES)
    assert {recipe["regularizer"] for recipe in RECIPES.values()} <= set(BUNDLES)
