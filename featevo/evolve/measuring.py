"""Measuring snapshots while training goes on: who judges, what is asked, and controls once per run."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from featevo.measure.evaluate import Control, Values, controls, evaluate, seed_spread
from featevo.measure.judge import Judge
from featevo.measure.ladder import examined
from featevo.measure.probe import Probe, coloured
from featevo.measure.subject import Measure, OfPictures, Subject
from featevo.record.files import finite, write_json
from featevo.visualize import Render
from featevo.visualize.guard import evaluated
from featevo.visualize.normal import normalised, weights_dtype
from featevo.visualize.streams import stream

CHUNK = 64  # pictures shown to the network at once
RUNG = 4
"""Pictures on each rung of the ladder that a measure of complexity must pass before it is asked."""

SETS = 4
"""Pictures of each class, or of noise, that a control's values are taken over."""

COMPLEXITY = "complexity/"
"""The family whose measures look at pictures alone and must pass the ladder."""

CONTROLS = "controls.json"
"""In `evolution/`: by measure and kind of picture, mean, standard deviation and number."""

Terms = Callable[[Judge | None], Sequence[Measure]]
Draw = Callable[[nn.Module, int], list[Render]]
"""From a network and a seed to one render per class."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Real:
    """Labelled real pictures (N, C, H, W), float32 in 0..1, their classes (N,), and the classes' names."""

    train: Tensor
    train_labels: Tensor
    val: Tensor
    val_labels: Tensor
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """What the record takes of a snapshot's measures."""

    values: Values = field(default_factory=Values)
    provenance: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Measuring:
    """Asks measures about each snapshot; see `docs/measures.md`.

    Args:
        terms: Makes the measures from the judge, or from None where there is none that may judge.
        real: Gives real pictures; None: no judge, no validation confusion, no real control.
        judge: Took no part in what is drawn; None: nobody judges.
        seeds: Further seeds drawn per snapshot, for stability and for agreement; each costs another drawing.
        lessons: What the judge learns its classes from, the run's classes first, then others that it may take a picture
            for; None: the real pictures.
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
        self._probe: Probe | None = None
        self._before: Tensor | None = None
        self._about: dict[str, Any] = {}
        self._known: dict[str, dict[str, Control]] | None = None

    def begin(self, module: nn.Module, size: int, channels: int, earlier: dict[str, Any] | None = None) -> None:
        """Decide who may judge and which measures may be asked, before training changes any weights.

        Args:
            module: That will be drawn, with its initial weights.
            size: Side of the pictures in pixels.
            channels: Of the pictures.
            earlier: What an earlier part of the same run decided, from its record: weights have changed since.
        """
        self._before = self._probe = self._known = None
        self._pictures = None if self._real is None else self._real()
        judge, self._about = self._judge, {"judge": None, "refused": {}, "seeds": self.seeds}
        if judge is not None:
            label = f"judge {judge.name}"
            refusal = (earlier or {}).get("refused", {}).get(label) or self._appoint(judge, module, channels)
            known = {"name": judge.name, "weights": judge.weights, "layer": judge.layer}
            if self._probe is None:
                self._refuse(label, refusal or "")
            else:
                self._about["judge"] = known | {"accuracy": self._probe.accuracy, "classes": list(self._probe.classes)}
        self._measures = []
        seeing = None if self._probe is None else self._probe.judge
        for term in self._terms(seeing):
            if isinstance(term, OfPictures):
                verdict = examined(term.measure, size, RUNG)
                if not verdict.accepted:
                    self._refuse(term.name, f"at {size} pixels {verdict.reason}")
                    continue
            self._measures.append(term)

    def _appoint(self, judge: Judge, module: nn.Module, channels: int) -> str | None:
        lessons = self._lessons or self._pictures
        if lessons is None:
            return "there are no real pictures to teach it the classes"
        if channels not in (1, 3):
            return f"it sees pictures of 1 or 3 channels, these have {channels}"
        if is_related(judge, module):
            return "the network starts from its weights, and nobody judges himself; name another by measures.judge=FILE"
        probe = Probe(judge.calibrated(coloured(lessons.val)), lessons.train, lessons.train_labels, lessons.classes)
        probe.test(lessons.val, lessons.val_labels)
        if probe.refusal is None:
            self._probe = probe
        return probe.refusal

    def _refuse(self, what: str, reason: str) -> None:
        self._about["refused"][what] = reason
        log.info("Measures: %s is left out: %s", what, reason)

    def give_up(self, reason: str) -> None:
        """Measure nothing in this run."""
        self._measures, self._about = [], {"error": reason}

    def snapshot(
        self, module: nn.Module, renders: Sequence[Render], settings: dict[str, Any], draw: Draw, folder: Path
    ) -> Measured:
        """Measure a snapshot's renders, and the first time controls, which go to `evolution/controls.json`.

        Args:
            module: As it drew them.
            renders: One per class.
            settings: Of `maximize`: mean and std, the seed.
            draw: Draws again, from other seeds or through another network.
            folder: The run folder.
        """
        began = time.perf_counter()
        pictures = torch.stack([render.image for render in renders])
        others = [images(draw(module, settings["seed"] + 1 + n)) for n in range(self.seeds)]
        with evaluated(module):
            answer = answer_of(module, settings["mean"], settings["std"])
            subject = Subject(
                pictures=pictures,
                answer=answer,
                judge=self._probe,
                validation=self._confusion(answer, len(pictures)),
                others=torch.stack(others) if others else None,
                before=self._before,
            )
            values = evaluate(self._measures, subject)
            if self._known is None:
                self._known = self._controls(subject, module, settings, draw)
            # Those of the seeds follow training: they are of this snapshot.
            spread = {name: {"seeds": control} for name, control in seed_spread(self._measures, subject).items()}
            names = dict.fromkeys([*self._known, *spread])
            found = {name: {**self._known.get(name, {}), **spread.get(name, {})} for name in names}
            write_json(folder / "evolution" / CONTROLS, finite(found))
        self._before = pictures
        return Measured(values, self._about, time.perf_counter() - began)

    def _confusion(self, answer: Callable[[Tensor], Tensor], classes: int) -> Tensor | None:
        if self._pictures is None:
            return None
        said = answer(self._pictures.val).argmax(1)
        cells = self._pictures.val_labels * classes + said
        return cells.bincount(minlength=classes * classes).view(classes, classes)

    def _controls(
        self, subject: Subject, module: nn.Module, settings: dict[str, Any], draw: Draw
    ) -> dict[str, dict[str, Control]]:
        shape = subject.pictures.shape
        generator = stream(settings["seed"], len(subject.pictures))
        kinds = {
            "noise": [torch.rand(shape, generator=generator) for _ in range(SETS)],
            "start": [(0.5 + 0.05 * torch.randn(shape, generator=generator)).clamp(0, 1) for _ in range(SETS)],
            "untrained": [images(draw(untrained(module, settings["seed"]), settings["seed"]))],
        }
        if self._pictures is not None:
            kinds["real"] = _one_of_each(self._pictures, len(subject.pictures))
        return controls(self._measures, subject, kinds)


def answer_of(module: nn.Module, mean: Sequence[float], std: Sequence[float]) -> Callable[[Tensor], Tensor]:
    """What a classifier answers to pictures in 0..1: probabilities (B, K), float32 on the CPU."""
    first = next(module.parameters(), torch.zeros(()))
    dtype = weights_dtype(module)

    def answer(pictures: Tensor) -> Tensor:
        with torch.no_grad():
            parts = [normalised(part.to(first.device), mean, std, dtype) for part in pictures.split(CHUNK)]
            return torch.cat([module(part).float().softmax(1).cpu() for part in parts])

    return answer


def untrained(module: nn.Module, seed: int) -> nn.Module:
    """A copy with fresh random weights: He et al. 2015 for convolutions and linear layers, its own elsewhere.

    Draws from the global random stream, which the caller keeps.
    """
    fresh = copy.deepcopy(module)
    torch.manual_seed(seed)
    for layer in fresh.modules():
        reset = getattr(layer, "reset_parameters", None)
        if callable(reset):
            reset()
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return fresh


def is_related(judge: Judge, module: nn.Module) -> bool:
    """Whether a network has any of a judge's convolutions: it began with these weights."""
    own = [layer.weight.cpu() for layer in judge.net if isinstance(layer, nn.Conv2d)]
    theirs = [tensor.detach().cpu().float() for tensor in module.state_dict().values() if tensor.ndim == 4]
    return any(mine.shape == its.shape and torch.equal(mine, its) for mine in own for its in theirs)


def images(renders: Sequence[Render]) -> Tensor:
    """The pictures (K, C, H, W) of renders."""
    return torch.stack([render.image for render in renders])


def _one_of_each(real: Real, classes: int) -> list[Tensor]:
    """Up to `SETS` sets of validation pictures, one per class each; as many as the rarest class has."""
    places = [(real.val_labels == label).nonzero().flatten() for label in range(classes)]
    count = min(SETS, *(len(own) for own in places))
    return [real.val[torch.stack([own[n] for own in places])] for n in range(count)]
