"""Measures what fine-tuning keeps of trained features: accuracy after two epochs, and similarity to the start.

    OMP_NUM_THREADS=2 python benchmarks/forgetting.py --base init=pretrained robustness=none \
        --grid model.dropout=0,0.2 init.scheme=kaiming,torch [--seeds 3] [--out FILE.json]

Every combination of the grid is trained for two epochs with each seed. Similarity is linear CKA (Kornblith et al. 2019,
arXiv 1905.00414, equation 3) between the features of 200 validation images before and after: the inputs of the first
fully connected layer, or of the last one where there is one alone. 1: nothing is forgotten, up to a rotation.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import platform
import statistics
import warnings
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from hydra import compose, initialize_config_dir
from torch import Tensor, nn

from featevo.app.build import build_classifier, build_data
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.measure.layer_change import linear_cka
from featevo.model.classifier import Classifier
from featevo.model.modes import eval_mode
from featevo.record.provenance import versions

EPOCHS = 2
PER_CLASS = 50


def features_of(module: Classifier, images: Tensor) -> Tensor:
    """What enters the first fully connected layer (N, D)."""
    first = next(layer for layer in module.net.modules() if isinstance(layer, nn.Linear))
    found: list[Tensor] = []
    hook = first.register_forward_pre_hook(lambda layer, given: found.append(given[0]))
    with eval_mode(module), torch.no_grad():
        for chunk in images.split(64):
            module(chunk)
    hook.remove()
    return torch.cat(found)


class Accuracies(pl.Callback):
    """The validation accuracy of each epoch."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep it."""
        self.values.append(float(trainer.callback_metrics["val_acc"]))


def measure(overrides: list[str]) -> dict[str, float]:
    """Train for two epochs: the accuracy after each, and the similarity of features to the start after each."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [*overrides, "evolution=off", "logger=none"])
    pl.seed_everything(cfg.seed, verbose=False)
    data = build_data(cfg)
    module = build_classifier(cfg, data)
    images, _ = data.labelled("val", PER_CLASS)
    before, accuracies = features_of(module, images), Accuracies()
    trainer = pl.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        callbacks=[accuracies],
    )
    trainer.fit(module, datamodule=data)
    first, second = accuracies.values
    return {"epoch_1": first, "epoch_2": second, "cka": linear_cka(before, features_of(module, images))}


def main() -> None:
    """Print a line for each combination and, with --out, write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", nargs="*", default=[], metavar="OVERRIDE")
    parser.add_argument("--grid", nargs="+", required=True, metavar="KEY=VALUE,VALUE")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    register()
    choices = [[f"{key}={value}" for value in values.split(",")] for key, _, values in map(_parts, arguments.grid)]
    rows: list[dict[str, Any]] = []
    for combination in itertools.product(*choices):
        runs = [measure([*arguments.base, *combination, f"seed={seed}"]) for seed in range(arguments.seeds)]
        row: dict[str, Any] = {"settings": [*combination]}
        for name in runs[0]:
            values = [run[name] for run in runs]
            spread = statistics.stdev(values) if len(values) > 1 else None
            row[name] = {"mean": round(statistics.fmean(values), 3), "std": spread and round(spread, 3)}
        rows.append(row)
        print(json.dumps(row), flush=True)
    result = {
        "command": (__doc__ or "").split("\n\n")[1],
        "base": arguments.base,
        "seeds": arguments.seeds,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "versions": versions(),
        "rows": rows,
    }
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _parts(text: str) -> tuple[str, str, str]:
    return text.partition("=")


if __name__ == "__main__":
    main()
