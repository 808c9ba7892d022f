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


def snapshot_of(folder, names=CLASSES, channels=3, measures=(), epoch=2):
    """A recorded snapshot, with 10 steps an epoch, with noise images."""
    generator = torch.Generator().manual_seed(1)
    images = [
        Image(view="classes", unit=unit, file="", name=name, values={"logit": 1.0, "probability": 0.5})
        for unit, name in enumerate(names)
    ]
    pixels = [torch.rand((channels, SIZE, SIZE), generator=generator) for _ in names]
    known: dict[str, Any] = {
        "epoch": epoch,
        "step": 10 * epoch,
        "trigger": "improvement",
        "val_acc": 0.5,
        "seconds": 1.0,
    }
    snapshot = Snapshot(**known, measures=dict(measures), images=images)
    return Taken(RunFolder(folder).append(snapshot, pixels, [{} for _ in names]), pixels)


def without_probability(taken):
    """The same snapshot without the network's probabilities."""
    images = [replace(image, values={}) for image in taken.snapshot.images]
    return Taken(replace(taken.snapshot, images=images), taken.pixels)


def made(kind, folder, earlier=None, overrides=()):
    """The logger that `conf/logger/KIND.yaml` describes; of an interrupted run, with its identities."""
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        offline = ["logger.tracker.mode=offline"] if kind == "wandb" else []
        cfg = compose("train", [f"logger={kind}", *offline, *overrides])
    (logger,) = build_trackers(cfg, folder, earlier)
    return logger
