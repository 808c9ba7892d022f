"""Untrusted files: each error is one line, and reading them neither waits nor fills the memory."""

import json
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from featevo.errors import UserError
from featevo.record.jobs import FAILED, read_jobs
from featevo.record.reading import read_controls, read_curve, read_run
from featevo.record.safe import MOST_JSON, all_inside, inside, parse_json, read_bytes, read_json, read_text
from featevo.record.sweep import read_sweep

SECONDS = 20
ROOM = 1 << 30
"""Additional bytes that a case may use."""


@pytest.fixture(autouse=True)
def limits():
    """A case that hangs or fills the memory fails."""

    def end(number, frame):
        raise AssertionError(f"not done in {SECONDS} s")

    before, (soft, hard) = signal.signal(signal.SIGALRM, end), resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, hard))
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "run"
    (folder / "evolution").mkdir(parents=True)
    (tmp_path / "secret").write_text("{}")
    return folder


def sparse(path):
    with path.open("wb") as file:
        file.truncate(2 << 30)


def listening(path):
    place = socket.socket(socket.AF_UNIX)
    before = os.getcwd()
    os.chdir(path.parent)  # the path of a socket must be short
    place.bind(path.name)
    os.chdir(before)
    place.close()


FAULTS: dict[str, list[Callable[[Path], Any]]] = {
    "is not a regular file": [os.mkfifo, os.mkdir],
    "cannot be read (No such device or address)": [listening],
    "is larger than": [sparse],
    "is not inside": [
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to("../../secret" if path.parent.name == "evolution" else "../secret"),
        lambda path: path.symlink_to("/nowhere/at all"),
    ],
    "cannot be read (Too many levels of symbolic links)": [lambda path: path.symlink_to(path.name)],
    "is not UTF-8": [lambda path: path.write_bytes(b'{"name": "\xff"}')],
    "has NUL characters": [lambda path: path.write_bytes(bytes(100))],
}
OF_JSON = {
    "is nested more than 64 levels deep": ["[" * 100_000, "[" * 100_000 + "]" * 100_000, "[" * 65 + "]" * 65],
    "has a number of 100000 digits": ["9" * 100_000, "[-" + "9" * 99_999 + "]"],
    "has a number that is too large": ["1e400", "1.1e300", '{"a": [-1e999]}', "1" + "0" * 400 + ".5"],
}
WRITTEN = {f"{words} {k}": (words, make) for words, made in FAULTS.items() for k, make in enumerate(made)}
TEXTS = {f"{words} {k}": (words, text) for words, texts in OF_JSON.items() for k, text in enumerate(texts)}


