"""Two processes draw: the same renders as one (promise 2), training untouched (promise 1), one outcome for both."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import strategies
from PIL import Image
from pytorch_lightning.strategies import DDPStrategy, DeepSpeedStrategy, FSDPStrategy, SingleDeviceStrategy

from featevo.evolve.sharding import check_strategy
from featevo.visualize import ClassLogit, maximize
from tests.evolve import ranks
from tests.evolve.parts import SIZE


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder of all scenarios of `tests.evolve.ranks`, run once."""
    folder = tmp_path_factory.mktemp("ranks")
    ranks.start(folder)
    return folder


def ended(folder):
    """The final state of each rank."""
    return [torch.load(folder / f"rank{rank}.pt", weights_only=True) for rank in range(ranks.RANKS)]


def index(folder):
    return [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]


def pixels(folder, render):
    with Image.open(folder / render["file"]) as image:
        return torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255


def deviation(ours, theirs):
    return max(float((one - other).abs().max()) for one, other in zip(ours, theirs, strict=True))


def test_another_training_is_refused_on_all_ranks(two):
    """No rank waits for the others, and the record is unchanged."""
    refused = f"ValueError: folder={two / 'five'}: holds the record of another training; choose another folder"
    assert [rank["raised"].startswith(refused) for rank in ended(two / "another")] == [True, True]
    assert [entry["epoch"] for entry in index(two / "five")] == [0, 1, 2]


@pytest.mark.parametrize(("name", "count"), [("five", 5), ("one", 1)])
def test_two_ranks_draw_the_same_as_one_process(two, name, count):
    """In float64 to rounding, each class in its place; the same weights come from the same seed."""
    main, other = ended(two / name)
    assert (main["raised"], other["raised"]) == (None, None)
    module = ranks.seeded(ranks.Net, count, torch.float64)
    alone = maximize(module, ClassLogit(range(count)), image_size=SIZE, steps=ranks.STEPS)
    assert deviation(main["kept"][0], [render.image for render in alone]) < 1e-6
    if count > 1:  # where a wrong order makes a difference
        assert deviation(main["kept"][0], [render.image for render in alone[::-1]]) > 0.01
    assert other["kept"] == {}
    entries = index(two / name)
    assert [(entry["epoch"], entry["error"]) for entry in entries] == [(0, None), (1, None), (2, None)]
    for entry in entries:
        assert [render["unit"] for render in entry["renders"]] == list(range(count))
        assert (entry["provenance"]["ranks"], entry["provenance"]["chunk_size"]) == (2, (count + 1) // 2)
    logits = [render["logit"] for render in entries[0]["renders"]]
    assert logits == pytest.approx([render.logit for render in alone], rel=1e-6)


def test_warm_starts_begin_with_the_recorded_renders(two):
    folder = two / "five"
    before = torch.stack([pixels(folder, render) for render in index(folder)[1]["renders"]])
    module = ranks.Net(5, torch.float64)
    module.load_state_dict(ended(folder)[0]["weights"])
    drawn = maximize(module, ClassLogit(range(5)), image_size=SIZE, steps=ranks.STEPS, start=before)
    kept = ended(folder)[0]["kept"]
    assert deviation(kept[2], [render.image for render in drawn]) < 1e-5
    assert deviation(kept[2], kept[1]) > 0.01


def test_rank_0_decides_for_all(two):
    main, other = ended(two / "disagree")
    assert (main["raised"], other["raised"]) == (None, None)
    assert main["best"] == other["best"]
    entries = index(two / "disagree")
    assert [(entry["epoch"], entry["value"]) for entry in entries] == [(1, 0.5), (3, pytest.approx(0.6))]
    # The training loss is that of both ranks' batches.
    for entry in entries:
        losses = [rank["losses"][entry["epoch"] - 1] for rank in (main, other)]
        assert len(set(losses)) == 2
        assert entry["train_loss"] == pytest.approx(sum(losses) / 2, rel=1e-6)


@pytest.mark.parametrize("rank", range(ranks.RANKS))
def test_a_rank_that_fails_is_recorded_and_training_continues(two, rank):
    folder = two / f"failing {rank}"
    assert [state["raised"] for state in ended(folder)] == [None, None]
    assert [entry["error"] for entry in index(folder)] == ["ValueError: a failing render"] * 2
    assert not list(folder.glob("evolution/*/*.png"))


@pytest.mark.parametrize(
    ("name", "error"),
    [("raising", "ValueError: a failing render"), ("odd", "RuntimeError: OddError: a render in pieces")],
)
def test_a_rank_that_fails_can_stop_all(two, name, error):
    assert [state["raised"] for state in ended(two / name)] == [error, error]
    assert not (two / name / "evolution").exists()


@pytest.mark.parametrize("name", ["measured", "unmeasured"])
def test_training_is_untouched(two, name):
    """Bit-identical weights, batch-norm statistics and losses on both ranks."""
    for without, with_it in zip(ended(two / f"{name} without"), ended(two / f"{name} with"), strict=True):
        assert without["losses"] == with_it["losses"]
        for key, value in without["weights"].items():
            assert torch.equal(value, with_it["weights"][key]), key
    assert all(len(entry["renders"]) == 5 for entry in index(two / f"{name} with"))


def test_one_model_is_drawn_where_statistics_differ(two):
    """Without a validation, each rank ends with its own batch-norm statistics; all renders use those of rank 0."""
    main, other = ended(two / "unmeasured with")
    assert not torch.equal(main["weights"]["net.1.running_mean"], other["weights"]["net.1.running_mean"])
    assert [entry["trigger"] for entry in index(two / "unmeasured with")] == ["before_training", "last_epoch"]
    module = ranks.Net(5, torch.float64)
    module.load_state_dict(main["weights"])
    alone = maximize(module, ClassLogit(range(5)), image_size=SIZE, steps=ranks.STEPS)
    assert deviation(main["kept"][1], [render.image for render in alone]) < 1e-6


@pytest.mark.parametrize(
    ("strategy", "devices", "refused"),
    [
        (FSDPStrategy, 2, True),
        (FSDPStrategy, 1, False),
        (DDPStrategy, 2, False),
        (SingleDeviceStrategy, 1, False),
        (DeepSpeedStrategy, 2, True),
        (strategies.DDPStrategy, 2, False),
        (strategies.DeepSpeedStrategy, 2, True),
    ],
)
def test_strategies_that_shard_weights_are_refused(strategy, devices, refused):
    trainer: Any = SimpleNamespace(strategy=object.__new__(strategy), num_devices=devices, num_nodes=1)
    if not refused:
        check_strategy(trainer)
        return
    with pytest.raises(ValueError, match=f"{strategy.__name__}: .*; use strategy=ddp"):
        check_strategy(trainer)
