"""Measuring snapshots while training goes on: who judges, what is asked, and controls once per run."""

from __future__ import annotations

import json
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

from featevo.measure.controls import Draw, Real, answer_of, is_related, kinds_of_control, one_of_each
from featevo.measure.evaluate import Control, Values, controls, evaluate, seed_spread
from featevo.measure.judge import Judge
from featevo.measure.ladder import CALIBRATION
from featevo.measure.needs import Need, needs_of
from featevo.measure.probe import Probe
from featevo.measure.rungs import scenes
from featevo.measure.subject import Answer, Measure, OfPictures, Subject
from featevo.record.files import finite, write_json
from featevo.record.schema import Snapshot
from featevo.visualize.network import frozen_eval

CONTROLS = "controls.json"
"""In `evolution/`: by measure and kind of picture, mean, standard deviation and number."""

Terms = Callable[[Judge | None], Sequence[Measure]]
"""From the judge, or None where nobody may judge, to the measures that can be asked."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Measured:
    """What the record takes of a snapshot's measures."""

    values: Values = field(default_factory=Values)
    provenance: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def matrices_of(self, classes: list[str]) -> dict[str, Any]:
        """What `confusion.json` says: the matrices, the names of their rows and columns; nothing without matrices."""
        if not self.values.matrices:
            return {}
        judge = self.provenance.get("judge")
        columns = {"judge_classes": judge["classes"]} if judge and "judge" in self.values.matrices else {}
        return {"classes": classes, **columns, **self.values.matrices}

    def put_into(self, snapshot: Snapshot, stays: Container[str] = ()) -> Snapshot:
        """A snapshot with these measures in the place of its own.

        Args:
            snapshot: Its images of the main view were measured, in the order of their units.
            stays: Names of its own measures that stay.
        """
        images = list(snapshot.images)
        for place, image in enumerate(snapshot.of_view()):
            new = {name: values[place] for name, values in self.values.each.items()}
            images[images.index(image)] = msgspec.structs.replace(image, measures=_kept(image.measures, stays) | new)
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


def _partial(judge: Judge, module: nn.Module, channels: int) -> str | None:
    """Why a judge may not look at what a network draws; None where it may."""
    if channels not in (1, 3):
        return f"it sees pictures of 1 or 3 channels, these have {channels}"
    if is_related(judge, module):
        return "the network starts from its weights, and nobody judges himself; name another by measures.judge=FILE"
    return None


