"""A recorded snapshot for trackers, and the trackers as the configuration builds them."""

from typing import Any

import torch
from hydra import compose, initialize_config_dir
from msgspec.structs import replace

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.trainer import build_trackers
from featevo.record.schema import Image, Snapshot
from featevo.record.store import RunFolder
from featevo.views.snapshotter import Taken
from tests.evolve.parts import CLASSES, SIZE

NAMES = ("tree frog", "a/b: 50 %", "蛙")
MEASURES = {"complexity/total_variation": 0.25, "confusion/self": 0.75}
WITHHELD = {"recognition/judge": 0.5, "recognition/seeds": 0.5, "confusion/judge": 0.5}


def snapshot_of(folder, names=CLASSES, channels=3, measures=()):
    """A recorded snapshot of epoch 2 with noise images."""
    generator = torch.Generator().manual_seed(1)
    images = [
        Image(view="classes", unit=unit, file="", name=name, values={"logit": 1.0, "probability": 0.5})
        for unit, name in enumerate(names)
    ]
    pixels = [torch.rand((channels, SIZE, SIZE), generator=generator) for _ in names]
    known: dict[str, Any] = {"epoch": 2, "step": 20, "trigger": "improvement", "val_acc": 0.5, "seconds": 1.0}
    snapshot = Snapshot(**known, measures=dict(measures), images=images)
    return Taken(RunFolder(folder).append(snapshot, pixels, [{} for _ in names]), pixels)


def without_probability(taken):
    """The same snapshot without the network's probabilities."""
    images = [replace(image, values={}) for image in taken.snapshot.images]
    return Taken(replace(taken.snapshot, images=images), taken.pixels)


def made(kind, folder):
    """The logger that `conf/logger/KIND.yaml` describes."""
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [f"logger={kind}", *(["logger.tracker.mode=offline"] if kind == "wandb" else [])])
    (logger,) = build_trackers(cfg, folder)
    return logger
