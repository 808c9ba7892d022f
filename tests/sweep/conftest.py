"""A multirun with jobs that ended in every way."""

import json

import pytest

from featevo.record.sweep import Sweep


@pytest.fixture
def sweep(tmp_path, make_run):
    """Two finished jobs of different length, one that failed without images, one that did not run."""
    folder = tmp_path / "study"
    for number, accuracies in enumerate([(0.25, 0.5), tuple(0.1 * n for n in range(1, 10))]):
        run = make_run(f"study/{number}-seed-{number}", accuracies=accuracies)
        metrics = {"best_val_acc": accuracies[-1], "best_epoch": len(accuracies)}
        (run / "run.json").write_text(json.dumps({"status": "finished", "metrics": metrics}))
    (folder / "2-seed-2").mkdir()
    (folder / "2-seed-2" / "run.json").write_text(json.dumps({"status": "failed", "error": "RuntimeError: [no]"}))
    return Sweep(folder, ["--multirun", "seed=0,1,2,3"], [(f"seed={n}",) for n in range(4)])
