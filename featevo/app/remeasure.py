"""Measures of finished runs, from their images and weights, put into their records as during training.

Measures that need the network need the weights of each snapshot (`evolution.save_weights`); further seeds are rendered
again. Where the weights are kept, `evolution/transfer.json` has the probabilities that the network of each epoch gives
to the renders of each epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig

from featevo.app.build_evolution import build_views
from featevo.app.build_measuring import build_measuring
from featevo.app.paths import CONF
from featevo.app.recorded_network import RecordedNetwork
from featevo.app.schemas import register
from featevo.errors import UserError
from featevo.measure.controls import predictor
from featevo.measure.likeness import Likeness
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
from featevo.views.snapshotter import Snapshotter, grams_of


@dataclass(frozen=True)
class Instead:
    """What is measured instead of what the run's configuration says; None: as configured.

    Attributes:
        bundle: A name in `conf/measures`.
        vgg16: A file with the convolutions of VGG-16, for `likeness/vgg16`.
        judge: A file with a VGG's convolutions, for the drift.
    """

    bundle: str | None = None
    vgg16: str | None = None
    judge: str | None = None


def remeasure(folder: Path, instead: Instead = Instead(), trusted: bool = False) -> int:
    """Measure every snapshot of a run again. Without its weights, what is not measured again stays.

    Args:
        folder: A run folder with its configuration in `.hydra/`.
        instead: Changes of the configured measures.
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
    run = RecordedNetwork(folder, trusted, partial(_changed, instead=instead))
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
                grams = grams_of(network) if is_at_hand else None
                found[snapshot.folder] = snapshotter.measured(network, pixels, record, grams)
            except Exception as error:  # of a measure that the configuration names
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                raise UserError(f"{folder}, {snapshot.folder}: cannot be measured ({reason})") from error
    fresh = {snapshot.folder for snapshot in with_weights}

    def change(snapshot: Snapshot) -> Snapshot | None:
        measured = found.get(snapshot.folder)
        names = {*snapshot.measures, *(name for image in snapshot.images for name in image.measures)}
        stays = {name for name in names if is_withheld(name) or snapshot.folder not in fresh}
        return None if measured is None else measured.put_into(snapshot, stays)

    names = {each.folder: [image.name or str(image.unit) for image in each.of_view()] for each in drawn}
    record.update(change, {folder: found[folder].matrices_of(classes) for folder, classes in names.items()})
    if len(with_weights) > 1:
        _write_transfer(run, with_weights)
    return len(found)


def _changed(cfg: DictConfig, instead: Instead) -> DictConfig:
    if instead.bundle is not None:
        register()
        with initialize_config_dir(str(CONF), version_base="1.3"):
            try:
                cfg.measures = compose("train", [f"measures={instead.bundle}"]).measures
            except HydraException as error:
                names = ", ".join(sorted(path.stem for path in (CONF / "measures").glob("*.yaml")))
                raise UserError(f"--measures {instead.bundle}: allowed are {names}") from error
    if instead.vgg16 is not None:
        cfg.measures.terms["likeness_vgg16"] = {
            "_target_": f"{Likeness.__module__}.{Likeness.__name__}",
            "viewer": "vgg16",
            "weights": instead.vgg16,
        }
    if instead.judge is not None:
        cfg.measures.judge = instead.judge
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
