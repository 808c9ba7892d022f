"""From configuration to parts. Each function builds one, or raises one line about what cannot be built."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from omegaconf import DictConfig

from featevo.app.build_augmentation import build_augmentation
from featevo.app.instantiate import build
from featevo.app.ranges import check_ranges
from featevo.app.schemas import plain
from featevo.data.module import ImageDataModule
from featevo.data.names import ImageNetNames
from featevo.errors import UserError
from featevo.model.classifier import Classifier
from featevo.model.init import initialise
from featevo.model.init_report import InitReport
from featevo.model.origins import origin
from featevo.model.shapes import logits_shape, smallest_size, takes

Data = ImageDataModule | ImageNetNames
"""What a network needs to know of images: channels, size, and classes."""


def build_data(cfg: DictConfig) -> ImageDataModule:
    """The data module with its images loaded, so that errors in numbers of the configuration and in images come first.

    Raises:
        UserError: When a number is out of range, or images cannot be read.
    """
    check_ranges(cfg)
    data = cfg.data
    if data.source is None:
        raise UserError(f"data={data.name}: has no images; it is for python -m featevo.gallery")
    source = build(data.source, "data.source")
    numbers = (data.batch_size, data.num_workers, cfg.seed, data.cache_gb, data.wrong_labels)
    module = ImageDataModule(source, *numbers)
    module.setup()
    return module


@dataclass(frozen=True)
class Network:
    """A network with its initial weights.

    Attributes:
        net: From normalised images to logits.
        mean: Per channel: subtracted from images in 0..1.
        std: Per channel: divides them after that.
        report: Where its weights come from; None where nothing was loaded.
    """

    net: torch.nn.Module
    mean: list[float]
    std: list[float]
    report: InitReport | None


def build_network(cfg: DictConfig, data: Data) -> Network:
    """The network with its initial weights; it takes the configured images."""
    # Normalisation follows the weights: as it was when they were trained.
    init = plain(cfg)["init"]
    mean, std = (init.pop(name) or list(cfg.data[name]) for name in ("mean", "std"))
    _check_channels(cfg, data.num_channels, mean, std)
    net = build(cfg.model, "model", num_classes=data.num_classes)
    if init["name"] != "random" and init["weights"] is None:  # published weights
        mean, std = map(list, getattr(net, "normalisation", (mean, std)))
    if "optimizer" in cfg:
        build(
            cfg.optimizer, "optimizer", params=list(net.parameters())
        )  # so that its mistakes are reported before training
    _check_output(net, data)
    known = origin(net, str(cfg.model.get("_target_")))
    report = initialise(net, **init, origin=known)
    return Network(net, mean, std, report)


def build_classifier(cfg: DictConfig, data: ImageDataModule) -> Classifier:
    """The network in a LightningModule."""
    network = build_network(cfg, data)
    optimizer, scheduler = partial(_optimizer, cfg.optimizer), partial(_scheduler, cfg.scheduler)
    # So that mistakes are reported before training. A scheduler changes its optimizer: this one is not used again.
    scheduler(optimizer(network.net.parameters()))
    augmentation = build_augmentation(cfg.augmentation, data.num_channels, data.image_size)
    perturbation = build(cfg.robustness or None, "robustness")
    return Classifier(
        network.net,
        data.num_classes,
        optimizer,
        network.mean,
        network.std,
        network.report,
        perturbation,
        augmentation,
        scheduler,
    )


def _check_channels(cfg: DictConfig, channels: int, mean: list[float], std: list[float]) -> None:
    if cfg.data.channels != channels:
        raise UserError(f"data.channels={cfg.data.channels}: the images of this data have {channels}")
    if "in_channels" in cfg.model and cfg.model.in_channels != channels:
        raise UserError(
            f"model.in_channels={cfg.model.in_channels}: the images have {channels} channels (data.channels)"
        )
    if len(mean) != len(std) or len(mean) not in (1, channels):
        allowed = "one number each" if channels == 1 else f"{channels} numbers each, or one"
        key = "init" if cfg.init.mean or cfg.init.std else "data"
        if key == "init" and cfg.init.name != "random" and cfg.init.weights is None:
            raise UserError(
                f"init={cfg.init.name}: these weights are for images of {len(mean)} channels, the data has {channels}; "
                f"use data.channels={len(mean)}, which repeats grey images, or init=random"
            )
        numbers = f"{len(mean)} and {len(std)} numbers for {channels} channels"
        raise UserError(f"{key}.mean, {key}.std: {numbers}; give {allowed}")


def _check_output(net: torch.nn.Module, data: Data) -> None:
    size, channels = data.image_size, data.num_channels
    shape = logits_shape(net, channels, size)
    if shape is None:
        if channels != 3 and takes(net, 3, size):
            raise UserError(f"model: this network takes images of 3 channels, the data has {channels}")
        smallest = smallest_size(net, channels)
        hint = f"it needs at least {smallest}" if smallest is not None and smallest > size else "try another size"
        raise UserError(f"data.image_size={size}: this network cannot take images of {size} x {size} pixels; {hint}")
    if shape != (1, data.num_classes):
        found = f"of shape {shape[1:]}" if shape else "that are not a tensor"
        raise UserError(
            f"model: outputs logits {found} for an image, the data has {data.num_classes} classes; "
            "the network that _target_ names must use num_classes"
        )


def _scheduler(spec: DictConfig, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler | None:
    if not spec:
        return None
    if "_target_" not in spec:
        raise UserError(f"scheduler={spec}: must name a class of torch.optim.lr_scheduler as _target_, or be empty")
    scheduler = build(spec, "scheduler", optimizer=optimizer)
    if not isinstance(scheduler, torch.optim.lr_scheduler.LRScheduler):
        raise UserError(f"scheduler: {type(scheduler).__name__} is no scheduler of torch.optim.lr_scheduler")
    if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
        raise UserError("scheduler: ReduceLROnPlateau needs a metric in each step; use one that counts epochs")
    return scheduler


def _optimizer(spec: DictConfig, parameters: Any) -> torch.optim.Optimizer:
    return build(spec, "optimizer", params=list(parameters))
