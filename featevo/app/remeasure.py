"""Measures afterwards: of pictures and weights that runs have left, put into their records like those of training.

Measures of the network need the weights of each snapshot (`evolution.save_weights`); those of further seeds are drawn
again. Where the weights are kept, `evolution/transfer.json` says what the networks of other epochs make of the
pictures of an epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from safetensors.torch import load_file
from torch import Tensor
from yaml import YAMLError  # type: ignore[import-untyped]

from featevo.app.build import build_classifier, build_data, build_evolution
from featevo.app.paths import CONF
from featevo.app.schemas import TrainConfig, register
from featevo.data.torchvision_source import renamed
from featevo.errors import UserError
from featevo.evolve.drawing import Drawing
from featevo.evolve.isolation import isolated
from featevo.measure.controls import answer_of
from featevo.measure.measuring import Measured, asks_network
from featevo.measure.recognition import transfer
from featevo.measure.subject import Answer
from featevo.record.amend import amend
from featevo.record.files import finite, write_json
from featevo.record.images import picture
from featevo.record.reading import Snapshot, read_evolution

register()  # what configurations compute with

TRANSFER = "transfer.json"
"""In `evolution/`: `epochs`, and `probabilities`, whose row i, column j is what network j says of pictures i."""


def remeasure(folder: Path, judge: str | None = None, classes: int | None = None) -> int:
    """Measure every snapshot of a run anew; of what was measured before, what asks a network without weights stays.

    Args:
        folder: A run folder with its configuration in `.hydra/`.
        judge: Who judges instead of who is configured: a file with a VGG's convolutions.
        classes: Among how many of the data source's first classes the judge chooses, instead.

    Returns:
        The number of snapshots measured.

    Raises:
        UserError: When the folder holds no run, or its network or data cannot be had again.
    """
    evolution = read_evolution(folder)
    drawn = [snapshot for snapshot in evolution.snapshots if snapshot.of_view("classes")]
    cfg = _configuration(folder, judge, classes)
    pl.seed_everything(cfg.seed, verbose=False)
    data = build_data(cfg)
    module = build_classifier(cfg, data)
    callback = build_evolution(cfg, data, folder)
    measuring = None if callback is None else callback.drawing.measuring
    if callback is None or measuring is None:
        raise UserError(f"{folder}: its configuration measures nothing (evolution=off or measures=off)")
    drawing = callback.drawing
    measuring.begin(module, data.image_size, data.num_channels)  # with the weights that training started from
    found: dict[str, Measured] = {}
    kept: dict[str, Callable[[str], bool]] = {}
    for snapshot in drawn:
        with isolated():
            weights = _weights(folder, snapshot)
            if weights is not None:
                module.load_state_dict(weights)
            whose = None if weights is None else module
            measured = drawing.measured(whose, _pictures(folder, snapshot), folder)
        if "error" in measured.provenance:
            raise UserError(f"{folder}, {snapshot.folder}: cannot be measured ({measured.provenance['error']})")
        found[snapshot.folder] = measured
        kept[snapshot.folder] = asks_network if weights is None else _none
    amend(folder, found, kept)
    _write_transfer(folder, module, drawn, drawing)
    return len(found)


def _none(name: str) -> bool:
    return False


def _configuration(folder: Path, judge: str | None, classes: int | None) -> DictConfig:
    path = folder / ".hydra" / "config.yaml"
    if not path.is_file():
        raise UserError(f"{folder}: {path.name} was looked for in .hydra and not found; its network cannot be built")
    # A run of before there were measures gets today's.
    measures = OmegaConf.create({"measures": OmegaConf.load(CONF / "measures" / "default.yaml")})
    try:
        cfg = OmegaConf.merge(OmegaConf.structured(TrainConfig), measures, OmegaConf.load(path))
        cfg.data.source = renamed(cfg.data.source)
    except (OmegaConfBaseException, YAMLError, OSError) as error:
        raise UserError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]})") from error
    assert isinstance(cfg, DictConfig)
    if judge is not None:
        cfg.measures.judge = judge
    if classes is not None:
        cfg.measures.classes = classes
    return cfg


def _weights(folder: Path, snapshot: Snapshot) -> dict[str, Tensor] | None:
    path = folder / "checkpoints" / f"{snapshot.folder}.safetensors"
    return load_file(path) if path.is_file() else None


def _pictures(folder: Path, snapshot: Snapshot) -> Tensor:
    try:
        return torch.stack([picture(folder / render.file) for render in snapshot.of_view("classes")])
    except (OSError, RuntimeError) as error:
        raise UserError(f"{folder}: pictures of {snapshot.folder} cannot be read ({error})") from error


def _write_transfer(folder: Path, module: pl.LightningModule, drawn: list[Snapshot], drawing: Drawing) -> None:
    kept = [snapshot for snapshot in drawn if (folder / "checkpoints" / f"{snapshot.folder}.safetensors").is_file()]
    if len(kept) < 2:
        return

    def answers() -> Iterator[Answer]:
        for snapshot in kept:
            module.load_state_dict(_weights(folder, snapshot) or {})
            yield answer_of(module.eval(), drawing.settings["mean"], drawing.settings["std"])

    table = transfer(answers(), [_pictures(folder, snapshot) for snapshot in kept])
    content: dict[str, Any] = {"epochs": [snapshot.epoch for snapshot in kept]}
    content["probabilities"] = [[float(f"{value:.4g}") for value in row] for row in table.tolist()]
    write_json(folder / "evolution" / TRANSFER, finite(content))
