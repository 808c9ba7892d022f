"""Compares recipes of rendering on one network: by two unrelated networks, and by eye on a contact sheet.

    python -m benchmarks.recipes RUN_FOLDER --vgg FILE [--out docs/recipes-NAME]

Renders every class of the run's last snapshot by each recipe, with two seeds, and asks how often a render is nearer to
a real image of its class than to one of another (benchmarks.forced_choice.py). Writes NAME.json and NAME.webp, whose
rows are the recipes in the order of the table.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf
from PIL import Image
from torchvision.transforms.functional import resize

from benchmarks.forced_choice import PER_CLASS, scores
from featevo.app.recorded_network import RecordedNetwork
from featevo.figures.blocks import beside, cell, picture, stack, words
from featevo.figures.sheet import as_image, lay_out
from featevo.measure.viewers import efficientnet_lite0, vgg16
from featevo.record.provenance import versions
from featevo.record.schema import Snapshot
from featevo.visualize import ClassLogit, LogProbability, maximize
from featevo.visualize.bundles import BUNDLES

SEEDS = (0, 1)

RECIPES: dict[str, dict[str, Any]] = {
    **{name: {"regularizer": name} for name in BUNDLES if name != "clear_large"},  # it is for larger images
    "paper, step 0.03": {"regularizer": "paper", "step_size": 0.03},
    "paper, step 0.03, 32 steps": {"regularizer": "paper", "step_size": 0.03, "steps": 32},
    "paper, step 0.015, 256 steps": {"regularizer": "paper", "step_size": 0.015, "steps": 256},
    "paper, start mean": {"regularizer": "paper", "start": "mean"},
    "paper, log-probability": {"regularizer": "paper", "objective": LogProbability},
    "clear, 32 steps": {"regularizer": "clear", "steps": 32},
    "clear, 128 steps": {"regularizer": "clear", "steps": 128},
    "clear, step 0.06": {"regularizer": "clear", "step_size": 0.06},
    "clear, step 0.015": {"regularizer": "clear", "step_size": 0.015},
    "clear, start mean": {"regularizer": "clear", "start": "mean"},
    "clear, log-probability": {"regularizer": "clear", "objective": LogProbability},
    "clear, larger": {"regularizer": "clear", "larger": 1.5},
    "mahendran, step 0.03": {"regularizer": "mahendran", "step_size": 0.03},
    "lucid, 512 steps": {"regularizer": "lucid", "steps": 512},
}
"""Arguments of `maximize`; without them, its defaults. `larger`: a factor on the images' side, undone for the networks
that compare them."""

LABEL = 90.0
"""Points of the widest name of a recipe."""

SIDE, SHEET_DPI = 96, 150
"""Dots of an image on the contact sheet, and its dots per inch."""


def last_network(folder: Path) -> tuple[RecordedNetwork, Snapshot]:
    """The network of a run with the weights of its last snapshot that has images, and that snapshot."""
    run = RecordedNetwork(folder, trusted=True, change=lambda cfg: cfg)
    snapshot = [snapshot for snapshot in run.record.snapshots() if snapshot.of_view()][-1]
    assert run.load(snapshot), "the run kept no weights: evolution.save_weights"
    return run, snapshot


def main() -> None:
    """Print a line for each recipe; write table and contact sheet with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN_FOLDER")
    parser.add_argument("--vgg", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="NAME")
    arguments = parser.parse_args()
    run, snapshot = last_network(arguments.run)
    cfg, data, module = run.cfg, run.data, run.module
    pixels, labels = data.labelled("val", PER_CLASS)
    viewers, classes = [vgg16(arguments.vgg), efficientnet_lite0()], list(range(data.num_classes))
    real = {viewer.name: viewer.features(pixels) for viewer in viewers}
    rows, strips = [], []
    for name, recipe in RECIPES.items():
        settings = dict(recipe)
        objective = settings.pop("objective", ClassLogit)(classes)
        size = int(data.image_size * settings.pop("larger", 1))
        found = [
            maximize(
                module,
                objective,
                image_size=size,
                channels=data.num_channels,
                seed=seed,
                examples=data.examples if size == data.image_size else None,
                **settings,
            )
            for seed in SEEDS
        ]
        images = [torch.stack([render.image for render in renders]) for renders in found]
        compared = [resize(batch, [data.image_size] * 2, antialias=True) for batch in images]
        each = [scores(viewers, batch, classes, real, labels) for batch in compared]
        row: dict[str, Any] = {"recipe": name}
        for viewer in viewers:
            row[viewer.name] = round(statistics.fmean(s for score in each for s in score[viewer.name]), 3)
        row["saturated"] = round(statistics.fmean(score["saturated"] for score in each), 3)
        row["lowest_logit"] = round(min(render.logit or 0.0 for renders in found for render in renders), 2)
        rows.append(row)
        print(json.dumps(row), flush=True)
        pictures = [(255 * image).byte().permute(1, 2, 0).squeeze(2).numpy() for batch in images for image in batch]
        shown = [
            Image.fromarray(array).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS) for array in pictures
        ]
        strips.append(
            beside([cell(words(name, 7, width=LABEL), LABEL, "left"), *(picture(i, 1, SHEET_DPI) for i in shown)], 2)
        )
    if arguments.out:
        result = {
            "command": (__doc__ or "").split("\n\n")[1],
            "network": {
                "model": OmegaConf.to_container(cfg.model),
                "init": cfg.init.name,
                "accuracy": snapshot.val_acc,
            },
            "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
            "versions": versions(),
            "rows": rows,
        }
        arguments.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        as_image(lay_out(stack(strips, 2), SHEET_DPI)).save(arguments.out.with_suffix(".webp"), quality=85)


if __name__ == "__main__":
    main()
