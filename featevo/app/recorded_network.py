"""The network and data of a run, built again from its folder, with the weights of any of its snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytorch_lightning as pl
from omegaconf import DictConfig
from torch import Tensor

from featevo.app.build import build_classifier, build_data
from featevo.app.recorded_configuration import FILE, recorded_configuration
from featevo.app.schemas import register
from featevo.app.trust import check_targets
from featevo.data.module import ImageDataModule
from featevo.errors import UserError
from featevo.model.classifier import Classifier
from featevo.record.schema import Snapshot
from featevo.record.store import RunFolder
from featevo.views.view import Network

register()  # the resolvers that configurations use


class RecordedNetwork:
    """The network of a run.

    Args:
        folder: The run folder.
        trusted: Whether its configuration may build anything, see `featevo.app.trust`.
        change: Changes the configuration before anything is built; it is not checked for trust.

    Attributes:
        record: Of the run.
        cfg: Its configuration, changed.
        data: Its images.
        module: Its network, with the weights that training began with until `load`.

    Raises:
        UserError: When the folder holds no run, or its network or data cannot be built again, or may not be.
    """

    def __init__(self, folder: Path, trusted: bool, change: Callable[[DictConfig], DictConfig]) -> None:
        self.record = RunFolder(folder)
        cfg = recorded_configuration(folder, without=("trainer", "logger"))  # they are not built here
        check_targets(cfg, str(folder / FILE), trusted)
        self.cfg = change(cfg)
        pl.seed_everything(self.cfg.seed, verbose=False)
        self.data: ImageDataModule = build_data(self.cfg)
        self.module: Classifier = build_classifier(self.cfg, self.data)

    @property
    def network(self) -> Network:
        """As the callback has it: the module normalises by itself."""
        return Network(self.module, self.data.classes, self.data.image_size, self.data.num_channels)

    def load(self, snapshot: Snapshot) -> bool:
        """Load the weights of a snapshot; returns whether they were kept.

        Raises:
            UserError: When they cannot be read, or do not fit.
        """
        weights = self.record.weights(snapshot)
        if weights is None:
            return False
        self.put(weights, self.record.path / snapshot.weights_file)
        return True

    def put(self, weights: Mapping[str, Tensor], file: Path) -> None:
        """Give the network the weights of a file; raises `UserError` with its name when they do not fit."""
        try:
            self.module.load_state_dict(weights)
        except RuntimeError as error:  # of another network
            reason = " ".join(str(error).split())[:200]
            raise UserError(f"{file} does not fit the network of the run ({reason})") from error
