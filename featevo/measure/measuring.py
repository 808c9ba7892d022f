"""Measuring snapshots during training and afterwards: which measures can be computed, and controls once per run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from featevo.measure.controls import Draw, is_related, kinds_of_control, predictor
from featevo.measure.gate.rungs import CALIBRATION, scenes
from featevo.measure.judge import Judge
from featevo.measure.layer_change import GramsOf
from featevo.measure.needs import Need, needs_of
from featevo.measure.stability import Embedding
from featevo.measure.subject import Embed, Measure, Real, Subject
from featevo.measure.values import Control, Values, controls, evaluate, seed_spread
from featevo.record.files import write_json
from featevo.record.images import as_recorded
from featevo.record.reading import CONTROLS
from featevo.record.safe import read_json
from featevo.record.schema import MAIN_VIEW, Snapshot
from featevo.visualize.checks import height_and_width
from featevo.visualize.network import frozen_eval

Terms = Callable[[Judge | None], Sequence[Measure]]
"""From the judge, or None where there is none, to the measures that can be computed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Measured:
    """What the record takes of a snapshot's measures."""

    values: Values = field(default_factory=Values)
    provenance: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def matrices_of(self, classes: list[str]) -> dict[str, Any]:
        """The content of `confusion.json`: matrices and the names of their rows and columns; empty without matrices."""
        return {"classes": classes, **self.values.matrices} if self.values.matrices else {}

    def put_into(self, snapshot: Snapshot, stays: Container[str] = ()) -> Snapshot:
        """A snapshot with these measures in the place of its own.

        Args:
            snapshot: Its images of the main view were measured, in the order of their units.
            stays: Names of its own measures that stay.
        """
        places = {image.unit: place for place, image in enumerate(snapshot.of_view())}
        images = list(snapshot.images)
        for number, image in enumerate(images):
            if image.view == MAIN_VIEW:
                new = {name: values[places[image.unit]] for name, values in self.values.each.items()}
                images[number] = msgspec.structs.replace(image, measures=_kept(image.measures, stays) | new)
        provenance = {name: value for name, value in snapshot.provenance.items() if name != "measures"}
        return msgspec.structs.replace(
            snapshot,
            images=images,
            measures=_kept(snapshot.measures, stays) | self.values.means,
            measure_seconds=round(self.seconds, 3),
            provenance=provenance | ({"measures": self.provenance} if self.provenance else {}),
        )


def _kept(measures: dict[str, Any], stays: Container[str]) -> dict[str, Any]:
    return {name: value for name, value in measures.items() if name in stays}


