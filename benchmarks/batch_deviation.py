"""Measures how much a float32 render differs between a batch and a batch of one (promise 2), per snapshot of a run.

    python benchmarks/batch_deviation.py RUN_FOLDER [--out FILE.json]

Renders every class of each recorded snapshot from its saved weights on the CPU: in one batch, alone, and in one batch
from another seed. Reports per snapshot the mean and the largest absolute pixel difference (range 0..1) between batch
and alone, and the largest difference of their final logits relative to the largest logit. For comparison, it reports
the mean pixel difference between two seeds.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf

from featevo.app.build_regularizer import build_regularizer
from featevo.app.instantiate import build
from featevo.app.schemas import plain
from featevo.record.provenance import versions
from featevo.record.store import RunFolder
from featevo.visualize import ClassLogit, maximize


def main() -> None:
    """Print the table and, with --out, write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cfg, record = OmegaConf.load(arguments.run / ".hydra" / "config.yaml"), RunFolder(arguments.run)
    assert isinstance(cfg, DictConfig)
    regularizer = build_regularizer(plain(cfg)["regularizer"])
    result: dict[str, Any] = {
        "command": f"python benchmarks/batch_deviation.py RUN_FOLDER, the run: seed={cfg.seed}",
        "versions": versions(),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "snapshots": [],
    }
    for snapshot in record.snapshots():
        units = [image.unit for image in snapshot.of_view()]
        net = build(cfg.model, "model", num_classes=len(units))
        state = record.weights(snapshot) or {}
        net.load_state_dict({name.removeprefix("net."): tensor for name, tensor in state.items() if "net." in name})
        settings = {"image_size": cfg.data.image_size, "mean": list(cfg.data.mean), "std": list(cfg.data.std)}
        settings |= {name: cfg.evolution[name] for name in ("steps", "step_size", "seed")}
        batch = maximize(net, ClassLogit(units), regularizer=regularizer, **settings)
        alone = [maximize(net, ClassLogit([unit]), regularizer=regularizer, **settings)[0] for unit in units]
        other = maximize(net, ClassLogit(units), regularizer=regularizer, **{**settings, "seed": settings["seed"] + 1})
        seeds = torch.stack([(one.image - two.image).abs() for one, two in zip(batch, other, strict=True)])
        pixels = torch.stack([(one.image - two.image).abs() for one, two in zip(batch, alone, strict=True)])
        logits = max(abs(one.value - two.value) for one, two in zip(batch, alone, strict=True))
        row = {
            "epoch": snapshot.epoch,
            "largest_pixel": round(float(pixels.max()), 6),
            "mean_pixel": round(float(pixels.mean()), 6),
            "mean_pixel_between_seeds": round(float(seeds.mean()), 6),
            "logit": round(logits / max(abs(render.value) for render in batch), 6),
        }
        print(row)
        result["snapshots"].append(row)
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