class Measuring:
    """Asks measures about each snapshot; see `docs/measures.md`.

    Args:
        terms: Makes the measures from the judge, or from None where there is none that may judge.
        real: Gives real pictures; None: no judge, no validation confusion, no real control.
        judge: Took no part in what is drawn; None: nobody judges.
        seeds: Further seeds drawn per snapshot, for stability and for agreement; each costs another drawing.
        lessons: What the judge learns its classes from, once a measure asks it for any: the run's classes first, then
            others that it may take a picture for; None: the real pictures.
    """

    def __init__(
        self,
        terms: Terms,
        real: Callable[[], Real] | None = None,
        judge: Judge | None = None,
        seeds: int = 0,
        lessons: Real | None = None,
    ) -> None:
        if seeds < 0:
            raise ValueError(f"seeds={seeds}: must be at least 0")
        self._terms, self._real, self._judge, self.seeds = terms, real, judge, seeds
        self._lessons = lessons
        self._measures: list[Measure] = []
        self._pictures: Real | None = None
        self._seeing: Judge | None = None
        self._probe: Probe | None = None
        self._is_taught = False
        self._before: Tensor | None = None
        self._about: dict[str, Any] = {}
        self._warned: set[str] = set()
        self._known: dict[str, dict[str, Control]] | None = None

    def begin(self, module: nn.Module, size: int, channels: int, earlier: Mapping[str, str] | None = None) -> None:
        """Decide who may judge and which measures may be asked, before training changes any weights.

        Args:
            module: That will be drawn, with its initial weights.
            size: Side of the pictures in pixels.
            channels: Of the pictures.
            earlier: Whom an earlier part of the same run refused, and why: weights have changed since.
        """
        self._before = self._seeing = self._probe = self._known = None
        self._is_taught = False
        self._pictures = None if self._real is None else self._real()
        judge, self._about = self._judge, {"judge": None, "refused": {}, "seeds": self.seeds}
        if judge is not None:
            label = f"judge {judge.name}"
            refusal = (earlier or {}).get(label) or _partial(judge, module, channels)
            if refusal is None:
                # On the ladder's own scenes: pictures of the run would change the unit with its seed and its classes.
                self._seeing = judge.calibrated(scenes(size, CALIBRATION))
                self._about["judge"] = {"name": judge.name, "weights": judge.weights, "layer": judge.layer}
            else:
                self._refuse(label, refusal)
        self._measures = []
        for term in self._terms(self._seeing):
            refusal = term.refusal(size, channels) if isinstance(term, OfPictures) else None
            if refusal is None:
                self._measures.append(term)
            else:
                self._refuse(term.name, refusal)

    def _taught(self) -> Probe | None:
        """The judge that knows the classes, taught when the first measure asks it; None where it cannot be."""
        lessons = self._lessons or self._pictures
        if self._is_taught or self._seeing is None or lessons is None:
            return self._probe
        self._is_taught = True
        probe = Probe(self._seeing, lessons.train, lessons.train_labels, lessons.classes)
        probe.test(lessons.val, lessons.val_labels)
        if probe.refusal is None:
            self._probe = probe
            self._about["judge"] |= {"accuracy": probe.accuracy, "classes": list(probe.classes)}
        else:
            self._refuse(f"what judge {probe.judge.name} says of classes", probe.refusal)
        return self._probe

    def _refuse(self, what: str, reason: str) -> None:
        self._about["refused"][what] = reason
        log.info("Measures: %s is left out: %s", what, reason)

    def give_up(self, reason: str) -> None:
        """Measure nothing in this run."""
        self._measures, self._about = [], {"error": reason}

    @property
    def of_network(self) -> set[str]:
        """Names of the measures that cannot be computed without the network that drew the images."""
        return {measure.name for measure in self._measures if Need.network in needs_of(measure)}

    def snapshot(
        self,
        module: nn.Module | None,
        pictures: Tensor,
        normalisation: tuple[Sequence[float], Sequence[float]],
        seed: int,
        draw: Draw,
        folder: Path,
    ) -> Measured:
        """Measure a snapshot's images, and the first time controls, which go to `evolution/controls.json`.

        Args:
            module: As it drew them; None where its weights were not kept: then without what needs it.
            pictures: (K, C, H, W) in 0..1, one per class.
            normalisation: Mean and standard deviation per channel, as the module expects them.
            seed: Of the images.
            draw: Draws again, through a module and from a seed.
            folder: The run folder.
        """
        began = time.perf_counter()
        others = [] if module is None else [draw(module, seed + 1 + n) for n in range(self.seeds)]
        with nullcontext() if module is None else frozen_eval(module):
            answer = None if module is None else answer_of(module, *normalisation)
            subject = Subject(
                pictures=pictures,
                answer=answer,
                taught=self._taught,
                validation=self._confusion(answer, len(pictures)),
                others=torch.stack(others) if others else None,
                before=self._before,
            )
            values = evaluate(self._measures, subject)
            if self._known is None:
                kinds = kinds_of_control(subject, module, seed, draw, self._pictures)
                self._known = controls(self._measures, subject, kinds)
            path = folder / "evolution" / CONTROLS
            # Without a network, what one said before stays.
            before = json.loads(path.read_text(encoding="utf-8")) if module is None and path.is_file() else {}
            kept = {name: control for name, control in before.items() if name in self.of_network}
            if found := kept | self._refreshed(subject):
                write_json(path, finite(found))
        self._before = pictures
        for name in values.failed.keys() - self._warned:
            log.warning("Measures: %s failed: %s", name, values.failed[name])
        self._warned |= values.failed.keys()
        about = {**self._about, **({"failed": values.failed} if values.failed else {})}
        return Measured(values, about, time.perf_counter() - began)

    def _refreshed(self, subject: Subject) -> dict[str, dict[str, Control]]:
        """The controls, those of seeds and of what this network itself says as of this snapshot."""
        later: dict[str, dict[str, Control]] = {}
        if self._pictures is not None and subject.answer is not None:
            changing = [measure for measure in self._measures if Need.network in needs_of(measure)]
            later = controls(changing, subject, {"real": one_of_each(self._pictures, len(subject.pictures))})
        for name, control in seed_spread(self._measures, subject).items():
            later.setdefault(name, {})["seeds"] = control
        known = self._known or {}
        return {name: {**known.get(name, {}), **later.get(name, {})} for name in dict.fromkeys([*known, *later])}

    def _confusion(self, answer: Answer | None, classes: int) -> Tensor | None:
        if self._pictures is None or answer is None:
            return None
        said = answer(self._pictures.val).argmax(1)
        cells = self._pictures.val_labels * classes + said
        return cells.bincount(minlength=classes * classes).view(classes, classes)
