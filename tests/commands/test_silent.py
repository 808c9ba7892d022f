"""`python -m featevo.silent`: one line, and exit code 0, 1 or 2."""

import sys

import pytest

from featevo.commands.silent import main

PROJECT = """
import itertools

from lightning import Callback

from tests.evolve.parts import Module
from tests.silent.parts import AppearanceModel, trainings

make_trainer = trainings(None)
numbers = itertools.count()


def without_end(callbacks):
    trainer, module, *data = make_trainer(callbacks)
    module.training_step = lambda batch, batch_idx: 1 / 0
    return trainer, module, *data


def changing(callbacks):
    return trainings(None, max_steps=1 + next(numbers))(callbacks)
"""


@pytest.fixture
def certify(tmp_path, monkeypatch, capsys):
    """Run the command for names in a user's file; returns its exit code, its output and its errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "project_to_certify.py").write_text(PROJECT)

    def run(*names):
        code = main([name if name.startswith("-") else f"project_to_certify.py:{name}" for name in names])
        return code, *capsys.readouterr()

    yield run
    sys.modules.pop("project_to_certify", None)


def test_silent_is_exit_code_0(certify):
    line = "silent: 4 steps, 33 tensors, 3 random streams: equal bit for bit\n"
    assert certify("make_trainer", "Callback", "--seed=4") == (0, line, "")


def test_not_silent_is_exit_code_1(certify):
    place = "on_train_epoch_end after step 2 (epoch 1)"
    names = "gradient of net.0.weight and 5 more, torch's random stream"
    line = f"not silent: {place} changed {names}; losses and final weights differ\n"
    assert certify("make_trainer", "AppearanceModel") == (1, line, "")


def test_no_verdict_is_exit_code_2(certify):
    code, output, errors = certify("changing", "Callback")
    assert (code, errors) == (2, "")
    assert output.startswith("not repeatable: two trainings without the callback differ at ")
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("make_trainer",), "Error: name both MAKE_TRAINER and CALLBACK, or neither"),
        (("make_trainer", "Module"), "Error: callback: Module made a Module, no callback of Lightning"),
        (("Module", "Callback"), "Error: make_trainer: Module must be a function of a list of callbacks (too many"),
        (
            ("without_end", "Callback"),
            "Error: a training ended by ZeroDivisionError: division by zero (project_to_certify.py, line 15)",
        ),
        (
            ("make_trainer", "Calback"),
            "Error: project_to_certify.py:Calback: there is no Calback in ",
        ),
        (("make_trainer", "Callback", "--seed=-1"), "Error: seed=-1: must be from 0 to 4294967295"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(certify, names, line):
    code, output, errors = certify(*names)
    assert (code, output) == (2, "")
    assert errors.startswith(line)
    assert errors.count("\n") == 1
