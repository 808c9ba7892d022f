"""A snapshot to tell trackers of, and the trackers as they are configured."""

import torch
from hydra import compose, initialize_config_dir

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.trainer import build_trackers
from featevo.evolve.moment import Moment
from featevo.measure.evaluate import Values
from featevo.measure.measuring import Measured
from featevo.record.store import Record
from featevo.visualize import Render
from tests.evolve.parts import CLASSES, SIZE

NAMES = ("tree frog", "a/b: 50 %", "蛙")
MEASURES = {"complexity/total_variation": 0.25, "confusion/self": 0.75}
WITHHELD = {"recognition/judge": 0.5, "recognition/seeds": 0.5, "confusion/judge": 0.5}


def snapshot_of(folder, names=CLASSES, channels=3, measures=()):
    """A snapshot of an epoch 2, its pictures noise."""
    generator = torch.Generator().manual_seed(1)
    renders = [
        Render(
            image=torch.rand((channels, SIZE, SIZE), generator=generator),
            unit=unit,
            copy=0,
            value=1.0,
            logit=1.0,
            probability=0.5,
            probabilities=None,
            trace=(0.0, 1.0),
            stopped="steps",
            remedy=None,
            seed=0,
            seconds=0.1,
            settings={},
            weights="",
        )
        for unit in range(len(names))
    ]
    moment = Moment(2, 20, "improvement", val_acc=0.5)
    return Record(folder, names).write(moment, renders, {}, 1.0, measured=Measured(Values(dict(measures))))


def made(kind, folder):
    """The logger that `conf/logger/KIND.yaml` describes."""
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [f"logger={kind}", *(["logger.tracker.mode=offline"] if kind == "wandb" else [])])
    (logger,) = build_trackers(cfg, folder)
    return logger
