"""The commands as users type them: real processes, real Hydra, exit codes, output."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.processes import SMALL, command
from tests.wandb_files import read_run, read_runs


def test_the_default_logger_is_wandb_offline_without_a_key(tmp_path):
    done = command(tmp_path, *SMALL)
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.glob("outputs/*/*-scenes-random")
    assert "wandb sync" in done.stdout
    assert f"Figure:     {folder}/evolution.png" in done.stdout
    run = read_run(folder)
    assert json.loads((folder / "run.json").read_text())["wandb"]["id"] == run["id"]
    assert run["config"]["init"]["name"] == "random"
    assert run["exit_code"] == 0
    assert any("features/tree frog" in row for row in run["history"])
    metrics = json.loads((folder / "run.json").read_text())["metrics"]
    assert {name: run["summary"][name] for name in ("best_val_acc", "best_epoch")} == {
        name: metrics[name] for name in ("best_val_acc", "best_epoch")
    }
    (page,) = [row["page"]["path"] for row in run["history"] if "page" in row]
    assert (run["files"] / page).read_bytes() == (folder / "report.html").read_bytes()


@pytest.mark.parallel
def test_a_multirun_gives_each_job_its_own_run(tmp_path):
    done = command(tmp_path, "--multirun", *SMALL, "trainer.max_epochs=1", "seed=0,1", "hydra.sweep.dir=sweep")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.glob("sweep/*/")) == [".jobs", "0-seed-0", "1-seed-1", "wandb"]
    runs = read_runs(tmp_path / "sweep")
    assert len({run["id"] for run in runs}) == 2
    assert {run["group"] for run in runs} == {"sweep"}
    assert [run["config"]["seed"] for run in runs] == [0, 1]
    assert [run["name"] for run in runs] == ["0-seed-0", "1-seed-1"]


def test_a_folder_holds_one_run(tmp_path):
    (tmp_path / "run" / ".hydra").mkdir(parents=True)
    (tmp_path / "run" / ".hydra" / "config.yaml").write_text("seed: 7\n")
    (tmp_path / "run" / "run.json").write_text("{}")
    done = command(tmp_path, *SMALL, "hydra.run.dir=run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: run already holds a run; choose another hydra.run.dir\n"
    assert (tmp_path / "run" / ".hydra" / "config.yaml").read_text() == "seed: 7\n"
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [".hydra", "run.json"]


def test_a_folder_can_be_used_again_after_a_mistake(tmp_path):
    """After a mistake before training; a run that has trained keeps its folder."""
    for number in range(40):
        folder = tmp_path / "pictures" / f"class {number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (200, number, 0) if number % 2 else (0, number, 200)).save(folder / f"{number}.png")
    again = ["debug=smoke", "trainer.accelerator=cpu", "data=folder", "data.num_classes=2", "logger=none"]
    again += ["trainer.max_epochs=1", "hydra.run.dir=run"]
    done = command(tmp_path, *again, "data.root=nowhere")
    assert (done.returncode, done.stderr.partition("=")[0]) == (2, "Error: data.root")
    done = command(tmp_path, *again, "data.root=pictures")
    assert done.returncode == 0, done.stderr
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (run["status"], run["began"], run["mistake"], run["error"]) == ("finished", True, False, None)
    assert "data.root=pictures" in run["overrides"]
    done = command(tmp_path, *again, "data.root=pictures")
    assert done.returncode == 2
    assert done.stderr == "Error: run already holds a run; choose another hydra.run.dir\n"


@pytest.mark.parametrize("key", ["hydra.run.dir", "hydra.sweep.dir"])
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, key):
    done = command(tmp_path, *SMALL, f"{key}=/dev/null/x", *(["--multirun"] if "sweep" in key else []))
    assert done.returncode == 2
    assert done.stderr == f"Error: {key}=/dev/null/x: this folder cannot be made (Not a directory); choose another\n"


@pytest.mark.parametrize(("signal", "code", "name"), [(2, 1, "Ctrl+C"), (15, 143, "SIGTERM")])
def test_an_interrupted_run_records_it_and_keeps_its_files(tmp_path, signal, code, name):
    (tmp_path / "broken.py").write_text(
        "import os, signal\n"
        "import pytorch_lightning as pl\n"
        "class Stop(pl.Callback):\n"
        "    def __init__(self, signal):\n"
        "        self.signal = signal\n"
        "    def on_train_epoch_start(self, trainer, pl_module):\n"
        "        if trainer.current_epoch == 1:\n"
        "            os.kill(os.getpid(), self.signal)\n"
        # A process that a shell started in the background ignores Ctrl+C; a user's does not.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    )
    stop = f"trainer.callbacks=[{{_target_: broken.Stop, signal: {signal}}}]"
    done = command(tmp_path, *SMALL, stop, "hydra.run.dir=run")
    folder = tmp_path / "run"
    assert done.returncode == code
    assert done.stderr.splitlines() == [f"Interrupted; the record is in {folder}"]
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["error"]) == ("interrupted", f"interrupted by {name}")
    assert record["metrics"]["epochs"] == 1
    if name == "Ctrl+C":  # after SIGTERM there may be no time for a page
        assert "interrupted" in (folder / "report.html").read_text()
    assert f"[WARNING] Interrupted by {name}" in (folder / "train.log").read_text()


def test_a_failing_tracker_does_not_affect_the_record(tmp_path):
    """Promise 4 for the whole command: the table has each number before the tracker is notified."""
    (tmp_path / "broken.py").write_text(
        "from pathlib import Path\n"
        "from pytorch_lightning.loggers.logger import DummyLogger\n"
        "class Failing(DummyLogger):\n"
        "    def __init__(self, save_dir):\n"
        "        super().__init__()\n"
        "        self.folder = Path(save_dir)\n"
        "    def log_metrics(self, metrics, step=None):\n"
        "        table = (self.folder / 'metrics.csv').read_text()\n"
        "        own = [v for k, v in metrics.items() if k != 'epoch' and '/' not in k]  # measures are in the index\n"
        "        with open('checks.txt', 'a') as checks:\n"
        "            checks.write(f'{all(str(float(v)) in table for v in own)}\\n')\n"
        "        raise ConnectionError('no network')\n"
    )
    done = command(tmp_path, *SMALL, "logger=none", "logger.tracker={_target_: broken.Failing}", "hydra.run.dir=run")
    assert done.returncode == 0, done.stderr
    message = "Failing.log_metrics failed (ConnectionError: no network); training goes on, the record has everything"
    assert done.stdout.count(message) == 1
    checks = (tmp_path / "checks.txt").read_text().splitlines()
    assert len(checks) >= 2
    assert set(checks) == {"True"}
    folder = tmp_path / "run"
    assert len((folder / "metrics.csv").read_text().splitlines()) == 3
    assert (folder / "evolution" / "index.jsonl").is_file()
    assert json.loads((folder / "run.json").read_text())["status"] == "finished"
    assert "[ERROR] Failing.log_metrics failed" in (folder / "train.log").read_text()


def test_without_drawing_and_trackers_the_result_is_printed(tmp_path):
    done = command(tmp_path, *SMALL, "evolution=off", "logger=none", "hydra.run.dir=run")
    assert done.returncode == 0, done.stderr
    best = json.loads((tmp_path / "run" / "run.json").read_text())["metrics"]["best_val_acc"]
    *_, folder, result = done.stdout.splitlines()
    assert folder == f"Run folder: {tmp_path}/run"
    assert result.startswith(f"Result:     best val_acc {best:.4f} (epoch ")
    lines = (tmp_path / "run" / "train.log").read_text().splitlines()
    assert all(re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+\]\[INFO\] ", line) for line in lines)


@pytest.mark.parametrize("question", ["--help", "--cfg job"])
def test_a_closed_pipe_prints_no_error(tmp_path, question):
    line = f"set -o pipefail; {sys.executable} -u -m featevo.train {question} | true"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_crash_is_recorded_as_failed_everywhere(tmp_path):
    """Exit code 1, status failed, and the same in W&B."""
    (tmp_path / "broken.py").write_text(
        "import pytorch_lightning as pl\n"
        "class Crash(pl.Callback):\n"
        "    def on_train_epoch_start(self, trainer, pl_module):\n"
        "        assert trainer.current_epoch < 1, 'a crash'\n"
    )
    done = command(tmp_path, *SMALL, "trainer.callbacks=[{_target_: broken.Crash}]")
    assert done.returncode == 1
    assert "AssertionError: a crash" in done.stderr
    (folder,) = tmp_path.glob("outputs/*/*")
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["error"]) == ("failed", "AssertionError: a crash")
    assert read_run(folder)["exit_code"] == 1
    assert (folder / "evolution.png").is_file()
    assert (folder / "report.html").is_file()
    assert (done.stdout + done.stderr).count("Traceback") == 1
    assert (folder / "train.log").read_text().rstrip().endswith("AssertionError: a crash")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data.num_clases=4"], "Error: data.num_clases: there is no such key in data (did you mean num_classes?)"),
        (["data=folder", "data.root=nowhere", "logger=none"], "Error: data.root"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, arguments, message):
    done = command(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert len(done.stderr.splitlines()) == 1


def test_help_lists_groups_and_options(tmp_path):
    done = command(tmp_path, "--help")
    assert done.returncode == 0
    for words in (
        "init: checkpoint, pretrained, random",
        "flowers102, folder, imagenet, imagenet_names, imagenette, planted, scenes\n",
        "regularizer: clear, clear_large, lucid, maco, mahendran, none, paper",
        "num_classes: ",
        "steps: 64",
    ):
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_real_images(tmp_path):
    """Handwritten digits as PNG class folders, through the same command."""
    datasets = pytest.importorskip("sklearn.datasets")
    digits = datasets.load_digits()
    for index, (image, label) in enumerate(zip(digits.images[:200], digits.target[:200], strict=True)):
        folder = tmp_path / "digits" / f"digit {label}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15.9375).astype(np.uint8)).save(folder / f"{index}.png")
    done = command(
        tmp_path,
        "debug=smoke",
        "data=folder",
        "data.root=digits",
        "data.num_classes=5",
        "logger=csv",
        "trainer.max_epochs=1",
    )
    assert done.returncode == 0, done.stderr
    (index,) = tmp_path.glob("outputs/*/*-folder-random/evolution/index.jsonl")
    (line,) = index.read_text().splitlines()
    assert [render["name"] for render in json.loads(line)["renders"]] == [f"digit {digit}" for digit in range(5)]