class Measuring:
    """Computes measures of each snapshot; see `docs/measures.md`.

    Args:
        terms: Makes the measures from the judge, or from None where there is none.
        real: Gives real images; None: no embedding, no validation confusion, no real control.
        judge: An independent network; None: measures that need one are left out.
        seeds: Further seeds to render per snapshot, for measures that compare seeds; each costs another rendering.
    """

    def __init__(
        self,
        terms: Terms,
        real: Callable[[], Real] | None = None,
        judge: Judge | None = None,
        seeds: int = 0,
    ) -> None:
        if seeds < 0:
            raise ValueError(f"seeds={seeds}: must be at least 0")
        self._terms, self._real_images, self._given_judge, self.seeds = terms, real, judge, seeds
        self._measures: list[Measure] = []
        self._real: Real | None = None
        self._judge: Judge | None = None
        self._embedding: Embedding | None = None
        self._before: Tensor | None = None
        self._about: dict[str, Any] = {}
        self._warned: set[str] = set()
        self._controls: dict[str, dict[str, Control]] | None = None

    def begin(
        self,
        module: nn.Module,
        size: int | tuple[int, int],
        channels: int,
        earlier: Mapping[str, str] | None = None,
        folder: Path | None = None,
        before: Tensor | None = None,
    ) -> None:
        """Decide which measures can be computed, before training changes any weights.

        Args:
            module: The network of the run, with its initial weights.
            size: Side of square images in pixels, or (height, width); a judge takes square images only.
            channels: Of the images.
            earlier: What an earlier part of the same run left out, and why: weights have changed since.
            folder: Of a resumed run: its controls stay; None: the run is new.
            before: The images (K, C, H, W) in 0..1 of the last snapshot of a resumed run, as recorded.
        """
        self._judge = self._embedding = None
        self._before = before
        self._controls = None if folder is None else _recorded_controls(folder)
        self._real = None if self._real_images is None else self._real_images()
        judge, self._about = self._given_judge, {"judge": None, "refused": {}, "seeds": self.seeds}
        height, width = height_and_width(size)
        shape = None if height == width else f"it takes square images, these have {height} x {width} pixels"
        if judge is not None:
            label = f"judge {judge.name}"
            reason = shape or (earlier or {}).get(label) or _why_not(judge, module, channels)
            if reason is None:
                # On drawn scenes: with images of the run, the unit would depend on its seed and classes.
                self._judge = judge.calibrated(scenes(height, CALIBRATION))
                self._about["judge"] = {"name": judge.name, "weights": judge.weights, "layer": judge.layer}
            else:
                self._leave_out(label, reason)
        self._measures = []
        for term in self._terms(self._judge):
            refusal = getattr(term, "refusal", None)
            reason = (earlier or {}).get(term.name)
            if reason is None and refusal is not None:
                reason = refusal(module, channels)
            if reason is None:
                self._measures.append(term)
            else:
                self._leave_out(term.name, reason)

    def _embed(self) -> Embed | None:
        """The judge's embedding, made when first used; None where there is no judge or no real image."""
        judge, real = self._judge, self._real
        if judge is None or real is None:
            return None

        def embed(images: Tensor) -> Tensor:
            self._embedding = self._embedding or Embedding(judge, real.train)
            return self._embedding(images)

        return embed

    def _leave_out(self, what: str, reason: str) -> None:
        self._about["refused"][what] = reason
        log.info("Measures: %s is left out: %s", what, reason)

    def give_up(self, reason: str) -> None:
        """Measure nothing in this run."""
        self._measures, self._about = [], {"error": reason}

    def snapshot(
        self,
        module: nn.Module | None,
        images: Tensor,
        grams: GramsOf | None,
        normalisation: tuple[Sequence[float], Sequence[float]],
        seed: int,
        draw: Draw,
        folder: Path,
    ) -> Measured:
        """Measure a snapshot's images, and the first time controls, which go to `evolution/controls.json`.

        Args:
            module: With the weights of the snapshot; None where they were not kept: measures that need it are left out.
            images: (K, C, H, W) in 0..1, one per class.
            grams: Gram matrices of the module's layers; None without a module.
            normalisation: Mean and standard deviation per channel, as the module expects them.
            seed: Of the images.
            draw: Renders again, through a module and from a seed.
            folder: The run folder.
        """
        began = time.perf_counter()
        others = [] if module is None else [draw(module, seed + 1 + n) for n in range(self.seeds)]
        with nullcontext() if module is None else frozen_eval(module):
            predict = None if module is None else predictor(module, *normalisation)
            subject = Subject(
                images=images,
                predict=predict,
                embed=self._embed(),
                real=self._real,
                answers=None if self._real is None or predict is None else predict(self._real.val),
                grams=grams,
                others=torch.stack(others) if others else None,
                before=self._before,
            )
            values = evaluate(self._measures, subject)
            if self._controls is None:
                kinds = kinds_of_control(self._measures, subject, module, seed, draw, self._real)
                self._controls = controls(self._measures, subject, kinds)
            # Without the network, what is not computed again stays as it was.
            kept = read_json(folder, CONTROLS) if module is None and (folder / CONTROLS).is_file() else {}
            if found := kept | self._refreshed(subject):
                write_json(folder / CONTROLS, found)
        self._before = as_recorded(images)
        for name in values.failed.keys() - self._warned:
            log.warning("Measures: %s failed: %s", name, values.failed[name])
        self._warned |= values.failed.keys()
        about = {**self._about, **({"failed": values.failed} if values.failed else {})}
        return Measured(values, about, time.perf_counter() - began)

    def _refreshed(self, subject: Subject) -> dict[str, dict[str, Control]]:
        """The controls; those of seeds, and of the network on real images, are of this snapshot."""
        later: dict[str, dict[str, Control]] = {}
        if self._real is not None and subject.predict is not None:
            changing = [measure for measure in self._measures if Need.network in needs_of(measure)]
            later = controls(changing, subject, {"real": self._real.controls(len(subject.images))})
        for name, control in seed_spread(self._measures, subject).items():
            later.setdefault(name, {})["seeds"] = control
        once = self._controls or {}
        return {name: {**once.get(name, {}), **later.get(name, {})} for name in dict.fromkeys([*once, *later])}


def _recorded_controls(folder: Path) -> dict[str, dict[str, Control]] | None:
    return read_json(folder, CONTROLS) if (folder / CONTROLS).is_file() else None


def _why_not(judge: Judge, module: nn.Module, channels: int) -> str | None:
    """Why a judge cannot be used for the renders of a network; None where it can."""
    if channels not in (1, 3):
        return f"it takes images of 1 or 3 channels, these have {channels}"
    if is_related(judge.net, module):
        return "the network starts from its weights, so it is not independent; name another by measures.judge=FILE"
    return None
