"""A run folder belongs to one run, and `run.json` says what became of it, however it ended."""

import json

import pytest
from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.errors import UserError
from featevo.record.runfile import claim, recorded_run


def ended(folder, error):
    def stopped():
        with recorded_run(folder, "name", []) as run:
            run["metrics"] = {"val_acc": float("nan")}
            raise error

    with pytest.raises(type(error)):
        stopped()
    return json.loads((folder / "run.json").read_text())


def lightnings_exit():
    try:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise SystemExit(1)  # noqa: B904
    except SystemExit as error:
        return error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), "interrupted", "interrupted by Ctrl+C"),
        (lightnings_exit(), "interrupted", "interrupted by Ctrl+C"),
        (SIGTERMException(), "interrupted", "interrupted by SIGTERM"),
        (SystemExit(3), "failed", "SystemExit: 3"),
        (RuntimeError("two\nlines"), "failed", "RuntimeError: two lines"),
        (UserError("seed=-1"), "failed", "seed=-1"),
    ],
)
def test_how_it_ended_is_on_record(tmp_path, error, status, said):
    record = ended(tmp_path, error)
    assert (record["status"], record["error"]) == (status, said)
    assert record["metrics"] == {"val_acc": None}


def test_a_run_is_running_until_it_is_finished(tmp_path):
    with recorded_run(tmp_path, "name", ["seed=1"]):
        running = json.loads((tmp_path / "run.json").read_text())
        assert (running["status"], running["overrides"]) == ("running", ["seed=1"])
    assert json.loads((tmp_path / "run.json").read_text())["status"] == "finished"


def test_a_folder_is_claimed_once(tmp_path):
    claim(tmp_path / "a" / "b")
    with pytest.raises(UserError, match=r"b already holds a run; choose another hydra.run.dir"):
        claim(tmp_path / "a" / "b")


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"x: a run cannot be written there \(Not a directory\)"):
        claim(tmp_path / "file" / "x")
