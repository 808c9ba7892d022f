"""A run that was interrupted at any moment and resumed equals one without interruption."""

import json
import signal
import time
from collections import Counter

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

from featevo.app.paths import CONF
from featevo.app.resume import earlier_part
from featevo.app.schemas import register
from featevo.app.training import train
from featevo.errors import DONE, MISTAKE, TERMINATED, UserError
from featevo.record.reading import read_evolution
from featevo.record.schema import INDEX
from featevo.tracking.points import STEP
from tests.interrupting import MOMENT
from tests.processes import command
from tests.same_record import assert_same_record
from tests.torture import TRAINING
from tests.wandb_files import read_run

pytestmark = pytest.mark.filterwarnings("ignore:The number of training batches")

CONFIG = ("config",)
"""The hash of the configuration: it has the callback that interrupts."""

IN_THE_END = 5.0
"""Seconds in which SIGTERM must end a run."""


def at(hook, count=1, name="SIGKILL"):
    """An override that sends a signal at a moment of training."""
    return f"trainer.callbacks=[{{_target_: tests.interrupting.Interrupt, name: {name}, hook: {hook}, count: {count}}}]"


def while_rendering(count, name="SIGTERM"):
    spec = f"{{_target_: tests.interrupting.InterruptedOperator, name: {name}, count: {count}}}"
    return f"+regularizer.operators.interrupted={spec}"


def start(folder, *overrides):
    return command(folder, *TRAINING, *overrides)


def resume(folder, *overrides):
    done = command(folder, "resume=run", "trainer.callbacks=null", *overrides)
    assert done.returncode == DONE, done.stderr
    return done


