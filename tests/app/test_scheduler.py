"""The scheduler of the learning rate: built from the configuration, mistakes before training."""

import pytest

from featevo.app.build import build_classifier, build_data
from featevo.errors import UserError
from tests.data.parts import composed
from tests.processes import SMALL


def rates(*words):
    """The learning rate in each of six epochs."""
    cfg = composed("scenes", *SMALL, *words)
    found = build_classifier(cfg, build_data(cfg)).configure_optimizers()
    if not isinstance(found, dict):
        return [found.param_groups[0]["lr"]] * 6
    optimizer, scheduler = found["optimizer"], found["lr_scheduler"]
    seen = []
    for _ in range(6):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen


def test_the_rate_changes_as_named():
    assert len(set(rates("optimizer.lr=0.5"))) == 1
    assert rates("optimizer.lr=0.5", "scheduler=cosine", "trainer.max_epochs=4")[::4] == [0.5, pytest.approx(0)]
    steps = rates("optimizer.lr=0.5", "scheduler=steps", "scheduler.milestones=[2,4]")
    assert steps == pytest.approx([0.5, 0.5, 0.05, 0.05, 0.005, 0.005])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["+scheduler._target_=builtins.dict"], "scheduler: dict is no scheduler of torch.optim.lr_scheduler"),
        (["+scheduler.gamma=1"], "must name a class of torch.optim.lr_scheduler"),
        (["scheduler=steps", "scheduler.gamma=x"], "scheduler.gamma=x: must be a number"),
        (
            ["+scheduler._target_=torch.optim.lr_scheduler.ReduceLROnPlateau"],
            "scheduler: ReduceLROnPlateau needs a metric in each step",
        ),
    ],
)
def test_mistakes_are_named_before_training(words, message):
    with pytest.raises(UserError, match=message):
        rates(*words)
