"""The index: a line is added without the others, a part of a line does not count, and changes by others are seen."""

import errno
import json
import os
import re

import pytest

from featevo.errors import UserError
from featevo.record.check import problems_of
from featevo.record.index import Index
from featevo.record.reading import read_evolution
from featevo.record.schema import INDEX, Image, Snapshot
from featevo.record.store import RunFolder


def snapshot(epoch, units=2, name="frog"):
    images = [Image(view="classes", unit=unit, file="", name=name) for unit in range(units)]
    return Snapshot(epoch=epoch, step=10 * epoch, folder=f"epoch={epoch:03d}", images=images)


@pytest.fixture
def index(tmp_path):
    """Of two snapshots."""
    made = Index(tmp_path / INDEX)
    for epoch in (1, 2):
        made.append(snapshot(epoch))
    return made


def epochs_of(index):
    """The same by a writer that knows the file, by one that does not, and by a reader."""
    known, new = ([head.snapshot.epoch for head in each.heads()] for each in (index, Index(index.path)))
    read = [each.epoch for each in read_evolution(index.path.parent.parent).snapshots]
    assert known == new == read == [entry["epoch"] for entry in index.entries()]
    return read


def test_a_line_is_added_without_reading_or_writing_the_others(index, monkeypatch):
    before, inode = index.path.read_bytes(), index.path.stat().st_ino

    def forbidden(*arguments):
        raise AssertionError

    with monkeypatch.context() as patched:
        for name in ("lines_of", "write_text"):
            patched.setattr(f"featevo.record.index.{name}", forbidden)
        for epoch in (3, 4):
            index.append(snapshot(epoch))
    assert index.path.read_bytes().startswith(before)
    assert index.path.stat().st_ino == inode
    assert epochs_of(index) == [1, 2, 3, 4]


def test_heads_lead_to_their_snapshots(index):
    index.append(snapshot(3, units=5, name="ñandú \u2028"))
    for each in (index, Index(index.path)):
        assert [head.units for head in each.heads()] == [{"classes": 2}, {"classes": 2}, {"classes": 5}]
        assert [each.read(head) for head in each.heads()] == [*map(snapshot, (1, 2)), snapshot(3, 5, "ñandú \u2028")]
        assert [head.snapshot.images for head in each.heads()] == [[], [], []]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("name", ["frog", "ñandú"])
def test_a_process_that_is_killed_in_a_line_leaves_a_record_without_it(index, name, is_known):
    """Wherever the line ends: it is not recorded unless it is whole, and the next one takes its place."""
    before = index.path.read_bytes()
    index.append(snapshot(3, name=name))
    line = index.path.read_bytes()[len(before) :]
    for cut in range(len(line) + 1):
        index.path.write_bytes(before + line[:cut])
        is_whole = cut >= len(line) - 1  # the line break alone may be missing
        assert epochs_of(index) == ([1, 2, 3] if is_whole else [1, 2])
        writer = index if is_known else Index(index.path)
        writer.append(snapshot(4))
        assert epochs_of(writer) == ([1, 2, 3, 4] if is_whole else [1, 2, 4])
        lines = index.path.read_bytes().split(b"\n")
        assert [json.loads(each)["epoch"] for each in lines[:-1]] == epochs_of(index)
        assert lines[-1] == b""


def test_the_first_line_may_be_a_part_and_the_file_empty(index):
    for content in (b"", b'{"epo'):
        index.path.write_bytes(content)
        assert epochs_of(index) == []
        index.append(snapshot(7))
        assert epochs_of(index) == [7]


def test_the_check_names_a_part_of_a_line_until_the_next_snapshot(tmp_path):
    record = RunFolder(tmp_path)
    record.append(Snapshot(epoch=1, step=10, error="no images"))
    with record.index.open("ab") as file:
        file.write(b'{"epoch": 2, "st')
    (problem,) = problems_of(tmp_path)
    assert "index.jsonl, line 2: not JSON" in problem
    assert record.append(Snapshot(epoch=2, step=20, error="no images")).folder == "epoch=002"
    assert problems_of(tmp_path) == []


def test_a_line_that_is_broken_before_the_last_is_an_error_of_one_line(index):
    index.path.write_bytes(b'{"epoch"\n' + index.path.read_bytes())
    for act in (index.heads, index.entries, lambda: index.append(snapshot(3))):
        with pytest.raises(UserError, match=r"index.jsonl, line 1: not JSON .*; each line must be one snapshot$"):
            act()
    index.path.write_bytes(b'{"name": "\xff"}\n' + index.path.read_bytes())
    with pytest.raises(UserError, match=r"index.jsonl, line 1: not UTF-8; each line must be one snapshot$"):
        index.heads()


@pytest.mark.parametrize("written", [0, 1, 40], ids=lambda written: f"{written} bytes")
@pytest.mark.parametrize("interruption", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_line_that_cannot_be_written_leaves_the_index_as_it_was(index, monkeypatch, written, interruption):
    before, real = index.path.read_bytes(), os.fsync

    def full(descriptor):
        os.ftruncate(descriptor, len(before) + written)  # what a full disk has of the line
        raise interruption

    monkeypatch.setattr("featevo.record.files.os.fsync", full)
    words = f"No space left on device: '{re.escape(str(index.path))}'" if isinstance(interruption, OSError) else "^$"
    with pytest.raises(type(interruption), match=words):
        index.append(snapshot(3))
    assert index.path.read_bytes() == before
    monkeypatch.setattr("featevo.record.files.os.fsync", real)
    index.append(snapshot(3))
    assert epochs_of(index) == [1, 2, 3]


def test_a_disk_that_takes_a_part_of_a_line_gives_an_error(index, monkeypatch):
    """A real limit on a file's size, at which the system writes as much as fits."""
    resource, signal = pytest.importorskip("resource"), pytest.importorskip("signal")
    before, limits = index.path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, limits[1]))
        with pytest.raises(OSError, match="File too large"):
            index.append(snapshot(3))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert index.path.read_bytes() == before


def test_changes_by_others_are_seen(index):
    other = Index(index.path)
    other.append(snapshot(3))
    assert epochs_of(index) == [1, 2, 3]
    index.append(snapshot(4))
    other.write(other.entries()[1:])
    assert epochs_of(index) == [2, 3, 4]
    index.append(snapshot(5))
    index.path.unlink()
    assert index.heads() == index.entries() == []
    index.append(snapshot(6))
    assert epochs_of(index) == [6]


def test_what_is_behind_a_link_is_not_written(index, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    index.path.rename(elsewhere)
    index.path.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    index.append(snapshot(3))
    assert elsewhere.read_bytes() == before
    assert not index.path.is_symlink()
    assert epochs_of(index) == [1, 2, 3]
