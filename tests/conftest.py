"""Shared by several tests: a builder of small run folders with images of one colour."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

pytest.register_assert_rewrite("tests.same_record")

CLASSES = ("tree frog", "flamingo", "pool table", "hamburger")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and the commands that they start, write nothing into the user's cache folder."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FEATEVO_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Each test draws the same numbers whatever ran before it in the same process."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _no_open_wandb_run() -> Iterator[None]:
    """A W&B run that a test leaves open fails it: the next logger in the same process would take it."""
    yield
    wandb = sys.modules.get("wandb")
    if wandb is not None and getattr(wandb, "run", None) is not None:
        wandb.finish()
        pytest.fail("the test left a W&B run open")


@pytest.fixture
def colour() -> Callable[[int], tuple[int, int, int]]:
    """The colour of a class's images in every run of `make_run`; all differ clearly, also from white and grey."""
    return _colour


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Build a run folder: `make_run(name, classes, accuracies, size, change)`; `change` edits the index's entries.

    Snapshots are at epochs 1, 2, ..., one per accuracy; None stands for a moment before training. `real` is a number of
    real images of each class, which have their `real_colour`.
    """

    def make(
        name: str = "scenes",
        classes: Sequence[str] = CLASSES,
        accuracies: Sequence[float | None] = (0.25, 0.64, 0.975),
        size: int = 16,
        change: Callable[[list[dict[str, Any]]], object] = lambda entries: None,
        real: int = 0,
    ) -> Path:
        folder = tmp_path / name
        first = 0 if accuracies and accuracies[0] is None else 1
        entries = [_entry(folder, epoch, acc, classes, size) for epoch, acc in enumerate(accuracies, first)]
        change(entries)
        (folder / "evolution").mkdir(parents=True, exist_ok=True)
        index = "".join(json.dumps(entry) + "\n" for entry in entries)
        (folder / "evolution" / "index.jsonl").write_text(index, encoding="utf-8")
        for unit, number in product(range(len(classes)), range(real)):
            file = folder / f"evolution/real/{unit:03d}-name-{number}.png"
            file.parent.mkdir(exist_ok=True)
            Image.new("RGB", (size, size), real_colour(unit, number)).save(file)
        run = {"status": "finished", "name": name, "seconds": 93.1, "metrics": {"best_epoch": 3, "best_val_acc": 0.975}}
        (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
        return folder

    return make


def as_channels(entries: list[dict[str, Any]]) -> None:
    """Change the entries of an index so that the images are of channels, and no class was drawn."""
    for render in (render for entry in entries for render in entry["renders"]):
        name = {"name": f"conv1 {render['unit']}", "group": "conv1"}
        render |= {"view": "channels", **name, "logit": None, "probability": None}


def real_colour(unit: int, number: int = 0) -> tuple[int, int, int]:
    """The colour of a class's real images, unlike that of any render."""
    return 250, 10 + 5 * number, 3 * unit


def _entry(folder: Path, epoch: int, accuracy: float | None, classes: Sequence[str], size: int) -> dict[str, Any]:
    place = f"evolution/epoch={epoch:03d}"
    (folder / place).mkdir(parents=True)
    renders = []
    for unit, name in enumerate(classes):
        file = f"{place}/{unit:03d}.png"
        Image.new("RGB", (size, size), _colour(unit)).save(folder / file)
        shown = {"logit": 2.0 * unit + epoch, "probability": 0.5, "trace": [0.0, 1.0], "measures": {}}
        renders.append({"view": "classes", "unit": unit, "name": name, "file": file, **shown})
    return {
        "schema": 1,
        "epoch": epoch,
        "step": 50 * epoch,
        "trigger": "before_training" if accuracy is None else "improvement",
        "val_acc": accuracy,
        "val_loss": 1.5,
        "train_loss": 1.25,
        "seconds": 2.3,
        "folder": f"epoch={epoch:03d}",
        "error": None,
        "provenance": {"seed": 7},
        "measures": {},
        "renders": renders,
    }


def _colour(unit: int) -> tuple[int, int, int]:
    return (60 + 90 * unit) % 200, (20 + 130 * unit) % 210, (150 + 50 * unit) % 190


SLOW = (
    *("test_train.py", "test_sharding.py", "test_contributing.py", "test_packages.py", "test_foreign.py"),  # whole runs
    *("test_statistics.py", "test_findings.py", "test_precision.py", "test_command.py"),  # simulations, the gate
    *("test_schemas.py", "test_composed.py", "test_digits.py"),  # every configuration
    *("test_evolution.py", "test_comparison.py"),  # figures of many classes
)
"""Files that take more than four seconds, and start no process themselves."""


@cache
def _is_heavy(path: Path) -> bool:
    """Whether `make quick` leaves out a test file: it starts processes or a browser, or is slow."""
    text = path.read_text(encoding="utf-8")
    return path.name in SLOW or any(
        sign in text for sign in ("import subprocess", "processes import", "visit", "(browser")
    )


PARALLEL = (
    *("test_sweeps.py", "test_killed_sweeps.py", "test_requeued_jobs.py"),
    *("test_ddp.py", "test_sharding.py"),
    *("test_many_runs.py", "app/test_resume.py", "test_full_disk.py", "test_torture.py"),
    *("commands/test_render.py", "test_benchmarks.py"),
)
"""Files of many runs, each in processes of its own or one after the other; `make test-parallel` runs them."""


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make quick` and `make test` leave out."""
    for item in items:
        if _is_heavy(item.path):
            item.add_marker(pytest.mark.heavy)
        if item.path.as_posix().endswith(tuple(f"/{name}" for name in PARALLEL)):
            item.add_marker(pytest.mark.parallel)
