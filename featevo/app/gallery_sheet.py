"""The same units rendered under every regularizer, in one figure; each render is also a file with its provenance."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig
from PIL import Image

from featevo.app.build import Data, Network, build_data, build_network
from featevo.app.ranges import check_ranges
from featevo.app.schemas import plain, register
from featevo.app.this_job import run_folder
from featevo.data.choose import listed
from featevo.data.names import ImageNetNames
from featevo.errors import UserError
from featevo.figures.blocks import Block, beside, cell, picture, stack, words
from featevo.figures.sheet import save_sheet
from featevo.record.files import slug
from featevo.record.images import save_image, to_uint8
from featevo.record.provenance import config_hash, versions
from featevo.visualize import Channel, ClassLogit, NonFiniteError, Objective, Render, maximize

SMALLEST = 96
"""Least side of an image in the figure, in pixels; smaller ones are enlarged by whole factors."""

DPI, SIZE, GAP = 100, 10.0, 2 * 72 / 100
"""Of the figure: dots per inch; type size and gap between images in points."""

log = logging.getLogger(__name__)

register()


def gallery(cfg: DictConfig) -> Path:
    """Render all units under all regularizers.

    Args:
        cfg: `conf/gallery.yaml` with its groups, composed by Hydra.

    Returns:
        The figure, `gallery.png` in the run folder.

    Raises:
        UserError: When something of the configuration cannot be built.
    """
    folder = run_folder(cfg)
    if not cfg.units or not cfg.regularizers:
        raise UserError("units and regularizers: name at least one of each")
    torch.manual_seed(cfg.seed)  # for layers that are not in the file of weights
    data = build_data(cfg) if cfg.data.source is not None else _names(cfg)
    cfg.units = [_index(unit, data) for unit in cfg.units]
    network = build_network(cfg, data)
    device = _device(cfg.accelerator)
    network.net.to(device)
    columns: dict[str, list[Image.Image]] = {}
    labels: list[str] = []
    for name in cfg.regularizers:
        drawn = list(_drawn(cfg, data, network, str(name)))
        labels = [label for label, _ in drawn]
        columns[str(name)] = [_picture(folder, str(name), label, render, cfg) for label, render in drawn]
        seconds = sum(render.seconds for _, render in drawn)
        log.info("%-10s %d renders in %.1f s", name, len(drawn), seconds)
    return save_sheet(_figure(columns, labels), folder / "gallery.png", "Units under every regularizer", DPI)


def _names(cfg: DictConfig) -> ImageNetNames:
    check_ranges(cfg)
    if cfg.data.num_classes != 1000:
        raise UserError(f"data.num_classes={cfg.data.num_classes}: ImageNet's networks have 1000 classes")
    return ImageNetNames(cfg.data.image_size, cfg.data.channels)


def _index(unit: Any, data: Data) -> int:
    """A unit by its number, or a class by its name."""
    if isinstance(unit, int) and not isinstance(unit, bool):
        return unit
    if isinstance(data, ImageNetNames):
        try:
            return data.find(str(unit))
        except UserError as error:
            raise UserError(str(error).replace("data.classes", "units", 1)) from error
    if unit not in data.classes:
        raise UserError(f"units: no class {unit!r}; there are {listed(data.classes)}")
    return data.classes.index(str(unit))


def _drawn(cfg: DictConfig, data: Data, network: Network, name: str) -> Iterator[tuple[str, Render]]:
    """Label and render of every unit of every layer under one regularizer."""
    units = list(cfg.units)
    objectives: dict[str, Objective]
    try:
        if cfg.layers is None:
            objectives = {"": ClassLogit(units)}
        else:
            objectives = {str(layer): Channel(str(layer), units) for layer in cfg.layers}
        for layer, objective in objectives.items():
            renders = maximize(
                network.net,
                objective,
                image_size=data.image_size,
                channels=data.num_channels,
                mean=network.mean,
                std=network.std,
                steps=cfg.steps,
                step_size=cfg.step_size,
                seed=cfg.seed,
                regularizer=name,
                examples=data.examples,
            )
            for render in renders:
                yield f"{layer}, {render.unit}" if layer else data.classes[render.unit], render
    except (ValueError, NonFiniteError, MemoryError) as error:
        raise UserError(f"{name}: {error}" if "regularizer=" not in str(error) else str(error)) from error


def _picture(folder: Path, name: str, label: str, render: Render, cfg: DictConfig) -> Image.Image:
    """Write the render with its provenance; returns it in RGB."""
    source: dict[str, Any] = {
        **render.settings,
        "unit": render.unit,
        "value": render.value,
        "weights": render.weights,
        "config": config_hash(plain(cfg)),
        "versions": versions(),
    }
    save_image(render.image, folder / "pictures" / slug(name) / f"{slug(label)}.png", source)
    return Image.fromarray(to_uint8(render.image)).convert("RGB")


def _figure(columns: dict[str, list[Image.Image]], labels: list[str]) -> Block:
    """A row per unit, a column per regularizer."""
    side = next(iter(columns.values()))[0].width
    zoom = -(-SMALLEST // side)
    width = side * zoom * 72 / DPI
    names = [words(label, SIZE, width=1.5 * width) for label in labels]
    first = max(name.width for name in names) + SIZE
    heads = [cell(words(name, SIZE, width=width, align="center"), width) for name in columns]
    rows = [beside([cell(words("", SIZE), first), *heads], GAP)]
    for name, tiles in zip(names, zip(*columns.values(), strict=True), strict=True):
        pictures = [picture(tile, zoom, DPI) for tile in tiles]
        rows.append(beside([cell(name, first, "left"), *pictures], GAP, middle=True))
    return stack([rows[0], stack(rows[1:], GAP)], SIZE / 2)


def _device(accelerator: str) -> torch.device:
    known = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if accelerator == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if known[name]))
    if not known.get(accelerator):
        there = ", ".join(name for name, found in known.items() if found)
        raise UserError(f"accelerator={accelerator}: not on this machine; there are auto, {there}")
    return torch.device(accelerator)
