"""Measures whether renders resemble their classes: two-alternative forced choice by two unrelated networks.

    OMP_NUM_THREADS=1 python -m featevo.train --multirun launcher=joblib hydra.launcher.n_jobs=2 \
        init=random,pretrained seed=0,1,2,3,4 logger=none hydra.sweep.dir=outputs/multirun/demo
    python benchmarks/forced_choice.py outputs/multirun/demo --vgg FILE [--out FILE.json]

FILE has the convolutions of ImageNet's VGG-16; the other network comes with `pip install 'featevo[viewers]'`. The first
and the last snapshot of each run are compared with real validation images, 24 a class. Noise is the floor, real images
compared with each other are the ceiling. Also reports the share of saturated values (at 0 or 1), and the accuracy.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from featevo.app.build import build_data
from featevo.measure.forced_choice import forced_choice
from featevo.measure.viewers import Viewer, efficientnet_lite0, vgg16
from featevo.record.find import find_runs
from featevo.record.provenance import versions
from featevo.record.store import RunFolder

PER_CLASS = 24


Real = dict[str, Tensor]
"""Features of the real images, by name of the viewer."""


def scores(viewers: list[Viewer], images: Tensor, classes: list[int], real: Real, labels: Tensor) -> dict[str, Any]:
    """By viewer: the share for each class; and the share of values at 0 or 1."""
    shares = {
        v.name: [round(s, 3) for s in forced_choice(v.features(images), classes, real[v.name], labels).tolist()]
        for v in viewers
    }
    return {**shares, "saturated": round(float(((images < 0.002) | (images > 0.998)).float().mean()), 3)}


def measure(folder: Path, viewers: list[Viewer]) -> dict[str, Any]:
    """One run: initialisation, seed, and the scores of its first and last snapshot with floor and ceiling."""
    cfg = OmegaConf.load(folder / ".hydra" / "config.yaml")
    assert isinstance(cfg, DictConfig)
    images, labels = build_data(cfg).labelled("val", PER_CLASS)
    real = {viewer.name: viewer.features(images) for viewer in viewers}
    record = RunFolder(folder)
    snapshots = [snapshot for snapshot in record.snapshots() if snapshot.of_view()]
    classes = [image.unit for image in snapshots[-1].of_view()]
    noise = torch.rand((len(classes), *images.shape[1:]), generator=torch.Generator().manual_seed(0))
    return {
        "init": cfg.init.name,
        "seed": cfg.seed,
        "accuracy": snapshots[-1].val_acc,
        "snapshots": len(snapshots),
        "first": scores(viewers, record.pixels(snapshots[0]), classes, real, labels),
        "last": scores(viewers, record.pixels(snapshots[-1]), classes, real, labels),
        "noise": scores(viewers, noise, classes, real, labels),
        "real": {
            name: round(float(forced_choice(known, labels.tolist(), known, labels, same=True).mean()), 3)
            for name, known in real.items()
        },
    }


def summary(runs: list[dict[str, Any]], viewers: list[str]) -> dict[str, Any]:
    """By initialisation and moment: mean and standard deviation over runs of the mean over classes."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        groups[run["init"]].append(run)
    return {
        init: {
            when: {
                name: {
                    "mean": round(statistics.fmean(means), 3),
                    "std": round(statistics.stdev(means), 3) if len(means) > 1 else None,
                    "runs": len(means),
                }
                for name in viewers
                for means in [[statistics.fmean(run[when][name]) for run in group]]
            }
            for when in ("first", "last", "noise")
        }
        for init, group in sorted(groups.items())
    }


def main() -> None:
    """Print a line for each run and the groups; with --out, write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN_OR_SWEEP")
    parser.add_argument("--vgg", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    viewers = [vgg16(arguments.vgg), efficientnet_lite0()]
    runs = []
    for evolution in find_runs(arguments.folders).evolutions:
        runs.append(measure(evolution.folder, viewers))
        print(json.dumps(runs[-1]), flush=True)
    result = {
        "command": (__doc__ or "").split("\n\n")[1],
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "versions": versions(),
        "groups": summary(runs, [viewer.name for viewer in viewers]),
        "runs": runs,
    }
    print(json.dumps(result["groups"], indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
