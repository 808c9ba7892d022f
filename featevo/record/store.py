"""The record of one run's evolution: pictures and one line per snapshot, on disk before anyone else hears of it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from safetensors.torch import save_file
from torch import Tensor

from featevo.evolve.moment import Moment
from featevo.measure.measuring import Measured
from featevo.record.files import finite, replacing, write_json, write_text
from featevo.record.reading import INDEX, SCHEMA, in_phase, period_of
from featevo.visualize import Render

TRACE_POINTS = 256
"""Values of an objective's trace that the record keeps: all of them where there are no more."""


CONFUSION = "confusion.json"
"""Beside a snapshot's pictures: the matrices of its measures, class by class."""

CLASSES_KEPT = 100
"""Classes whose probability is kept with a render, the highest first: all of them where there are no more."""


@dataclass(frozen=True)
class Snapshot:
    """One moment with its renders, as written.

    Attributes:
        moment: When it was taken.
        renders: One per class, empty when drawing failed.
        names: Class names, by unit.
        entry: The line in the index.
    """

    moment: Moment
    renders: list[Render]
    names: tuple[str, ...]
    entry: dict[str, Any]


class Record:
    """Writes `evolution/` and the weights of each snapshot under `checkpoints/` of a run folder.

    Args:
        folder: The run folder.
        names: Class names, by unit.
        training: Id of the training, kept in each line; None: none is known.
    """

    def __init__(self, folder: Path, names: tuple[str, ...], training: str | None = None) -> None:
        self.folder = folder
        self.names = names
        self.training = training
        self.index = folder / INDEX

    def write(
        self,
        moment: Moment,
        renders: list[Render],
        provenance: dict[str, Any],
        seconds: float,
        weights: dict[str, Tensor] | None = None,
        measured: Measured | None = None,
        error: str | None = None,
    ) -> Snapshot:
        """Write pictures, then weights, then the line that makes them count.

        Args:
            moment: When the snapshot was taken.
            renders: What was drawn.
            provenance: Where the pictures come from; goes into the index and, with the unit, into each PNG.
            seconds: Time spent drawing.
            weights: The module's state, saved as `checkpoints/epoch=NNN.safetensors`; None saves none.
            measured: What the measures say; their matrices go to `confusion.json` beside the pictures.
            error: Why nothing was drawn.

        Returns:
            The snapshot as recorded.
        """
        measured = measured or Measured()
        name = self._free_name(moment)
        folder = Path("evolution") / name
        entries = []
        for place, render in enumerate(renders):
            file = folder / f"{render.unit:03d}-{slug(self.names[render.unit])}.png"
            source = {**provenance, "epoch": moment.epoch, "step": moment.step, "unit": render.unit}
            save_picture(render.image, self.folder / file, {**source, "name": self.names[render.unit]})
            entries.append(
                {
                    "view": "classes",
                    "unit": render.unit,
                    "name": self.names[render.unit],
                    "file": file.as_posix(),
                    "logit": render.logit,
                    "probability": render.probability,
                    "probabilities": highest(render.probabilities),
                    "stopped": render.stopped,
                    "seed": render.seed,
                    "seconds": round(render.seconds, 4),
                    **thinned(render.trace, period_of(render.settings)),
                    "measures": {name: values[place] for name, values in measured.values.each.items()},
                }
            )
        if measured.values.matrices:
            classes = [self.names[render.unit] for render in renders]
            write_json(self.folder / folder / CONFUSION, finite(measured.matrices_of(classes)))
        if weights is not None:
            with replacing(self.folder / "checkpoints" / f"{name}.safetensors") as temporary:
                # Copies: safetensors refuses tensors that share memory, as tied weights do.
                save_file({key: value.detach().cpu().contiguous().clone() for key, value in weights.items()}, temporary)
        entry = {
            "schema": SCHEMA,
            "epoch": moment.epoch,
            "step": moment.step,
            "trigger": moment.trigger,
            "val_acc": moment.val_acc,
            "val_loss": moment.val_loss,
            "train_loss": moment.train_loss,
            "monitor": moment.monitor,
            "value": moment.value,
            "seconds": round(seconds, 3),
            "folder": name,
            "training": self.training,
            "error": error,
            "provenance": {**provenance, **({"measures": measured.provenance} if measured.provenance else {})},
            "measures": measured.values.means,
            "measure_seconds": round(measured.seconds, 3),
            "renders": entries,
        }
        # The whole index is written anew: a line is either there or not, whatever happens.
        line = json.dumps(finite(entry), ensure_ascii=False, allow_nan=False)
        write_text(self.index, "".join(f"{kept}\n" for kept in [*self.lines(), line]))
        return Snapshot(moment, renders, self.names, entry)

    def refused(self) -> dict[str, str]:
        """What an earlier part of the run refused to measure by, and why."""
        entries = [json.loads(line) for line in self.lines()]
        measures = [(entry.get("provenance") or {}).get("measures") or {} for entry in entries]
        return {name: reason for known in measures for name, reason in (known.get("refused") or {}).items()}

    def lines(self) -> list[str]:
        """The index so far."""
        # Not splitlines, which also cuts at separators that JSON leaves as they are in a class name.
        return self.index.read_text(encoding="utf-8").split("\n")[:-1] if self.index.is_file() else []

    def _free_name(self, moment: Moment) -> str:
        # Two validations within one epoch give two snapshots of it; a resumed fit may even repeat a step.
        taken = {json.loads(line)["folder"] for line in self.lines()}
        epoch, step = f"epoch={moment.epoch:03d}", f"-step={moment.step:07d}"
        names = chain([epoch, epoch + step], (f"{epoch}{step}-{number}" for number in count(2)))
        return next(name for name in names if name not in taken)


