"""The runs that a study uses, and the reasons for leaving out the others."""

import json

import numpy as np
import pytest

from featevo.errors import UserError
from featevo.record.jobs import write_job_folder
from featevo.record.sweep import Sweep
from featevo.study.collect import collect, deviations
from tests.study.worlds import write_run, write_world


def reasons(*paths):
    runs, left_out = collect(paths)
    return len(runs), {left.folder.name: left.reason for left in left_out}


def test_a_folder_of_runs_a_run_and_a_sweep(tmp_path):
    root = write_world(tmp_path / "deep" / "world", np.random.default_rng(0), 0, seeds=2, arms=("eight", "two"))
    assert reasons(tmp_path) == (4, {})
    assert reasons(root / "scenes-two-0", root / "scenes-two-1", root) == (4, {})

    sweep = tmp_path / "sweep"
    write_run(sweep / "0-seed-0")
    write_run(sweep / "elsewhere" / "1", seed=1)
    write_run(sweep / "2-seed-2", seed=2, status="failed")
    write_job_folder(sweep, 1, sweep / "elsewhere" / "1")
    Sweep(sweep, [], [("seed=0",), ("seed=1",), ("seed=2",), ("seed=3",)]).write()
    used, said = reasons(sweep)
    assert used == 2
    assert said["2-seed-2"] == "its status is failed"
    assert said["sweep"] == "seed=3: did not run, and has no images"


def test_runs_that_cannot_be_used_are_named_with_the_reason(tmp_path):
    for seed in range(3):
        write_run(tmp_path / f"good-{seed}", seed=seed)
        write_run(tmp_path / f"pretrained-{seed}", seed=seed, arm="pretrained", settings={"init.mean": [0.5]})
    write_run(tmp_path / "twice", seed=1)
    write_run(tmp_path / "first-study", name="study-random")
    write_run(tmp_path / "digits", data="digits")
    write_run(tmp_path / "steps", seed=4, settings={"evolution.steps": 64})
    write_run(tmp_path / "true", seed=5, arm="eight_shuffled", settings={"data.wrong_labels": 0})
    write_run(tmp_path / "plain", seed=5, arm="augmented", settings={"augmentation": {"flip": None}})
    write_run(tmp_path / "six", seed=6, settings={"data.num_classes": 6})
    write_run(tmp_path / "frozen", seed=7, arm="pretrained", settings={"init.mean": [0.4]})
    write_run(tmp_path / "fewer", seed=8, settings={"data.source.train_per_class": 24})
    write_run(tmp_path / "elsewhere", seed=9, settings={"data.root": "/x", "trainer.devices": 2})
    (write_run(tmp_path / "bare", seed=5) / ".hydra" / "config.yaml").write_text("seed: [")
    used, said = reasons(tmp_path)
    assert used == 7
    assert said == {
        "twice": f"same data set, arm and seed as {tmp_path / 'good-1'}",
        "first-study": "it is no run of the second study: its name is study-random, not study-ARM",
        "digits": "its data set is digits; the study has scenes and fashion_mnist",
        "steps": "evolution.steps is 64, in the other runs 128",
        "true": "data.wrong_labels is 0, in the plan's arm eight_shuffled 1",
        "plain": "augmented is False, in the plan's arm augmented True",
        "six": "data.num_classes is 6, in the plan's arm eight 8",
        "frozen": "init.mean is [0.4], in the other runs of pretrained [0.5]",
        "fewer": "data.source.train_per_class is 24, in the other runs of eight 48",
        "bare": ".hydra/config.yaml with its seed and data.name cannot be read",
    }


def test_a_value_in_place_of_a_reference_to_it_is_no_difference(tmp_path):
    """As in the configuration of runs that an earlier version resumed."""
    refer = {"data.source.num_classes": "${data.num_classes}", "data.source.seed": "${seed}"}
    for seed in range(2):
        write_run(tmp_path / f"eight-{seed}", seed=seed, settings=refer)
        write_run(tmp_path / f"two-{seed}", seed=seed, arm="two", settings=refer)
    for arm, classes in (("eight", 8), ("two", 2)):
        for seed in (2, 3, 4):
            values = {"data.source.num_classes": classes, "data.source.seed": seed}
            write_run(tmp_path / f"{arm}-{seed}", seed=seed, arm=arm, settings=values)
    write_run(tmp_path / "other", seed=5, settings=refer | {"data.source.seed": 4})
    assert reasons(tmp_path) == (10, {"other": "data.source.seed is 4, in the other runs ${seed}"})


def test_the_data_sets_are_compared_within_themselves(tmp_path):
    for seed in range(2):
        write_run(tmp_path / f"a-{seed}", seed=seed, settings={"data.image_size": 64})
        write_run(tmp_path / f"b-{seed}", seed=seed, data="fashion_mnist", settings={"data.image_size": 32})
    assert reasons(tmp_path) == (4, {})


def test_deviations_from_the_plan_are_named_once(tmp_path):
    for seed in range(2):
        write_run(tmp_path / f"{seed}", seed=seed, settings={"trainer.max_epochs": 6})
    write_run(tmp_path / "two", arm="two")
    assert deviations(collect([tmp_path])[0]) == ["trainer.max_epochs=6 in eight (plan: 20)"]


def test_a_run_without_images_is_left_out(tmp_path):
    run = write_run(tmp_path / "a")
    write_run(tmp_path / "b", seed=1)
    index = run / "evolution" / "index.jsonl"
    lines = [json.loads(line) | {"renders": []} for line in index.read_text().splitlines()]
    index.write_text("\n".join(map(json.dumps, lines)))
    assert reasons(tmp_path) == (1, {"a": "no snapshot has a render of a class"})


def test_an_ordinary_run_is_named_as_in_its_record(tmp_path):
    write_run(tmp_path / "used")
    write_run(tmp_path / "scenes-random", name="${data.name}-${init.name}")
    reason = "it is no run of the second study: its name is scenes-random, not study-ARM"
    assert reasons(tmp_path) == (1, {"scenes-random": reason})


def test_runs_of_the_first_study_are_one_line(tmp_path):
    with pytest.raises(UserError, match=r"no run: evolution/index\.jsonl was looked for in it and below"):
        collect([tmp_path])
    write_run(tmp_path / "a", name="study-pretrained_")
    with pytest.raises(UserError) as error:
        collect([tmp_path])
    assert str(error.value).startswith(
        "none of the 1 runs can be used, as the second study needs runs named study-ARM (ARM: eight, two, two_more, "
    )
    assert str(error.value).endswith(
        f"{tmp_path / 'a'}: it is no run of the second study: its name is study-pretrained_, not study-ARM"
    )
