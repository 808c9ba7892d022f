"""The mode is chosen once, runs do not affect each other, and the environment is unchanged."""

import json
import os
import subprocess
import sys

import pytest
import wandb

from featevo.errors import UserError
from featevo.tracking.reopening import identity
from featevo.tracking.wandb_run import finish, mark_failed, resolved_mode, wandb_logger
from featevo.tracking.worker import PATIENCE
from tests.wandb_files import read_run


def opened(folder, mode="offline"):
    return wandb_logger(folder, "project", None, mode, "name", None, "train", [])


@pytest.fixture(autouse=True)
def _no_account(monkeypatch, tmp_path):
    for name in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    yield
    finish(0)


@pytest.mark.parametrize(
    ("mode", "environment", "expected"),
    [
        ("auto", None, "offline"),
        ("auto", "", "offline"),
        ("auto", "offline", "offline"),
        ("auto", "dryrun", "offline"),
        ("auto", "disabled", "disabled"),
        ("auto", "online", "online"),
        ("offline", "online", "offline"),
        ("online", "offline", "online"),
    ],
)
def test_the_mode_is_resolved(monkeypatch, mode, environment, expected):
    if environment is not None:
        monkeypatch.setenv("WANDB_MODE", environment)
    assert resolved_mode(mode) == expected


def test_an_empty_mode_counts_as_not_set(tmp_path):
    """In a new process: W&B reads its environment once, and an empty WANDB_MODE is an error there."""
    code = (
        "import sys; from pathlib import Path; from featevo.tracking.wandb_run import finish, wandb_logger; "
        "wandb_logger(Path(sys.argv[1]), 'project', None, sys.argv[2], 'name', None, None, []); finish(0)"
    )
    for mode in ("auto", "offline"):
        arguments = [sys.executable, "-c", code, str(tmp_path / mode), mode]
        done = subprocess.run(arguments, env={**os.environ, "WANDB_MODE": ""}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert read_run(tmp_path / mode)["exit_code"] == 0


def test_a_killed_run_is_marked_also_with_an_empty_mode(tmp_path):
    known = {"id": "abc12345", "project": "project", "url": None}
    code = (
        "import json, sys; from pathlib import Path; from featevo.tracking.wandb_run import mark_failed; "
        "mark_failed(Path(sys.argv[1]), json.loads(sys.argv[2]))"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path), json.dumps(known)]
    done = subprocess.run(arguments, env={**os.environ, "WANDB_MODE": ""}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert read_run(tmp_path)["exit_code"] == 1


def test_an_unknown_mode_is_named():
    with pytest.raises(UserError, match=r"logger.tracker.mode=maybe: there are auto, online, offline"):
        resolved_mode("maybe")


def test_online_without_a_key_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match=r"W&B cannot open a run .* use logger.tracker.mode=offline or logger=none"):
        opened(tmp_path, "online")


@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_is_on_file(tmp_path, code):
    opened(tmp_path)
    finish(code)
    assert read_run(tmp_path)["exit_code"] == code
    assert wandb.run is None
    finish(0)  # nothing is open: nothing happens


def test_a_disabled_run_is_called_so_and_has_no_identity(tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert identity(opened(tmp_path, "auto")) is None
    assert [record.getMessage() for record in caplog.records] == ["W&B: disabled"]


def test_an_offline_run_logs_how_to_upload_it(tmp_path, caplog):
    caplog.set_level("INFO")
    known = identity(opened(tmp_path))
    finish(0)  # only then is all of it on disk
    found = {"kind": "wandb", "id": read_run(tmp_path)["id"], "project": "project", "entity": None, "url": None}
    assert known == found
    assert f"to upload: wandb sync {tmp_path}/wandb/offline-run-" in caplog.text
    assert identity(object()) is None


def test_a_run_left_open_does_not_affect_the_next(tmp_path):
    opened(tmp_path / "one")
    opened(tmp_path / "two")
    finish(0)
    assert read_run(tmp_path / "one")["id"] != read_run(tmp_path / "two")["id"]


def test_the_environment_is_unchanged(tmp_path):
    before = dict(os.environ)
    opened(tmp_path)
    finish(0)
    changed = {key for key in os.environ if before.get(key) != os.environ[key]} - {"PYTEST_CURRENT_TEST"}
    assert "WANDB_MODE" not in changed


def test_a_server_that_hangs_is_abandoned(tmp_path, monkeypatch):
    if "finish_timeout" not in wandb.Settings.model_fields:
        pytest.skip("this W&B waits as long as it takes")
    waits = []

    def finished(run, **kwargs):
        waits.append(run.settings.finish_timeout)
        return finish_run(run, **kwargs)

    finish_run = wandb.Run.finish
    monkeypatch.setattr(wandb.Run, "finish", finished)
    known = identity(opened(tmp_path))
    finish(0)
    assert known
    mark_failed(tmp_path, known)
    assert waits == [PATIENCE, PATIENCE]


@pytest.mark.parametrize("where", ["run", "multirun"])
def test_a_file_in_the_place_of_the_folder_turns_wandb_off_with_one_line(tmp_path, caplog, where):
    caplog.set_level("INFO")
    (tmp_path / "wandb").write_text("mine")
    folder, study = (tmp_path, None) if where == "run" else (tmp_path / "0", tmp_path)
    logger = wandb_logger(folder, "project", None, "offline", "name", None, "train", [], study)
    assert identity(logger) is None
    line = f"W&B: not used, because {tmp_path}/wandb cannot be made a folder (File exists); the record has everything"
    assert [record.getMessage() for record in caplog.records] == [line]
    assert (tmp_path / "wandb").read_text() == "mine"


def test_a_folder_that_cannot_be_written_turns_wandb_off(tmp_path):
    """By another user than root, who may write everywhere."""
    (tmp_path / "wandb").mkdir(mode=0o555)
    tmp_path.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path; from featevo.tracking.wandb_run import _problem; "
        "os.geteuid() or os.setresuid(65534, 65534, 65534); print(_problem(Path('.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "nothing can be written in wandb\n", done.stderr


def test_an_empty_mode_counts_as_not_set_for_every_user_of_wandb(tmp_path):
    """Also for a logger that featevo does not open."""
    arguments = [sys.executable, "-c", "import featevo.tracking, wandb; wandb.setup()"]
    done = subprocess.run(arguments, cwd=tmp_path, env={**os.environ, "WANDB_MODE": ""}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
