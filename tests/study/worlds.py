"""Run folders, as training writes them, in which the hypotheses are true, false or neither."""

import json
import math

import numpy as np

from featevo.study.arms import ARMS, PREFIX, SUFFIX

NAMES = ("tree frog", "flamingo", "pool table", "hamburger", "modu runner", "bani beetle", "sora fern", "keto tower")
VIEWERS = ("efficientnet_lite0", "vgg16")
FLAT = {"val_acc": [0.5, 0.6], "val_loss": [1.0, 1.0], "train_loss": [1.0, 1.0]}
TRANSFORMS = {"flip": {"_target_": "torchvision.transforms.v2.RandomHorizontalFlip"}}


def write_run(
    folder,
    seed=0,
    arm="eight",
    data="scenes",
    *,
    curves=None,
    snapshots=None,
    status="finished",
    name=None,
    settings=None,
):
    """Write a run folder.

    Args:
        folder: Its path.
        curves: Lists by epoch, for `metrics.csv`.
        snapshots: By epoch: `likeness` by viewer, `contrast`, `train_loss`, and the matrices' entries beside the
            diagonal, one for all: `real` and `patches`.
        settings: Of the configuration by dotted key, in the place of the arm's.
    """
    curves = curves or FLAT
    snapshots = snapshots or {0: {}, 1: {}, 2: {}, 3: {}}
    planned = dict(ARMS[arm])
    classes = NAMES[: planned["data.num_classes"]]
    (folder / "evolution").mkdir(parents=True)
    (folder / ".hydra").mkdir()
    run = {"status": status, "name": folder.name}  # as of a job of a multirun
    (folder / "run.json").write_text(json.dumps(run))
    config = {
        "name": name or f"{PREFIX}{arm}",
        "seed": seed,
        "augmentation": TRANSFORMS if planned.pop("augmented") else {},
    }
    for key, value in {**planned, "data.name": data, "evolution.steps": 128, **(settings or {})}.items():
        *parents, last = key.split(".")
        place = config
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    (folder / ".hydra" / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
    epochs = range(1, len(curves["val_acc"]) + 1)
    rows = [",".join(["epoch", *curves])]
    rows += [",".join(map(str, [epoch, *(values[epoch - 1] for values in curves.values())])) for epoch in epochs]
    (folder / "metrics.csv").write_text("\n".join(rows) + "\n")
    with (folder / "evolution" / "index.jsonl").open("w") as index:
        for epoch, found in snapshots.items():
            index.write(json.dumps(_entry(folder, epoch, found, classes)) + "\n")
    return folder


def _entry(folder, epoch, found, classes):
    place = f"epoch={epoch:03d}"
    measures = {f"likeness/{viewer}": value for viewer, value in found.get("likeness", {}).items()}
    measures |= {"picture/contrast": found["contrast"]} if "contrast" in found else {}
    kinds = {kind: found[kind] for kind in ("real", "patches") if kind in found} | found.get("likeness", {})
    matrices = {kind: _matrix(value, len(classes)) for kind, value in kinds.items()}
    if matrices:
        (folder / "evolution" / place).mkdir()
        path = folder / "evolution" / place / "confusion.json"
        path.write_text(json.dumps({"classes": classes, **matrices}))
    images = [
        {"view": "classes", "unit": unit, "name": name, "file": "", "measures": measures}
        for unit, name in enumerate(classes)
    ]
    state = {"epoch": epoch, "folder": place, "train_loss": found.get("train_loss")}
    return {**state, "measures": measures, "renders": images}


def _matrix(value, size):
    return [[1.0 if i == j else value for j in range(size)] for i in range(size)]


def write_world(root, rng, effect, seeds=12, data=("scenes",), arms=tuple(ARMS), learned=True):
    """Write all runs of a study.

    Args:
        root: The folder of the run folders.
        rng: Of the noise.
        effect: 1: every hypothesis is true of every seed but for noise; -1: its opposite is; 0: neither.
        learned: False: the twins show the same effects.
    """
    for name in data:
        for arm in arms:
            for seed in range(seeds):
                write_run(root / f"{name}-{arm}-{seed}", seed, arm, name, **_life(rng, effect, arm, learned))
    return root


LIKENESS = {"eight": 0.0, "two": -0.04, "two_more": -0.05, "pretrained": 0.05, "overfit": -0.05, "augmented": 0.0}
KEPT = {"eight": 0.5, "two": 0.7, "two_more": 0.75}


def _life(rng, effect, arm, learned):
    """Curves and snapshots of one run."""
    plain, shuffled = arm.removesuffix(SUFFIX), arm.endswith(SUFFIX)
    here = 0 if shuffled and learned else effect
    epochs, every = ARMS[arm]["trainer.max_epochs"], ARMS[arm]["evolution.every_n"]
    t = np.arange(1, epochs + 1)
    pretrained = plain == "pretrained"
    level = 0.6 + here * LIKENESS[plain] + 0.003 * rng.normal()
    kept = 0.6 + here * (KEPT.get(plain, 0.6) - 0.6) + 0.005 * rng.normal()
    patience = 3 * math.exp(-0.7 * effect * pretrained + 0.1 * rng.normal())
    best = 0.8 + 0.05 * effect * pretrained + 0.01 * rng.normal()
    train = 2 * np.exp(-t / 5) + 0.01
    overfitted = 0.05 * np.clip(t - 10, 0, None) if plain in ("overfit", "augmented") else 0
    val = 1 + np.exp(-t / 4) + overfitted + 0.02 * rng.normal(size=epochs)
    curves = {"val_acc": best * (1 - np.exp(-t / patience)), "val_loss": val, "train_loss": train}
    snapshots = {}
    for epoch in range(0, epochs + 1, every):
        done = min(1.0, 2 * epoch / epochs)
        start = level - here * 0.05
        mean = start + (level - start) * done + 0.002 * rng.normal()
        snapshots[epoch] = {
            "likeness": {VIEWERS[0]: mean + 0.02, VIEWERS[1]: mean - 0.02},
            "contrast": 0.2,
            "real": 0.95,
            "patches": 0.5 + 0.45 * kept,
            "train_loss": float(train[epoch - 1]) if epoch else None,
        }
    return {"curves": {name: values.tolist() for name, values in curves.items()}, "snapshots": snapshots}