def to_uint8(image: Tensor) -> np.ndarray:
    """A picture (C, H, W) in 0..1 as uint8, the only place that rounds floats.

    Three channels become (H, W, 3), one (H, W). Any other number, which no picture file has, becomes a square of grey
    planes, row by row, as many a side as hold them all; what is over stays black.
    """
    pixels = (image.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    if len(pixels) == 3:
        return pixels.transpose(1, 2, 0)
    side = math.ceil(math.sqrt(len(pixels)))
    planes = np.zeros((side * side, *pixels.shape[1:]), np.uint8)
    planes[: len(pixels)] = pixels
    return np.block([list(planes[row * side : (row + 1) * side]) for row in range(side)])


def save_picture(image: Tensor, path: Path, source: dict[str, Any]) -> None:
    """Write a lossless PNG that carries where it came from in its text chunk "featevo"."""
    info = PngInfo()
    info.add_itxt("featevo", json.dumps(finite(source), ensure_ascii=False, sort_keys=True, allow_nan=False))
    with replacing(path) as temporary:
        Image.fromarray(to_uint8(image)).save(temporary, format="PNG", pnginfo=info)


def slug(name: str) -> str:
    """A class name as part of a file name: letters, digits and dashes, at most 60 characters."""
    return re.sub(r"[\W_]+", "-", name).strip("-")[:60] or "class"


def highest(probabilities: Tensor | None, most: int = CLASSES_KEPT) -> dict[str, float]:
    """The highest of (classes,) probabilities by class index, highest first, four significant digits each."""
    if probabilities is None:
        return {}
    values, units = probabilities.topk(min(most, len(probabilities)))
    return {str(unit): float(f"{value:.4g}") for unit, value in zip(units.tolist(), values.tolist(), strict=True)}


def thinned(trace: tuple[float, ...], period: int = 1, most: int = TRACE_POINTS) -> dict[str, Any]:
    """A trace as the record has it: `trace`, six significant digits each, of how many values, and every how manyth."""
    every, places = in_phase(len(trace), most, period)
    return {"trace": [float(f"{trace[i]:.6g}") for i in places], "trace_of": len(trace), "trace_every": every}
