"""Exit codes: 0 done, 1 the run failed, 2 the user's mistake, in one line."""

import pytest

from featevo.command import run_hydra_command
from featevo.errors import UserError


def raising(error):
    def main():
        if error is not None:
            raise error

    return main


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (UserError("data.root=x: there is no such folder"), 2),
        (RuntimeError("a bug"), 1),
        (KeyboardInterrupt(), 1),
        (SystemExit(0), 0),
        (SystemExit(3), 3),
        (SystemExit("text"), 1),
    ],
)
def test_exit_codes(error, code, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    assert run_hydra_command(raising(error)) == code


def test_a_mistake_is_one_line_without_a_traceback(capsys, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    run_hydra_command(raising(UserError("data.root=x: there is no such folder")))
    assert capsys.readouterr().err == "Error: data.root=x: there is no such folder\n"


def test_a_bug_shows_its_traceback(capsys, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    run_hydra_command(raising(RuntimeError("a bug")))
    assert "Traceback" in capsys.readouterr().err


def test_full_errors_on_demand(capsys, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    assert run_hydra_command(raising(UserError("no"))) == 2
    assert "Traceback" in capsys.readouterr().err
