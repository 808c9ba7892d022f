"""A run folder belongs to one run, and `run.json` contains how the run ended, in every case."""

import errno
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.errors import UserError
from featevo.record.runfile import claim, holds_run, recorded_run


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
