"""The benchmarks agree with the package: each can be imported, and one measures a small snapshot."""

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir

from benchmarks import fewer_steps, gpu
from benchmarks.forced_choice import measure as recognised
from benchmarks.forced_choice import summary
from benchmarks.forgetting import measure as forgotten
from benchmarks.recipes import RECIPES
from benchmarks.speed.cases import network
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.training import train
from featevo.measure.viewers import efficientnet_lite0
from featevo.record.check import problems_of
from featevo.record.reading import read_evolution
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


def test_candidates_are_compared_with_the_reference(run, monkeypatch):
    for name, value in {"STEPS": (4,), "PLAIN_STEPS": (4, 8), "REFERENCE": 8}.items():
        monkeypatch.setattr(fewer_steps, name, value)
    rows = [row for row, images in fewer_steps.measure(run, [efficientnet_lite0()])]
    table = fewer_steps.summary(rows)
    assert len(table) == len(rows) == 2 * (2 + len(fewer_steps.CANDIDATES) + 1)
    references = [row for row in table if (row["candidate"], row["steps"]) == (fewer_steps.PLAIN, 8)]
    assert [(row["median"], row["worst"]) for row in references] == [(1, 1)] * 2
    assert {row["EfficientNet-Lite0"]["difference"] for row in references} == {0}
    seconds = fewer_steps.cpu_seconds(run, "paper", {fewer_steps.PLAIN: 16, fewer_steps.FAST[0]: 4})
    assert 0 < seconds[fewer_steps.FAST[0]] < seconds[fewer_steps.PLAIN]


def test_the_fewest_steps_that_reach_the_reference_are_found():
    choice = {"difference": -0.1, "standard_error": 0.02}
    row = {"regularizer": "paper", "candidate": "plain", "worst": 0.5, "viewer": choice}
    slow = [row | {"steps": 8 * n, "taken": 8 * n, "median": 0.2 * n} for n in (5, 4)]
    fast = row | {"candidate": "fast", "steps": 8, "taken": 8, "median": 0.95}
    fast["viewer"] = {"difference": -0.1, "standard_error": 0.05}
    plain, other = fewer_steps.reached([*slow, fast], ["viewer"])
    assert (plain["median"], plain["worst"], plain["recognised"]) == (40, None, None)
    assert (other["median"], other["worst"], other["recognised"]) == (8, None, 8)


def test_the_preset_is_the_candidate_of_the_sheet():
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        preset = compose("train", ["evolution=fast"]).evolution
    assert (f"cosine from {preset.first_step:g} to 1", preset.steps) == fewer_steps.FAST
    assert fewer_steps.FAST[0] in fewer_steps.CANDIDATES
    assert fewer_steps.FAST[1] in fewer_steps.STEPS


def test_every_bundle_is_a_recipe():
    assert set(BUNDLES) - {"clear_large"} <= set(RECIPES)
    assert {recipe["regularizer"] for recipe in RECIPES.values()} <= set(BUNDLES)


def test_the_benchmark_of_gpus_runs_in_small_on_a_cpu(monkeypatch):
    monkeypatch.setattr(gpu, "STEPS", (1, 3))
    found = gpu.measure(network("vgg16_slim", 0), torch.device("cpu"), (32,), (2, 3), float("inf"))
    rows = {(row["classes"], row["way"]): row for row in found["rows"]}
    assert {(2, "float32"), (2, "bfloat16"), (2, "one after the other"), (3, "float32"), (3, "bfloat16")} <= set(rows)
    assert "ms_per_image_step" in rows[2, "float32"]
    assert found["equal_bits_of_two_runs"]
    assert found["bfloat16"]["mean_pixel_difference"] < 0.2
    assert found["bfloat16"]["logit_of_bfloat16"] == pytest.approx(
        found["bfloat16"]["logit_of_float32"], rel=0.2, abs=0.05
    )
    assert found["paper"]["seconds"] > 0


def test_what_the_benchmark_of_gpus_has_no_time_for_is_named():
    found = gpu.timed(lambda steps: None, 1, torch.device("cpu"), end=0.0)
    assert found == {"left_out": "no time"}
    assert gpu.timed(lambda steps: 1 / 0, 1, torch.device("cpu"), float("inf")) == {
        "left_out": "ZeroDivisionError: division by zero"
    }


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_the_benchmark_of_gpus_is_one_line(monkeypatch):
    monkeypatch.setattr("sys.argv", ["gpu"])
    with pytest.raises(SystemExit, match="PyTorch finds no GPU here"):
        gpu.main()


@pytest.mark.heavy
def test_the_benchmark_of_gpus_needs_neither_hydra_nor_wandb():
    code = "import sys, benchmarks.gpu; print(sorted({'hydra', 'omegaconf', 'wandb'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_growth_of_small_records_is_measured(tmp_path):
    (path,) = [path for path in FILES if path.stem == "growth"]
    measures = runpy.run_path(str(path))
    found = measures["growing"](tmp_path / "a", 2, 8)
    assert set(found) == {f"{what} {n} of 8, 2 classes" for what in ("append", "snapshot") for n in (1, 4, 8)}
    found |= measures["film"](tmp_path / "b", 2, 2)
    found |= measures["wide"](tmp_path / "c", 5, 2)
    found |= measures["many"](tmp_path / "d", 2, 2, 1)
    assert min(found.values()) > 0
    assert problems_of(tmp_path / "a") == []
    assert [len(snapshot.of_view()) for snapshot in read_evolution(tmp_path / "c").snapshots] == [5, 5]
    assert {"b/film.webp", "c/figure.png", "c/page.html", "d/page.html"} <= {
        str(file.relative_to(tmp_path)) for file in tmp_path.glob("*/*")
    }


def test_a_small_run_is_measured_by_part():
    (path,) = [path for path in FILES if path.stem == "default_run"]
    small = ["debug=smoke", "logger=none", "trainer.accelerator=cpu", *FEW]
    found = runpy.run_path(str(path))["measure"]({"now": path.parent.parent}, 1, small)["now"]
    parts = found["first round"]
    assert 0 < found["help, CPU seconds"] < parts["total"]
    assert parts["imports"] + parts["data"] + parts["network"] < parts["first step"] < parts["total"]
    within = ("drawing", "measuring", "layer comparison", "files", "training")
    assert min(parts[name] for name in within) > 0
    assert parts["first step"] + sum(parts[name] for name in within) + parts["closing"] < parts["total"] + 0.5
    assert parts["share"] == pytest.approx((parts["drawing"] + parts["measuring"]) / parts["total"], abs=0.002)