def error_of(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize(("words", "make"), WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(
    ("read", "file"), [(read_run, "run.json"), (read_curve, "metrics.csv"), (read_controls, "evolution/controls.json")]
)
def test_a_file_that_cannot_be_read(folder, words, make, read, file):
    make(folder / file)
    assert error_of(read, folder).startswith(f"{folder / file} {words}")


@pytest.mark.parametrize(("words", "text"), TEXTS.values(), ids=TEXTS)
def test_extreme_json(folder, words, text):
    (folder / "run.json").write_text(text)
    assert error_of(read_run, folder).startswith(f"{folder / 'run.json'} {words}")
    assert error_of(parse_json, text, "line 1").startswith(f"line 1 {words}")


@pytest.mark.parametrize("words", ["is not a regular file", "is not inside", "is larger than", "is not UTF-8"])
def test_a_sweep_and_the_file_of_a_job(folder, words):
    FAULTS[words][0](folder / "sweep.json")
    assert words in error_of(read_sweep, folder)
    (folder / ".jobs").mkdir()
    FAULTS[words][0](folder / ".jobs" / "0")
    (job,) = read_jobs(folder, [("seed=0",)])
    assert (job.status, job.folder) == (FAILED, None)
    assert words in str(job.error)


@pytest.mark.parametrize("file", ["../secret", "evolution/../../secret", "", ".", "..", "evolution/..", "a\0b"])
def test_a_path_that_leads_outside(folder, file):
    error_of(inside, folder, file)
    error_of(read_bytes, folder, file, 10)


def test_an_absolute_path_and_a_folder_that_is_a_link_lead_outside(folder, tmp_path):
    error_of(read_bytes, folder, tmp_path / "secret", 10)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").write_bytes(b"no")
    (folder / "evolution" / "epoch=001").symlink_to(tmp_path / "elsewhere")
    assert "is not inside" in error_of(read_bytes, folder, "evolution/epoch=001/a.png", 10)
    error_of(read_bytes, folder, "evolution/a\nb\x1b[31m/../../../c", 10)


def test_links_within_the_folder_and_to_it_are_followed(folder, tmp_path):
    (folder / "evolution" / "a.png").write_bytes(b"picture")
    (folder / "b.png").symlink_to("evolution/a.png")
    (tmp_path / "link").symlink_to(folder)
    assert read_bytes(tmp_path / "link", "b.png", 7) == b"picture"
    assert read_bytes(folder, folder / "evolution" / "a.png", 7) == b"picture"
    assert inside(folder, "b.png") == folder / "evolution" / "a.png"
    assert "is larger than 6 bytes" in error_of(read_bytes, folder, "b.png", 6)


def test_many_files_are_refused_as_one_is(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (folder / "evolution" / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "evolution" / "a.png").symlink_to("/etc/hostname")
    (folder / "evolution" / "b.png").symlink_to("c.png")
    whole = ["evolution/b.png", "evolution/c.png", "d.png", "evolution/missing/e.png", "evolution/x/../f.png"]
    all_inside(folder, whole)
    bad = ("../secret", "/etc/hostname", "evolution/a.png", "evolution/link/a.png", "evolution/..", "..", "a\0b")
    for file in (*bad, "evolution/x\0", "evolution/missing/../../../y", str(folder), "/"):
        assert error_of(all_inside, folder, [*whole, file]) == error_of(inside, folder, file)


def test_a_link_created_after_the_check_is_not_followed(folder, tmp_path, monkeypatch):
    (folder / "evolution" / "secret").write_text("own")
    (folder / "link").symlink_to("evolution")  # without one, nothing has to be resolved
    assert read_text(folder, "link/secret", 10) == "own"

    def swapped(folder, relative):
        path = inside(folder, relative)
        (folder / "evolution").rename(folder / "aside")
        (folder / "evolution").symlink_to(tmp_path)
        return path

    monkeypatch.setattr("featevo.record.safe.inside", swapped)
    refused_or_absent = (UserError, NotADirectoryError)
    with pytest.raises(refused_or_absent):
        read_text(folder, "link/secret", 10)
    assert (folder / "aside").is_dir()


def test_a_file_that_changes_all_the_time(folder):
    """The result is always its content or an error of one line; no file outside the folder is read."""
    path, other, over = folder / "run.json", folder / "other", threading.Event()

    def change():
        while not over.is_set():
            for make in (os.mkfifo, lambda new: new.symlink_to("/dev/zero"), lambda new: new.write_text('{"a": 1}')):
                make(other)
                other.replace(path)

    thread = threading.Thread(target=change)
    thread.start()
    seen, reads, until = set(), 0, time.monotonic() + 60
    try:
        # Under load the other thread may pause for a while.
        while reads < 2000 or ('{"a": 1}' not in seen and time.monotonic() < until):
            reads += 1
            try:
                seen.add(json.dumps(read_run(folder)))
            except UserError as error:
                seen.add(str(error))
    finally:
        over.set()
        thread.join()
    assert '{"a": 1}' in seen
    assert all(str(path) in line or line in ('{"a": 1}', "{}") for line in seen)


def test_open_files_are_closed_again(folder):
    os.mkfifo(folder / "fifo")
    (folder / "a").touch()
    before = len(os.listdir("/proc/self/fd"))
    for file in ("a", "fifo", "evolution/b"):
        for _ in range(10):
            with pytest.raises((UserError, OSError, json.JSONDecodeError)):
                read_json(folder, file)
    assert len(os.listdir("/proc/self/fd")) == before


def test_missing_or_truncated_files_are_empty(folder):
    assert (read_run(folder), read_curve(folder), read_controls(folder)) == ({}, [], {})
    (folder / "run.json").write_text('{"name": "sce')
    (folder / "metrics.csv").write_text("epoch,val_acc\n1,0.5\n2,")
    assert (read_run(folder), read_curve(folder)) == ({}, [(1, 0.5)])
    with pytest.raises(FileNotFoundError):
        read_json(folder / "nowhere", "a")
    with pytest.raises(NotADirectoryError):
        read_json(folder, "run.json/a")


def test_extreme_rows_of_a_curve(folder):
    (folder / "metrics.csv").write_text(f"epoch,val_acc\n{'9' * 400},0.5\n1,1e400\n2,0.5\n{'9' * 9999},1\n")
    assert read_curve(folder) == [(2, 0.5)]
    (folder / "metrics.csv").write_text('epoch,val_acc\n"' + "9" * 200_000)
    assert "cannot be read (field larger than" in error_of(read_curve, folder)


def test_nan_is_none_and_long_numbers_of_a_seed_are_kept(folder):
    content = f'{{"a": [NaN, Infinity, -Infinity, 1e300, 1e-999], "seed": {2**128}}}'
    assert parse_json(content, "") == {"a": [None, None, None, 1e300, 0.0], "seed": 2**128}
    (folder / "a.json").write_text("[" * 64 + "]" * 64)
    assert read_json(folder, "a.json", MOST_JSON)
