"""The training command on two processes: one folder, one record, one W&B run, one error line."""

import csv
import json

import pytest
from lightning_fabric.utilities.rank_zero import _get_rank

from featevo.app.this_job import is_main_process
from tests.processes import SMALL, command
from tests.wandb_files import read_run, read_runs

TWO = (*SMALL, "trainer.devices=2", "trainer.strategy=ddp")


def record(folder):
    return json.loads((folder / "run.json").read_text())


def test_a_run_of_two_processes_is_one_run(tmp_path):
    (tmp_path / "order.py").write_text(
        "import pytorch_lightning as pl\n"
        "class Order(pl.Callback):\n"
        "    def on_train_epoch_start(self, trainer, pl_module):\n"
        "        with open(f'order-{trainer.global_rank}.txt', 'a') as file:\n"
        "            print(*trainer.train_dataloader.sampler, file=file)\n"
    )
    order = "trainer.callbacks=[{_target_: order.Order}]"
    done = command(tmp_path, *TWO, "data.num_classes=5", "data.source.val_per_class=8", order, "hydra.run.dir=run")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.count("Run folder:") == 2  # at the start and at the end
    folder = tmp_path / "run"
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} <= {"run", "__pycache__"}
    assert (record(folder)["status"], record(folder)["metrics"]["epochs"]) == ("finished", 2)
    names = {".hydra", "checkpoints", "evolution", "evolution.md", "evolution.png", "evolution.webp"}
    names |= {"metrics.csv", "report.html", "run.json", "train.log", "wandb"}
    assert {path.name for path in folder.iterdir()} == names
    assert sorted(path.name for path in (folder / ".hydra").iterdir()) == [
        "config.yaml",
        "hydra.yaml",
        "overrides.yaml",
    ]
    assert len(list(folder.glob("wandb/offline-run-*"))) == 1
    assert read_run(folder)["exit_code"] == 0
    rows = list(csv.DictReader((folder / "metrics.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    lines = [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]
    assert {line["epoch"] for line in lines} <= {1, 2}
    for line in lines:
        assert [render["unit"] for render in line["renders"]] == list(range(5))
        assert line["provenance"]["ranks"] == 2
        # The mean over both ranks in the record and in Lightning.
        assert line["train_loss"] == pytest.approx(float(rows[line["epoch"] - 1]["train_loss"]), rel=1e-5)
    # Every image once per epoch, in a different order in the next.
    orders = [(tmp_path / f"order-{rank}.txt").read_text().splitlines() for rank in (0, 1)]
    for epoch in (0, 1):
        assert sorted(int(number) for order in orders for number in order[epoch].split()) == list(range(40))
    assert orders[0][0] != orders[0][1]
    log = (folder / "train.log").read_text()
    assert log.count("Run folder:") == log.count("epoch   1 ") == 1


@pytest.mark.parametrize(("rank", "error"), [(0, "AssertionError: a crash"), (1, "rank 1: AssertionError: a crash")])
def test_a_process_that_fails_ends_the_run(tmp_path, rank, error):
    """The main process closes the record for either process, with the cause of the error."""
    (tmp_path / "broken.py").write_text(
        "import pytorch_lightning as pl\n"
        "class Crash(pl.Callback):\n"
        "    def __init__(self, rank):\n"
        "        self.rank = rank\n"
        "    def on_train_epoch_start(self, trainer, pl_module):\n"
        "        assert trainer.current_epoch < 1 or trainer.global_rank != self.rank, 'a crash'\n"
    )
    crash = f"trainer.callbacks=[{{_target_: broken.Crash, rank: {rank}}}]"
    done = command(tmp_path, *TWO, crash, "hydra.run.dir=run")
    folder = tmp_path / "run"
    assert done.returncode == 1
    assert "AssertionError: a crash" in done.stderr
    assert (record(folder)["status"], record(folder)["error"]) == ("failed", error)
    assert read_run(folder)["exit_code"] == 1
    assert error in (folder / "report.html").read_text()


def test_jobs_of_a_multirun_may_have_two_processes(tmp_path):
    """Without featevo's part, Hydra would start the whole multirun again for each further process."""
    done = command(tmp_path, "--multirun", *TWO, "trainer.max_epochs=1", "seed=0,1", "hydra.sweep.dir=sweep")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.glob("sweep/*/")) == [".jobs", "0-seed-0", "1-seed-1", "wandb"]
    assert [path.name for path in tmp_path.iterdir()] == ["sweep"]
    for folder in tmp_path.glob("sweep/[01]-*"):
        (line,) = (folder / "evolution" / "index.jsonl").read_text().splitlines()
        assert json.loads(line)["provenance"]["ranks"] == 2
        assert (folder / "train.log").read_text().count("Run folder:") == 1
    assert [run["name"] for run in read_runs(tmp_path / "sweep")] == ["0-seed-0", "1-seed-1"]


def test_submitit_and_several_devices_are_refused_in_one_line(tmp_path):
    done = command(tmp_path, "--multirun", *TWO, "launcher=submitit_local", "seed=0", "hydra.sweep.dir=sweep")
    assert done.returncode == 1
    assert "[1/1] job 0: failed (trainer.devices=2: with this launcher a job takes one device; " in done.stdout
    assert not list(tmp_path.rglob("wandb"))


@pytest.mark.parametrize(
    ("environment", "main"),
    [
        ({}, True),
        ({"LOCAL_RANK": "0", "NODE_RANK": "0"}, True),
        ({"LOCAL_RANK": "1", "NODE_RANK": "0"}, False),
        ({"NODE_RANK": "1"}, False),
        ({"RANK": "0", "LOCAL_RANK": "0"}, True),
        ({"RANK": "2", "LOCAL_RANK": "0"}, False),
        ({"SLURM_PROCID": "3"}, False),
    ],
    ids=str,
)
def test_the_main_process_is_known_before_there_is_a_trainer(monkeypatch, environment, main):
    for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID", "JSM_NAMESPACE_RANK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_main_process() == main
    assert ((_get_rank() or 0) == 0 and environment.get("NODE_RANK") != "1") == main  # as Lightning counts them


def test_a_run_of_two_processes_is_resumed_by_both(tmp_path):
    two = (*SMALL, "trainer.devices=2", "logger=none", "trainer.max_epochs=2", "model.dropout=0.3")
    assert command(tmp_path, *two, "hydra.run.dir=whole").returncode == 0
    stop = "{_target_: tests.interrupting.Interrupt, name: SIGTERM, hook: on_train_epoch_start, count: 2}"
    assert command(tmp_path, *two, "hydra.run.dir=run", f"trainer.callbacks=[{stop}]").returncode == 143
    done = command(tmp_path, "resume=run", "trainer.callbacks=null")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "metrics.csv").read_text() == (tmp_path / "whole" / "metrics.csv").read_text()
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "finished"
