"""Measures the effect of pretrained weights: first-epoch accuracy and epochs to 90 %, over the runs of a sweep.

    OMP_NUM_THREADS=1 python -m featevo.train --multirun launcher=joblib hydra.launcher.n_jobs=2 \
        init=random,pretrained seed=0,1,2,3,4 logger=none hydra.sweep.dir=outputs/multirun/demo
    OMP_NUM_THREADS=1 python benchmarks/transfer.py outputs/multirun/demo [--out FILE.json]

Groups the runs of a folder by `init.name` and reports, per group, the mean and the standard deviation over seeds of the
validation accuracy after the first epoch, of the first epoch that reaches 90 %, and of the best accuracy. For pairs of
the same seed it reports how often the pretrained network was better.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf

from featevo.record.provenance import versions

TARGET = 0.9


def read_run(folder: Path) -> dict[str, Any]:
    """One run's seed, initialisation and the three numbers; `epochs_to_90` is None if 90 % was not reached."""
    cfg = OmegaConf.load(folder / ".hydra" / "config.yaml")
    with (folder / "metrics.csv").open(newline="") as file:
        accuracies = {int(row["epoch"]): float(row["val_acc"]) for row in csv.DictReader(file)}
    return {
        "init": cfg.init.name,
        "seed": cfg.seed,
        "first": round(accuracies[1], 4),
        "epochs_to_90": next((epoch for epoch, accuracy in sorted(accuracies.items()) if accuracy >= TARGET), None),
        "best": round(max(accuracies.values()), 4),
    }


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation of each number over the runs that have it."""
    result: dict[str, Any] = {"runs": len(runs)}
    for name in ("first", "epochs_to_90", "best"):
        values = [run[name] for run in runs if run[name] is not None]
        spread = statistics.stdev(values) if len(values) > 1 else None
        result[name] = {"mean": statistics.fmean(values), "std": spread, "n": len(values)} if values else None
    return result


def main() -> None:
    """Print the runs and the groups and, with --out, write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    runs = [read_run(path.parent) for path in sorted(arguments.sweep.rglob("metrics.csv"))]
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        groups[run["init"]].append(run)
        print(run)
    by_seed = {name: {run["seed"]: run for run in group} for name, group in groups.items()}
    random, pretrained = by_seed.get("random", {}), by_seed.get("pretrained", {})
    pairs = [(random[seed], pretrained[seed]) for seed in sorted(random.keys() & pretrained.keys())]
    never = 10**9  # not reached counts as later than any epoch
    result = {
        "command": (__doc__ or "").split("\n\n")[1],
        "versions": versions(),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "groups": {name: summary(group) for name, group in groups.items()},
        "pairs": {
            "seeds": len(pairs),
            "higher_first_epoch": sum(b["first"] > a["first"] for a, b in pairs),
            "fewer_epochs_to_90": sum((b["epochs_to_90"] or never) < (a["epochs_to_90"] or never) for a, b in pairs),
        },
        "runs": runs,
    }
    print(json.dumps({key: result[key] for key in ("groups", "pairs")}, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
