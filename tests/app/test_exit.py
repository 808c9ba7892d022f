"""Exit codes: 0 done, 1 the run failed, 2 the user's mistake, in one line."""

import pytest
from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.app.exit import run_ends_clearly, run_hydra_command
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
        (BrokenPipeError("a worker's, not the terminal's"), 1),
        (SystemExit(0), 0),
        (SystemExit(3), 3),
        (SystemExit("text"), 1),
        (SIGTERMException(), 143),
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


def ended(error, folder, monkeypatch, study=None):
    monkeypatch.setattr("featevo.app.exit.multirun_folder", lambda: study)
    with pytest.raises(BaseException) as caught, run_ends_clearly(folder):  # noqa: PT011
        raise error
    return caught.value


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 1), (SIGTERMException(), 143)])
def test_an_interruption_is_one_line_and_no_success(error, code, tmp_path, monkeypatch, capsys):
    raised = ended(error, tmp_path, monkeypatch)
    assert run_hydra_command(raising(raised)) == code
    assert capsys.readouterr().err == f"Interrupted; the record is in {tmp_path}\n"


def test_a_mistake_ends_a_run_but_not_a_multirun(tmp_path, monkeypatch, capsys):
    assert ended(UserError("no"), tmp_path, monkeypatch).code == 2
    assert capsys.readouterr().err == "Error: no\n"
    assert isinstance(ended(UserError("no"), tmp_path, monkeypatch, study=tmp_path), UserError)
    assert capsys.readouterr().err == ""


def test_full_errors_on_demand(capsys, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    assert run_hydra_command(raising(UserError("no"))) == 2
    assert "Traceback" in capsys.readouterr().err
