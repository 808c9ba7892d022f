"""A run folder belongs to one run, and `run.json` contains how the run ended, in every case."""

import errno
import json
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.errors import UserError
from featevo.record.runfile import claim, holds_run, record_failure, recorded_run


def ended(folder, error, began=False):
    def stopped():
        with recorded_run(folder, "name", []) as run:
            run["began"] = began
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
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), "interrupted", "interrupted by Ctrl+C"),
        (lightnings_exit(), "interrupted", "interrupted by Ctrl+C"),
        (SIGTERMException(), "interrupted", "interrupted by SIGTERM"),
        (SystemExit(3), "failed", "SystemExit: 3"),
        (RuntimeError("two\nlines"), "failed", "RuntimeError: two lines"),
        (UserError("seed=-1"), "failed", "seed=-1"),
    ],
)
def test_the_end_of_a_run_is_recorded(tmp_path, error, status, message):
    record = ended(tmp_path, error)
    assert (record["status"], record["error"]) == (status, message)
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


def test_a_claim_has_its_content_from_the_first_moment(tmp_path):
    """A reader that never rests sees no run file, or a whole one."""
    seen, over = [], threading.Event()

    def read():
        number = 0
        while not over.is_set():
            try:
                seen.append((tmp_path / str(number) / "run.json").read_text())
            except FileNotFoundError:
                continue
            number += 1

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        for number in range(500):
            claim(tmp_path / str(number))
        over.set()
        reader.result()
    assert seen
    assert all(json.loads(text)["status"] == "running" for text in seen)
    assert [path.name for path in (tmp_path / "0").iterdir()] == ["run.json"]


def test_a_folder_is_claimed_once_on_a_file_system_without_links(tmp_path, monkeypatch):
    def fail(*arguments):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", fail)
    claim(tmp_path)
    assert json.loads((tmp_path / "run.json").read_text())["process"] == os.getpid()
    with pytest.raises(UserError, match="already holds a run"):
        claim(tmp_path)


def mistake_in(folder, **values):
    """The folder of a run that ended before training because of a mistake; `values` change its `run.json`."""
    folder.mkdir(exist_ok=True)
    ended(folder, UserError("seed=-1"))
    path = folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    return folder


def test_a_folder_is_claimed_again_after_a_mistake_before_training(tmp_path):
    folder = mistake_in(tmp_path)
    assert not holds_run(folder)
    claim(folder)
    assert json.loads((folder / "run.json").read_text())["status"] == "running"
    assert holds_run(folder)
    with pytest.raises(UserError, match="already holds a run"):
        claim(folder)


@pytest.mark.parametrize(
    "values",
    [{"status": "running"}, {"status": "finished"}, {"status": "interrupted"}, {"mistake": False}, {"mistake": None}],
    ids=str,
)
def test_any_other_run_keeps_its_folder(tmp_path, values):
    folder = mistake_in(tmp_path, **values)
    before = (folder / "run.json").read_bytes()
    assert holds_run(folder)
    with pytest.raises(UserError, match="already holds a run"):
        claim(folder)
    assert (folder / "run.json").read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null"])
def test_an_invalid_run_file_keeps_its_folder(tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    assert holds_run(tmp_path)
    with pytest.raises(UserError, match="already holds a run"):
        claim(tmp_path)


@pytest.mark.parametrize("name", ["metrics.csv", "evolution/index.jsonl"])
def test_files_of_a_run_keep_its_folder(tmp_path, name):
    folder = mistake_in(tmp_path)
    (folder / "evolution").mkdir()
    (folder / name).touch()
    assert holds_run(folder)
    with pytest.raises(UserError, match="already holds a run"):
        claim(folder)


@pytest.mark.parametrize(("error", "began"), [(UserError("a picture is broken"), True), (RuntimeError("no"), False)])
def test_neither_training_nor_a_crash_is_a_mistake(tmp_path, error, began):
    ended(tmp_path, error, began)
    assert holds_run(tmp_path)


def test_of_many_simultaneous_claims_one_succeeds(tmp_path):
    def tries(folder, start):
        start.wait()
        try:
            claim(folder)
        except UserError:
            return 0
        return 1

    for number in range(20):
        folder, start = mistake_in(tmp_path / str(number)), threading.Barrier(8)
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(lambda _, place=folder, at=start: tries(place, at), range(8))) == 1


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"x: a run cannot be written there \(Not a directory\)"):
        claim(tmp_path / "file" / "x")


def no_room(monkeypatch):
    """From now on no new file can be written."""

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("featevo.record.files.os.fsync", full)


def test_on_a_full_disk_the_end_is_written_over_the_beginning(tmp_path, monkeypatch):
    def run():
        with recorded_run(tmp_path, "name", []):
            no_room(monkeypatch)
            raise RuntimeError("the first error")

    with pytest.raises(RuntimeError, match="the first error"):
        run()
    record = json.loads((tmp_path / "run.json").read_text())
    assert (record["status"], record["error"]) == ("failed", "RuntimeError: the first error")


def test_a_finished_run_is_recorded_on_a_full_disk(tmp_path, monkeypatch):
    with recorded_run(tmp_path, "name", []) as run:
        no_room(monkeypatch)
        run["metrics"] = {"val_acc": 1.0}
    record = json.loads((tmp_path / "run.json").read_text())
    assert (record["status"], record["metrics"]) == ("finished", {"val_acc": 1.0})


def test_an_end_that_needs_more_room_is_not_cut_off(tmp_path, monkeypatch):
    def run():
        with recorded_run(tmp_path, "name", []) as content:
            no_room(monkeypatch)
            content["metrics"] = {f"metric {number}": 0.5 for number in range(10_000)}

    with pytest.raises(OSError, match=r"No space left on device: .*run\.json"):
        run()
    assert json.loads((tmp_path / "run.json").read_text())["status"] == "running"


def test_the_first_error_is_shown_although_the_folder_is_gone(tmp_path, caplog):
    """A file in the place of the folder: `run.json` can be neither read nor written."""
    folder = tmp_path / "run"

    def run():
        with recorded_run(folder, "name", []):
            shutil.rmtree(folder)
            folder.touch()
            raise RuntimeError("the first error")

    with pytest.raises(RuntimeError, match="the first error"):
        run()
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{folder / 'run.json'} cannot be written, so it says that the run goes on (")


def test_the_end_is_recorded_although_the_folder_was_removed(tmp_path):
    with recorded_run(tmp_path / "run", "name", []):
        shutil.rmtree(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "finished"


def test_a_run_file_that_is_no_file_does_not_hide_the_error(tmp_path):
    def run():
        with recorded_run(tmp_path, "name", []):
            (tmp_path / "run.json").unlink()
            os.mkfifo(tmp_path / "run.json")
            raise RuntimeError("the first error")

    with pytest.raises(RuntimeError, match="the first error"):
        run()
    assert json.loads((tmp_path / "run.json").read_text())["error"] == "RuntimeError: the first error"


def test_a_run_that_cannot_be_recorded_does_not_begin(tmp_path, monkeypatch):
    no_room(monkeypatch)
    with (
        pytest.raises(UserError, match=r"a run cannot be written there \(No space left on device\)"),
        recorded_run(tmp_path, "name", []),
    ):
        raise AssertionError("it began")


def test_a_process_that_cannot_record_its_failure_ends_by_its_own_error(tmp_path, monkeypatch):
    with recorded_run(tmp_path, "name", []), monkeypatch.context() as patched:
        no_room(patched)
        record_failure(tmp_path, "rank 1: an error")
