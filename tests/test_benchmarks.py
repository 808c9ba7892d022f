"""The benchmarks agree with the package: each can be imported, and one measures a small snapshot."""

import ast
import runpy
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.training import train

pytestmark = pytest.mark.filterwarnings("ignore:The number of training batches")

FEW = ("data.source.train_per_class=8", "data.source.val_per_class=4")
FILES = sorted((Path(__file__).parent.parent / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_can_be_imported(path):
    assert callable(runpy.run_path(str(path))["main"])


def test_the_difference_between_batch_and_alone_is_measured(tmp_path, monkeypatch, capsys):
    (path,) = [path for path in FILES if path.stem == "batch_deviation"]
    register()
    monkeypatch.chdir(tmp_path)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", ["debug=smoke", "logger=none", "measures=off", "trainer.max_epochs=1", *FEW])
    train(cfg)
    (run,) = tmp_path.glob("outputs/*/*")
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
