"""`--config-dir sweeps` outside a checkout takes the sweeps of featevo; the record keeps the words as given."""

import sys

import pytest

from featevo.app.paths import SWEEPS
from featevo.errors import MISTAKE
from featevo.record.sweep import read_sweep
from featevo.sweep import command
from featevo.sweep.shipped import with_shipped_sweeps

GIVEN = ["--config-dir", "sweeps", "--config-name", "seeds", "seed=0,1"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("option", ["--config-dir", "-cd"])
def test_it_is_taken_if_there_is_no_such_folder(option, capsys):
    apart = with_shipped_sweeps([option, "sweeps", "--config-name", "seeds"])
    assert apart == [option, str(SWEEPS), "--config-name", "seeds"]
    assert with_shipped_sweeps([f"{option}=sweeps"]) == [f"{option}={SWEEPS}"]
    assert capsys.readouterr().err == f"There is no folder sweeps here; taken: {SWEEPS}\n" * 2


@pytest.mark.parametrize(
    "words",
    [
        ["--config-dir", "mine"],
        ["name=sweeps"],
        ["--config-name", "sweeps"],
        ["sweeps"],
        ["--config-dir", "sweeps/wandb"],
    ],
)
def test_other_words_stay(words, capsys):
    assert with_shipped_sweeps(words) == words
    assert capsys.readouterr().err == ""


def test_the_own_folder_comes_first(tmp_path, capsys):
    (tmp_path / "sweeps").mkdir()
    assert with_shipped_sweeps(GIVEN) == GIVEN
    assert capsys.readouterr().err == ""


def run(monkeypatch, tmp_path, *words):
    """`run_command` with a function that opens the record of two jobs and runs none; returns the code and its words."""
    seen = []

    def main():
        seen.extend(sys.argv[1:])
        command._state.sweep = command._opened(tmp_path / "study", [("seed=0",), ("seed=1",)])

    (tmp_path / "study").mkdir(exist_ok=True)
    monkeypatch.setattr(command, "_state", command._State())
    monkeypatch.setattr(sys, "argv", ["featevo.train", *words])
    code = command.run_command(main)
    if command._state.lock is not None:
        command._state.lock.close()
    return code, seen


def test_a_sweep_is_recorded_as_given_and_resumed_by_the_same_words(monkeypatch, tmp_path, capsys):
    _, seen = run(monkeypatch, tmp_path, *GIVEN)
    assert seen == ["--config-dir", str(SWEEPS), *GIVEN[2:]]
    assert read_sweep(tmp_path / "study").command == GIVEN
    assert f"sweep.resume={tmp_path / 'study'} --config-dir sweeps --config-name seeds" in capsys.readouterr().out

    code, seen = run(monkeypatch, tmp_path, f"sweep.resume={tmp_path / 'study'}")
    assert (code, seen) == (MISTAKE, [])
    assert "repeat them" in capsys.readouterr().err

    _, seen = run(monkeypatch, tmp_path, f"sweep.resume={tmp_path / 'study'}", *GIVEN[:4])
    assert seen == ["--config-dir", str(SWEEPS), *GIVEN[2:], f"hydra.sweep.dir='{tmp_path / 'study'}'"]
    assert read_sweep(tmp_path / "study").command == GIVEN
