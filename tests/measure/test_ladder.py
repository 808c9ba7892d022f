"""The ladder: its rungs, its rule, the measures that it accepts and rejects, and its command."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

from featevo.measure.clusters import ClusterEntropy
from featevo.measure.complexity import EffectiveRank, RankBeyondChance
from featevo.measure.judge import judge
from featevo.measure.ladder import by_rung, examined, main, verdict
from featevo.measure.naive import NAIVE
from featevo.measure.phase import PhaseEnergy
from featevo.measure.regions import ColourRegions
from featevo.measure.rungs import NOISE, STRUCTURED, rungs, scenes

GOOD = {**dict.fromkeys(NOISE, 0.5), **{rung: float(place) for place, rung in enumerate(STRUCTURED, 1)}}


def test_rungs_are_the_same_every_time_and_in_range():
    ladder, again = rungs(32, 3), rungs(32, 3)
    assert tuple(ladder) == NOISE + STRUCTURED
    for rung, pictures in ladder.items():
        assert pictures.shape == (3, 3, 32, 32)
        assert pictures.min() >= 0
        assert pictures.max() <= 1
        assert torch.equal(pictures, again[rung])
        assert not torch.equal(pictures[0], pictures[1])
    assert not torch.equal(ladder["white noise"], rungs(32, 3, seed=1)["white noise"])


def test_more_shapes_cover_more_of_the_grey():
    ladder = rungs(64, 8)
    grey = [(ladder[rung] - 128 / 255).abs().amax(1).lt(1e-4).double().mean().item() for rung in STRUCTURED[:5]]
    assert grey == sorted(grey, reverse=True)
    assert grey[0] > 0.85
    assert grey[-1] < 0.6


def test_the_rule():
    assert verdict(GOOD).accepted
    assert verdict(GOOD).correlation == pytest.approx(1)
    noisy = verdict({**GOOD, "median once": 2.0})
    assert not noisy.accepted
    assert noisy.reason == "median once (2) is not below 2 shapes (2)"
    assert verdict({**GOOD, "8 shapes": 5.5}).accepted  # one adjacent pair swapped: 0.94
    swapped = verdict({**GOOD, "8 shapes": 5.5, "1 shape": 2.5})
    assert not swapped.accepted
    assert "0.89" in swapped.reason
    assert "scene (1.5) is below 2 shapes" in verdict({**GOOD, "scene": 1.5}).reason
    assert not verdict(dict.fromkeys(GOOD, 1.0)).accepted
    assert not verdict({**GOOD, "flat": float("nan")}).accepted


@pytest.mark.parametrize("name", NAIVE)
def test_naive_measures_are_refused_for_noise(name):
    result = examined(NAIVE[name], 64, 4)
    assert not result.accepted
    assert "noise" in result.reason


@pytest.mark.parametrize("measure", [ClusterEntropy(), ColourRegions(), PhaseEnergy()], ids=lambda one: one.name)
def test_measures_without_a_judge_are_accepted(measure):
    assert examined(measure, 64).accepted


def test_the_shipped_judge_is_refused():
    default = judge().calibrated(scenes(64, 64))
    assert default.layer == "conv3_3"
    assert "16 shapes" in examined(RankBeyondChance(default), 64).reason
    assert "white noise" in examined(EffectiveRank(default), 64).reason


def test_climbing_gives_a_value_for_each_image():
    values = by_rung(NAIVE["edge density"], rungs(32, 2))
    assert {rung: len(each) for rung, each in values.items()} == dict.fromkeys(NOISE + STRUCTURED, 2)
    assert values["flat"] == [0, 0]


def test_the_command_writes_figure_and_values(tmp_path, capsys):
    assert main(["--size", "32", "--pictures", "2", "--out", str(tmp_path / "ladder")]) == 0
    assert "refused   PNG size (32 px): white noise" in capsys.readouterr().out
    result = json.loads((tmp_path / "ladder.json").read_text())
    entries = {(entry["measure"], entry["layer"]): entry for entry in result["entries"]}
    assert len(entries) == 8 + 3 * 3
    assert entries["complexity/effective_rank", "conv4_3"]["weights"] == judge().weights
    assert len(entries["PNG size", None]["values"]["scene"]) == 2
    with Image.open(tmp_path / "ladder.png") as figure:
        assert figure.width > 1000


def test_the_command_refuses_in_one_line(tmp_path, capsys):
    (tmp_path / "bad.safetensors").write_bytes(b"no")
    assert main(["--judge", f"{tmp_path}/bad.safetensors", "--size", "32", "--out", str(tmp_path / "x")]) == 2
    assert capsys.readouterr().err.startswith("judge bad.safetensors: ")
    with pytest.raises(SystemExit) as end:
        main(["--size", "16", "--out", str(tmp_path / "x")])
    assert end.value.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["bad.safetensors"]
