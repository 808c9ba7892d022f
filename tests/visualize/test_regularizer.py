"""Bundles of operators: when they are applied, by which names they are found, what is said of wrong ones."""

import pytest
import torch

from featevo.paths import CONF
from featevo.visualize import Clip, MedianFilter, Regularizer, median_filter


def test_the_papers_bundle_is_clip_always_and_median_every_fourth():
    paper = Regularizer.named("paper")
    assert dict(paper.operators) == {"clip": Clip(0.0, 1.0, every=1), "median": MedianFilter(5, "replicate", every=4)}
    pictures = torch.rand(2, 3, 8, 8) * 3 - 1
    for step in range(1, 9):
        clipped = pictures.clamp(0, 1)
        expected = median_filter(clipped) if step in (4, 8) else clipped
        assert torch.equal(paper.apply(pictures, step), expected), step


@pytest.mark.parametrize("name", sorted(path.stem for path in (CONF / "regularizer").glob("*.yaml")))
def test_every_bundle_can_be_built(name):
    assert Regularizer.named(name).apply(torch.rand(1, 3, 8, 8), 4).shape == (1, 3, 8, 8)


def test_null_entries_are_left_out():
    assert Regularizer.from_config({"operators": {"clip": None}}).operators == {}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"_target_": "featevo.visualize.operators.Clipp"}, "regularizer.operators.x._target_=.* cannot be imported"),
        ({"_target_": "featevo.visualize.operators.Clip", "hi": 1}, "regularizer.operators.x: .*'hi'"),
        ({"_target_": "featevo.visualize.operators.Clip", "every": 0}, "regularizer.operators.x: every=0"),
        ({"_target_": "featevo.visualize.operators.Clip", "low": 2.0}, "the range to clip to is empty"),
        ({"_target_": "featevo.visualize.operators.MedianFilter", "kernel_size": 4}, "odd window"),
        ({"_target_": "featevo.visualize.operators.MedianFilter", "border": "x"}, "use one of replicate, reflect"),
    ],
)
def test_wrong_entries_are_named(entry, message):
    with pytest.raises(ValueError, match=message):
        Regularizer.from_config({"operators": {"x": entry}})
