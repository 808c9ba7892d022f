"""Measures of finished runs, from their images and weights, put into their records as during training.

Measures that need the network need the weights of each snapshot (`evolution.save_weights`); further seeds are rendered
again. Where the weights are kept, `evolution/transfer.json` has the probabilities that the network of each epoch gives
to the renders of each epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from featevo.app.build_evolution import build_views
from featevo.app.build_measuring import build_measuring
from featevo.app.paths import CONF
from featevo.app.recorded_network import RecordedNetwork
from featevo.errors import UserError
from featevo.measure.controls import predictor
from featevo.measure.measuring import Measured
from featevo.measure.subject import Predict
from featevo.measure.transfer import transfer
from featevo.record.files import write_json
from featevo.record.reading import CONTROLS, TRANSFER, read_evolution
from featevo.record.safe import inside
from featevo.record.schema import Snapshot
from featevo.record.store import RunFolder
from featevo.record.withheld import is_withheld
from featevo.views.isolation import isolated
from featevo.views.snapshotter import Snapshotter


def remeasure(folder: Path, judge: str | None = None, trusted: bool = False) -> int:
    """Measure every snapshot of a run again. Measures that need weights that were not kept, and removed ones, stay.

    Args:
        folder: A run folder with its configuration in `.hydra/`.
        judge: A file with a VGG's convolutions, instead of the configured judge; it also gives the effective rank.
        trusted: Whether its configuration may build anything, see `featevo.app.trust`.

    Returns:
        The number of snapshots measured.

    Raises:
        UserError: When the folder holds no run, or its network or data cannot be built again, or may not be.
    """
    record = RunFolder(folder)
    drawn = [snapshot for snapshot in read_evolution(folder).snapshots if snapshot.of_view()]
    for file in (CONTROLS, TRANSFER, *(snapshot.matrices_file for snapshot in drawn)):
        inside(folder, file)  # they are written below
    run = RecordedNetwork(folder, trusted, partial(_with_judge, judge=judge))
    cfg, data, module, network = run.cfg, run.data, run.module, run.network
    measuring = build_measuring(cfg.measures, data) if cfg.evolution.enabled else None
    if measuring is None:
        raise UserError(f"{folder}: its configuration measures nothing (evolution=off or measures=off)")
    snapshotter = Snapshotter(build_views(cfg, data), measuring, raises=True)
    measuring.begin(module, data.image_size, data.num_channels)  # with the weights that training started from
    found: dict[str, Measured] = {}
    with_weights: list[Snapshot] = []
    for snapshot in drawn:
        with isolated():
            is_at_hand = run.load(snapshot)
            with_weights += [snapshot] * is_at_hand
            pixels = record.pixels(snapshot)
            try:
                found[snapshot.folder] = snapshotter.measured(network, pixels, record, is_at_hand)
            except Exception as error:  # of a measure that the configuration names
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                raise UserError(f"{folder}, {snapshot.folder}: cannot be measured ({reason})") from error
    fresh, of_network = {snapshot.folder for snapshot in with_weights}, measuring.of_network

    def change(snapshot: Snapshot) -> Snapshot | None:
        measured = found.get(snapshot.folder)
        names = {*snapshot.measures, *(name for image in snapshot.images for name in image.measures)}
        stays = {name for name in names if is_withheld(name)} | (set() if snapshot.folder in fresh else of_network)
        return None if measured is None else measured.put_into(snapshot, stays)

    names = {each.folder: [image.name or str(image.unit) for image in each.of_view()] for each in drawn}
    record.update(change, {folder: found[folder].matrices_of(classes) for folder, classes in names.items()})
    if len(with_weights) > 1:
        _write_transfer(run, with_weights)
    return len(found)


def _with_judge(cfg: DictConfig, judge: str | None) -> DictConfig:
    if judge is not None:
        cfg.measures.judge = judge
        terms, judged = cfg.measures.terms, OmegaConf.load(CONF / "measures" / "judged.yaml").terms
        terms.update({name: spec for name, spec in judged.items() if terms.get(name) is None})
    return cfg


def _write_transfer(run: RecordedNetwork, snapshots: list[Snapshot]) -> None:
    network, record = run.network, run.record

    def networks() -> Iterator[Predict]:
        for snapshot in snapshots:
            run.load(snapshot)
            yield predictor(run.module.eval(), network.mean, network.std)

    table = transfer(networks(), [record.pixels(snapshot) for snapshot in snapshots])
    content: dict[str, Any] = {"epochs": [snapshot.epoch for snapshot in snapshots]}
    content["probabilities"] = [[float(f"{value:.4g}") for value in row] for row in table.tolist()]
    write_json(record.path / TRANSFER, content)
