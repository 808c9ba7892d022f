"""Measures afterwards: of pictures and weights that runs have left, put into their records like those of training.

Measures of the network need the weights of each snapshot (`evolution.save_weights`); those of further seeds are drawn
again. Where the weights are kept, `evolution/transfer.json` says what the networks of other epochs make of the
pictures of an epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]

from featevo.app.build import build_classifier, build_data, build_view
from featevo.app.measuring import build_measuring
from featevo.app.paths import CONF
from featevo.app.schemas import TrainConfig, register
from featevo.data.torchvision_source import renamed
from featevo.errors import UserError
from featevo.measure.controls import answer_of
from featevo.measure.measuring import Measured
from featevo.measure.recognition import transfer
from featevo.measure.subject import Answer
from featevo.record.files import finite, write_json
from featevo.record.reading import read_evolution
from featevo.record.schema import Snapshot
from featevo.record.store import RunFolder
from featevo.views.isolation import isolated
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Network

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
    record = RunFolder(folder)
    drawn = [snapshot for snapshot in read_evolution(folder).snapshots if snapshot.of_view()]
    cfg = _configuration(folder, judge, classes)
    pl.seed_everything(cfg.seed, verbose=False)
    data = build_data(cfg)
    module = build_classifier(cfg, data)
    measuring = build_measuring(cfg, data) if cfg.evolution.enabled else None
    if measuring is None:
        raise UserError(f"{folder}: its configuration measures nothing (evolution=off or measures=off)")
    network = Network(module, data.classes, data.image_size, data.num_channels)  # it normalises by itself
    snapshotter = Snapshotter([build_view(cfg, data)], measuring)
    measuring.begin(module, data.image_size, data.num_channels)  # with the weights that training started from
    found: dict[str, Measured] = {}
    stays: dict[str, set[str]] = {}
    for snapshot in drawn:
        with isolated():
            weights = record.weights(snapshot)
            if weights is not None:
                module.load_state_dict(weights)
            measured = snapshotter.measured(network, record.pixels(snapshot), record, weights is not None)
        if "error" in measured.provenance:
            raise UserError(f"{folder}, {snapshot.folder}: cannot be measured ({measured.provenance['error']})")
        found[snapshot.folder] = measured
        stays[snapshot.folder] = measuring.of_network if weights is None else set()
    _put(record, found, stays)
    _write_transfer(record, network, [snapshot for snapshot in drawn if record.weights(snapshot) is not None])
    return len(found)


def _put(record: RunFolder, found: dict[str, Measured], stays: dict[str, set[str]]) -> None:
    def change(snapshot: Snapshot) -> Snapshot | None:
        measured = found.get(snapshot.folder)
        return None if measured is None else measured.put_into(snapshot, stays[snapshot.folder])

    measured = [snapshot for snapshot in record.snapshots() if snapshot.folder in found]
    names = {each.folder: [image.name or str(image.unit) for image in each.of_view()] for each in measured}
    record.update(change, {folder: found[folder].matrices_of(classes) for folder, classes in names.items()})


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


def _write_transfer(record: RunFolder, network: Network, kept: list[Snapshot]) -> None:
    if len(kept) < 2:
        return
    module = network.module

    def answers() -> Iterator[Answer]:
        for snapshot in kept:
            module.load_state_dict(record.weights(snapshot) or {})
            yield answer_of(module.eval(), network.mean, network.std)

    table = transfer(answers(), [record.pixels(snapshot) for snapshot in kept])
    content: dict[str, Any] = {"epochs": [snapshot.epoch for snapshot in kept]}
    content["probabilities"] = [[float(f"{value:.4g}") for value in row] for row in table.tolist()]
    write_json(record.path / "evolution" / TRANSFER, finite(content))