def record_of(run):
    return json.loads((run / "run.json").read_text())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same training without interruption."""
    folder = tmp_path_factory.mktemp("whole")
    done = start(folder)
    assert done.returncode == DONE, done.stderr
    return folder / "run"


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("hook", "count"),
    [
        ("on_train_batch_end", 1),  # before the first checkpoint
        ("on_train_epoch_end", 2),  # after the second snapshot, before its checkpoint
        ("on_train_end", 1),  # after the last checkpoint
    ],
)
def test_a_killed_run_continues_to_the_same_end(tmp_path, whole, hook, count):
    done = start(tmp_path, at(hook, count))
    run = tmp_path / "run"
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert record_of(run)["status"] == "running"
    if (run / INDEX).is_file():
        read_evolution(run)  # what there is of the record can be read
    resume(tmp_path)
    assert_same_record(whole, run, CONFIG)
    record = record_of(run)
    assert (record["status"], record["metrics"]) == ("finished", record_of(whole)["metrics"])
    assert [part["status"] for part in record["resumed"]] == ["running"]


def assert_same_metrics(tmp_path, overrides, kill):
    """A run that is killed and resumed has the metrics of one that is not."""
    (tmp_path / "whole").mkdir()
    done = start(tmp_path / "whole", *overrides)
    assert done.returncode == DONE, done.stderr
    assert start(tmp_path, *overrides, kill).returncode == -signal.SIGKILL
    resume(tmp_path)
    tables = [(run / "metrics.csv").read_text() for run in (tmp_path / "whole" / "run", tmp_path / "run")]
    assert tables[0] == tables[1]


@pytest.mark.heavy
def test_workers_go_on_in_the_order_of_the_epoch(tmp_path):
    """Lightning makes their first iterator before it sets the epoch, and they begin at once to load."""
    workers = ("data.num_workers=2", "data.cache_gb=0", "evolution=off")
    assert_same_metrics(tmp_path, workers, at("on_train_epoch_start", 2))


@pytest.mark.heavy
def test_augmented_images_are_the_same_ones_after_a_resume(tmp_path):
    augmented = ("augmentation=standard", "evolution=off")
    assert_same_metrics(tmp_path, augmented, at("on_train_batch_end", 9))


@pytest.mark.heavy
@pytest.mark.parametrize(
    "moment",
    [
        at("init", name="SIGTERM"),
        at("on_train_batch_end", 2, "SIGTERM"),
        while_rendering(12),
        at("teardown", 1, "SIGTERM"),
    ],
    ids=["building", "training", "rendering", "closing"],
)
def test_sigterm_ends_a_run_at_once_at_any_moment(tmp_path, whole, moment):
    done = start(tmp_path, moment)
    seconds = time.time() - float((tmp_path / MOMENT).read_text())
    assert done.returncode == TERMINATED, done.stderr
    assert "Traceback" not in done.stderr
    assert seconds < IN_THE_END
    run = tmp_path / "run"
    assert (record_of(run)["status"], record_of(run)["error"]) == ("interrupted", "interrupted by SIGTERM")
    if "regularizer" not in moment:  # an operator that featevo does not have would not be built again
        resume(tmp_path)
        assert_same_record(whole, run, CONFIG)


def points(run):
    """How often the run has each metric and image at each step, in W&B and in TensorBoard."""
    found = read_run(run)
    wandb = Counter((key, row[STEP]) for row in found["history"] for key in row if key[0] != "_" and key != STEP)
    events = EventAccumulator(str(run / "board"), size_guidance={"images": 0, "scalars": 0}).Reload()
    board = Counter((tag, event.step) for tag in events.Tags()["scalars"] for event in events.Scalars(tag))
    board += Counter((tag, event.step) for tag in events.Tags()["images"] for event in events.Images(tag))
    # Each logger has an epoch beside whatever it logs, so also with what is logged after a resume.
    return [{point: n for point, n in each.items() if point[0] != "epoch"} for each in (wandb, board)], found["id"]


@pytest.mark.heavy
@pytest.mark.parametrize("count", [1, 2])
def test_trackers_of_a_killed_and_resumed_run_have_each_point_once(tmp_path, count):
    board = "{_target_: pytorch_lightning.loggers.TensorBoardLogger, save_dir: run, name: board, version: ''}"
    trackers = "logger=wandb", f"trainer.logger=[{board}]"
    (tmp_path / "whole").mkdir()
    done = start(tmp_path / "whole", *trackers)
    assert done.returncode == DONE, done.stderr
    assert start(tmp_path, *trackers, at("on_train_epoch_end", count)).returncode == -signal.SIGKILL
    before = record_of(tmp_path / "run")["wandb"]["id"]
    resume(tmp_path, "trust=true")
    found, after = points(tmp_path / "run")
    expected, _ = points(tmp_path / "whole" / "run")
    assert found == expected
    assert all(n == 1 for each in found for n in each.values())
    assert before == after == record_of(tmp_path / "run")["wandb"]["id"]


@pytest.mark.heavy
def test_slurm_requeues_a_run_that_then_resumes_by_itself(tmp_path, whole, monkeypatch):
    """Simulated: the variables of a job, and a `scontrol` that ends the job, as requeueing does."""
    scontrol = tmp_path / "scontrol"
    scontrol.write_text('#!/bin/sh\necho "$@" > requeued\nkill -TERM $PPID\n')
    scontrol.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    job = {"JOB_ID": 17, "JOB_NAME": "featevo", "NTASKS": 1, "PROCID": 0, "LOCALID": 0, "NODEID": 0}
    for name, value in job.items():
        monkeypatch.setenv(f"SLURM_{name}", str(value))
    moment = at("on_train_batch_start", 9, "SIGUSR1"), "trust=true"  # the callback is not featevo's
    done = start(tmp_path, *moment)
    assert done.returncode == TERMINATED, done.stderr
    assert (tmp_path / "requeued").read_text() == "requeue 17\n"
    assert not list((tmp_path / "run").rglob("hpc_*"))
    assert start(tmp_path, *moment).returncode == MISTAKE  # the same command by hand: the folder has a run
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    done = start(tmp_path, *moment)
    assert done.returncode == DONE, done.stderr
    assert_same_record(whole, tmp_path / "run", CONFIG)


@pytest.mark.heavy
def test_a_finished_run_says_so_and_goes_on_with_more_epochs(tmp_path, whole):
    done = start(tmp_path, "trainer.max_epochs=2")
    assert done.returncode == DONE, done.stderr
    before = (tmp_path / "run" / "metrics.csv").read_bytes()
    assert "run has finished; trainer.max_epochs=N with a larger N continues it" in resume(tmp_path).stdout
    assert (tmp_path / "run" / "metrics.csv").read_bytes() == before
    resume(tmp_path, "trainer.max_epochs=3")
    assert_same_record(whole, tmp_path / "run", CONFIG)
    with pytest.raises(UserError, match=r"trainer\.max_epochs=2: 3 are done; a larger number lets the run go on"):
        earlier_part(composed(f"resume={tmp_path / 'run'}", "trainer.max_epochs=2"))
    assert_same_record(whole, tmp_path / "run", CONFIG)


def composed(*overrides):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", list(overrides))


@pytest.mark.heavy
def test_train_resumes_from_a_configuration_as_the_command_does(tmp_path, whole, monkeypatch):
    assert start(tmp_path, at("on_train_epoch_start", 3)).returncode == -signal.SIGKILL
    monkeypatch.chdir(tmp_path)
    metrics = train(composed("resume=run", "trainer.callbacks=[]"))
    assert metrics == record_of(whole)["metrics"]
    assert_same_record(whole, tmp_path / "run", CONFIG)


@pytest.fixture
def stopped(tmp_path):
    """A folder as a run leaves it that was interrupted."""
    cfg = composed("init=pretrained", "trainer.max_epochs=4")
    (tmp_path / "run" / ".hydra").mkdir(parents=True)
    (tmp_path / "run" / ".hydra" / "config.yaml").write_text(OmegaConf.to_yaml(cfg))
    (tmp_path / "run" / "run.json").write_text('{"status": "interrupted"}')
    return tmp_path / "run"


def test_what_continues_is_the_configuration_of_the_run(stopped):
    earlier = earlier_part(composed(f"resume={stopped}", "trainer.log_every_n_steps=7", "logger=none"))
    assert earlier is not None
    assert (earlier.cfg.init.name, earlier.cfg.trainer.max_epochs) == ("pretrained", 4)
    assert (earlier.cfg.trainer.log_every_n_steps, earlier.cfg.logger.tracker) == (7, None)
    assert (earlier.cfg.resume, earlier.checkpoint, earlier.is_over) == (None, None, False)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["optimizer.lr=0.1"], "optimizer.lr would make it another training; only trainer.max_epochs, "),
        (["seed=3"], "seed would make it another training"),
        (["trainer=gpu"], "trainer.precision would make it another training"),
    ],
)
def test_what_would_make_it_another_training_is_refused(stopped, overrides, message):
    with pytest.raises(UserError, match=message):
        earlier_part(composed(f"resume={stopped}", *overrides))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("trainer.max_epochs=2", r"trainer\.max_epochs=2: 3 are done; a larger number lets the run go on"),
        ("trainer.max_steps=29", r"trainer\.max_steps=29: 30 are done; a larger number lets the run go on"),
    ],
)
def test_a_number_below_what_is_done_is_refused(stopped, override, message):
    """Lightning would refuse it, too, but after the record was cut back to the checkpoint."""
    (stopped / "metrics.csv").write_text("epoch,step,val_acc\n2,20,0.5\n3,30,0.5\n")
    before = sorted(stopped.rglob("*"))
    with pytest.raises(UserError, match=message):
        earlier_part(composed(f"resume={stopped}", override))
    assert sorted(stopped.rglob("*")) == before
    assert earlier_part(composed(f"resume={stopped}", "trainer.max_epochs=3")) is not None


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"is not a run folder; run\.json was looked for there and not found"):
        earlier_part(composed(f"resume={tmp_path}"))


def test_a_folder_of_a_script_names_what_goes_on_with_it(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps({"status": "interrupted"}))
    with pytest.raises(UserError, match=r"\.hydra/config\.yaml was looked for .*trainer\.fit\(\.\.\., ckpt_path="):
        earlier_part(composed(f"resume={tmp_path}"))


def test_a_run_that_still_runs_is_refused(stopped):
    import os
    import socket

    run = {"status": "running", "process": os.getpid(), "host": socket.gethostname()}
    (stopped / "run.json").write_text(json.dumps(run))
    with pytest.raises(UserError, match="recorded as running"):
        earlier_part(composed(f"resume={stopped}"))
    assert earlier_part(composed(f"resume={stopped}", "force=true")) is not None


def test_a_requeued_run_of_another_host_is_taken_over(stopped, monkeypatch):
    (stopped / "run.json").write_text('{"status": "running", "process": 12, "host": "node7"}')
    with pytest.raises(UserError, match=r"process 12 on node7"):
        earlier_part(composed(f"resume={stopped}"))
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    assert earlier_part(composed(f"resume={stopped}")) is not None


@pytest.mark.parametrize("place", ["evolution", "metrics.csv", "checkpoints/best.ckpt", ".hydra"])
def test_nothing_is_written_through_a_link_out_of_the_folder(stopped, tmp_path, place):
    (tmp_path / "victim").mkdir()
    if place == ".hydra":
        (stopped / ".hydra").rename(tmp_path / "victim" / "moved")
    (stopped / place).parent.mkdir(exist_ok=True)
    (stopped / place).symlink_to(tmp_path / "victim")
    with pytest.raises(UserError, match="is not inside"):
        earlier_part(composed(f"resume={stopped}"))


@pytest.mark.parametrize(
    "target",
    ["{_target_: torch.load, f: x, weights_only: false}", "{_target_: torch.hub.load, repo_or_dir: x, model: y}"],
)
def test_nothing_is_built_from_a_foreign_run_that_is_not_known(stopped, target):
    file = stopped / ".hydra" / "config.yaml"
    file.write_text(file.read_text().replace("callbacks: null", f"callbacks: [{target}]"))
    with pytest.raises(UserError, match="is not a part of featevo"):
        earlier_part(composed(f"resume={stopped}"))
    earlier = earlier_part(composed(f"resume={stopped}", "trust=true"))
    assert earlier is not None


@pytest.mark.parametrize("content", ["[1, 2]", "a: [", "optimizer: 3\nwidth: 2", "\x00"])
def test_a_configuration_that_cannot_be_read_is_one_line(stopped, content):
    (stopped / ".hydra" / "config.yaml").write_text(content)
    with pytest.raises(UserError, match=r"config\.yaml"):
        earlier_part(composed(f"resume={stopped}"))
