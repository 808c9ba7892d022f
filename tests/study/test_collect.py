"""The runs that a study uses, and the reasons for leaving out the others."""

import json

import numpy as np
import pytest

from featevo.errors import UserError
from featevo.record.jobs import write_job_folder
from featevo.record.sweep import Sweep
from featevo.study.collect import collect
from tests.study.worlds import write_run, write_world

FLAT = {"val_acc": [0.5] * 6, "val_loss": [1.0] * 6, "train_loss": [1.0] * 6}


def put(folder, **given):
    return write_run(folder, curves=FLAT, measures={}, **given)


def reasons(*paths):
    runs, left_out = collect(paths)
    return len(runs), {left.folder.name: left.reason for left in left_out}


def test_a_folder_of_runs_a_run_and_a_sweep(tmp_path):
    root = write_world(tmp_path / "deep" / "world", np.random.default_rng(0), 0, seeds=2)
    assert reasons(tmp_path) == (8, {})
    assert reasons(root / "random-2-0", root / "random-2-1", root) == (8, {})

    sweep = tmp_path / "sweep"
    put(sweep / "0-seed-0")
    put(sweep / "elsewhere" / "1", seed=1)
    put(sweep / "2-seed-2", seed=2, status="failed")
    write_job_folder(sweep, 1, sweep / "elsewhere" / "1")
    Sweep(sweep, [], [("seed=0",), ("seed=1",), ("seed=2",), ("seed=3",)]).write()
    used, said = reasons(sweep)
    assert used == 2
    assert said["2-seed-2"] == "its status is failed"
    assert said["sweep"] == "seed=3: did not run, and has no images"


def test_runs_that_cannot_be_used_are_named_with_the_reason(tmp_path):
    for seed in range(3):
        put(tmp_path / f"good-{seed}", seed=seed)
    put(tmp_path / "twice", seed=1)
    put(tmp_path / "checkpoint", init="checkpoint")
    put(tmp_path / "longer", seed=4, trainer={"max_epochs": 99})
    put(tmp_path / "more", seed=2, classes=8)
    (put(tmp_path / "bare", seed=5) / ".hydra" / "config.yaml").write_text("seed: [")
    put(tmp_path / "larger-batches", seed=6, data={"num_classes": 2, "batch_size": 64})
    used, said = reasons(tmp_path)
    assert used == 4
    assert said == {
        "twice": f"same seed, init and number of classes as {tmp_path / 'good-1'}",
        "checkpoint": "init is checkpoint; the claims are about random and pretrained",
        "longer": "trainer.max_epochs is 99, in the other runs 14",
        "more": "only 1 of 4 seeds have init=random with 8 classes",
        "bare": ".hydra/config.yaml with its seed and init.name cannot be read",
    }


def test_only_the_settings_of_init_may_differ_between_inits(tmp_path):
    for seed in range(2):
        put(tmp_path / f"random-{seed}", seed=seed)
        put(tmp_path / f"pretrained-{seed}", seed=seed, init="pretrained")
    for seed in range(2):
        path = tmp_path / f"pretrained-{seed}" / ".hydra" / "config.yaml"
        path.write_text(
            json.dumps(json.loads(path.read_text()) | {"init": {"name": "pretrained", "freeze": f"block{seed}"}})
        )
    used, said = reasons(tmp_path)
    assert used == 3
    assert said == {"pretrained-1": "init=pretrained: init.freeze is block1, in the other runs block0"}


def test_no_usable_run_is_one_line(tmp_path):
    with pytest.raises(UserError, match=r"no run: evolution/index\.jsonl was looked for in it and below"):
        collect([tmp_path])
    put(tmp_path / "a", init="checkpoint")
    with pytest.raises(UserError, match=r"none of the 1 runs can be used; .*/a: init is checkpoint"):
        collect([tmp_path])
