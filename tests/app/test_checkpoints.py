"""Checkpoints: complete or absent, deterministic, and read without running code."""

import io
import logging
import os
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.app.checkpoints import WholeFiles, generators, restore_generators
from featevo.errors import UserError


class Harmful:
    def __reduce__(self):
        return (os.mkdir, ("harm",))


def test_a_checkpoint_that_fails_while_it_is_written_leaves_the_old_one(tmp_path, monkeypatch, caplog):
    """As on a full disk; Lightning's own writer leaves a part of the file on another file system."""
    path, whole = tmp_path / "last.ckpt", WholeFiles()
    whole.save_checkpoint({"epoch": 1}, path)
    before = path.read_bytes()

    def cut(content, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with caplog.at_level(logging.ERROR), monkeypatch.context() as patch:
        patch.setattr(torch, "save", cut)
        whole.save_checkpoint({"epoch": 2}, path)
        whole.save_checkpoint({"epoch": 3}, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["last.ckpt"]
    (line,) = caplog.messages  # once
    assert f"{path} cannot be written; training goes on without this checkpoint" in line
    whole.save_checkpoint({"epoch": 4}, path)
    assert whole.load_checkpoint(path) == {"epoch": 4}


class InterruptedFile(io.FileIO):
    """A signal's exception comes once, in the middle of the file."""

    interruption: type[BaseException]
    came = False

    def write(self, content):
        if self.tell() > 10_000 and not self.came:
            self.came = True
            raise self.interruption
        return super().write(content)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SIGTERMException])
def test_a_signal_while_a_checkpoint_is_written_is_no_full_disk(tmp_path, monkeypatch, interruption):
    """Otherwise the run goes on without `best.ckpt`, and one resumed from its `last.ckpt` never has it."""
    path, whole = tmp_path / "best.ckpt", WholeFiles()
    whole.save_checkpoint({"epoch": 1}, path)
    state = {str(number): torch.zeros(2_000) for number in range(9)}
    monkeypatch.setattr(InterruptedFile, "interruption", interruption, raising=False)
    with monkeypatch.context() as files:
        files.setattr(Path, "open", lambda path, mode: InterruptedFile(path, mode))
        with pytest.raises(interruption):
            whole.save_checkpoint(state, path)
    assert whole.load_checkpoint(path) == {"epoch": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["best.ckpt"]


def test_the_same_state_gives_the_same_bytes(tmp_path):
    state = {"weights": torch.arange(5.0), "epoch": 3}
    for name in ("one", "two"):
        WholeFiles().save_checkpoint(state, tmp_path / name / "last.ckpt")
    assert (tmp_path / "one/last.ckpt").read_bytes() == (tmp_path / "two/last.ckpt").read_bytes()


def test_nothing_in_a_checkpoint_is_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Harmful()}, tmp_path / "last.ckpt")
    with pytest.raises(UserError, match=r"last\.ckpt cannot be read as a checkpoint"):
        WholeFiles().load_checkpoint(tmp_path / "last.ckpt", weights_only=False)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None])
def test_a_damaged_checkpoint_is_one_line(tmp_path, content):
    path = tmp_path / "last.ckpt"
    WholeFiles().save_checkpoint({"weights": torch.arange(999.0)}, path)
    path.write_bytes(path.read_bytes()[:2000] if content is None else content)
    with pytest.raises(UserError) as caught:
        WholeFiles().load_checkpoint(path)
    assert str(caught.value).startswith(f"{path} cannot be read as a checkpoint (")


def draws():
    return torch.rand(3).tolist(), np.random.rand(3).tolist(), random.random()


def test_random_generators_go_on_from_a_saved_state(tmp_path):
    random.seed(1), np.random.seed(2), torch.manual_seed(3)
    WholeFiles().save_checkpoint({"generators": generators()}, tmp_path / "last.ckpt")
    first = draws()
    assert draws() != first
    restore_generators(WholeFiles().load_checkpoint(tmp_path / "last.ckpt")["generators"])
    assert draws() == first
