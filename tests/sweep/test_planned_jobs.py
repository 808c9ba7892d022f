"""The planned jobs of a multirun are those that Hydra makes."""

import pytest
from hydra import compose, initialize_config_dir

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.sweep.planned_jobs import planned


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["seed=0,1", "evolution.steps=4"], [("seed=0",), ("seed=1",)]),
        (
            ["init=random,pretrained", "seed=0,1"],
            [(init, seed) for init in ("init=random", "init=pretrained") for seed in ("seed=0", "seed=1")],
        ),
        (["seed=range(2)"], [("seed=0",), ("seed=1",)]),
        (["evolution.steps=4"], [()]),
    ],
)
def test_the_plan_agrees_with_hydra(overrides, expected):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("train", return_hydra_config=True)
        config.hydra.overrides.task = overrides
        assert planned(config) == expected
        config.hydra.sweeper.params = {"seed": "5,6"}
        combined = planned(config)
    assert len(combined) == len(expected) if "seed" in str(overrides) else 2 * len(expected)
