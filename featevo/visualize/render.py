"""A render: one optimised image of one unit, with its trace and its origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from featevo.visualize.alpha import alpha_of
from featevo.visualize.ascent import check_finite
from featevo.visualize.chunks import Chunk
from featevo.visualize.network import LEAKY_STEPS
from featevo.visualize.objectives import Objective, class_logits

REMEDY = f"leaking ReLU gradients in the first {LEAKY_STEPS} steps"
"""What is tried when a gradient is zero."""

FEW = 16
"""In so few steps, random transforms can hide that an objective rises."""


@dataclass(frozen=True)
class Render:
    """One optimised image of one unit.

    Attributes:
        image: (C, H, W), float32 in 0..1, on the CPU.
        alpha: (H, W), float32 in 0..1, on the CPU: where the objective's gradients were, see `featevo.visualize.alpha`.
        unit: Index of the unit.
        copy: Number of the image among those of its unit, from 0.
        value: The objective of the finished image, without transforms and penalties.
        logit: The model's output for the unit's class and the finished image; None when units are not classes.
        probability: The same after softmax over all classes.
        probabilities: Those of all classes (classes,), float32 on the CPU; None when units are not classes.
        trace: The objective before each step, through transforms; `trace[0]` is that of the start image.
        stopped: Why it ended: "steps" (all done), "plateau", "zero gradient" (a dead unit: no step changed it), or
            "never rose" (none of more than 16 steps raised the objective above that of the start).
        remedy: What was tried because of a zero gradient; None: nothing was needed.
        seed: Seed of the random start and the transforms.
        seconds: Time for the whole batch divided by its images.
        settings: All settings of `maximize` as plain values: objective, sizes, steps, regularizer, chunk size, ...
        weights: SHA-256 of the model's weights, see `featevo.visualize.network`.
        snapshots: The image after each step in the settings' `snapshots`.
    """

    image: Tensor
    alpha: Tensor
    unit: int
    copy: int
    value: float
    logit: float | None
    probability: float | None
    probabilities: Tensor | None
    trace: tuple[float, ...]
    stopped: str
    remedy: str | None
    seed: int
    seconds: float
    settings: Mapping[str, Any]
    weights: str
    snapshots: Mapping[int, Tensor] = field(default_factory=dict)

    @property
    def rgba(self) -> Tensor:
        """The image with `alpha` as its fourth channel (4, H, W); raises `ValueError` unless it is grey or RGB."""
        if len(self.image) not in (1, 3):
            raise ValueError(f"an image of {len(self.image)} channels has no colours: rgba needs 1 or 3")
        return torch.cat([self.image.expand(3, -1, -1), self.alpha[None]])

    def _repr_html_(self) -> str:
        from featevo.visualize.renders import sheet_of

        return sheet_of([self])._repr_html_()


def renders_of(chunk: Chunk, objective: Objective, settings: Mapping[str, Any], weights: str) -> list[Render]:
    """The renders of a chunk; `settings` as in `Render`, without the chunk size.

    Raises:
        NonFiniteError: When an objective or a logit of a finished image is not finite.
    """
    climbed = chunk.climbed
    units = [objective.units[place] for place, _ in chunk.keys]
    logits = probabilities = None
    if objective.classes is not None:
        logits = class_logits(climbed.seen.output, len(chunk.keys)).float()
    check_finite(units, len(climbed.trace), climbed.values, *([] if logits is None else [logits]))
    if logits is not None:
        logits, probabilities = logits.cpu(), logits.softmax(1).cpu()
    images = climbed.images.float().cpu()
    snapshots = {step: kept.float().cpu() for step, kept in climbed.snapshots.items()}
    alphas = [alpha_of(strength) for strength in climbed.strength.cpu()]
    values, trace, ended = climbed.values.tolist(), climbed.trace.t().tolist(), climbed.ended.tolist()
    moved, helped = climbed.moved.tolist(), climbed.helped.tolist()
    renders = []
    for i, (place, copy) in enumerate(chunk.keys):
        index = None if objective.classes is None else objective.classes[place]
        stopped = "steps" if ended[i] == len(climbed.trace) else "plateau"
        renders.append(
            Render(
                image=images[i],
                alpha=alphas[i],
                unit=units[i],
                copy=copy,
                value=values[i],
                logit=None if logits is None else float(logits[i, index]),
                probability=None if probabilities is None else float(probabilities[i, index]),
                probabilities=None if probabilities is None else probabilities[i].clone(),
                trace=tuple(trace[i][: ended[i]]),
                stopped=_dead(moved[i], trace[i][: ended[i]]) or stopped,
                remedy=REMEDY if helped[i] else None,
                seed=settings["seed"],
                seconds=chunk.seconds,
                settings={**settings, "chunk_size": chunk.size},
                weights=weights,
                snapshots={step: kept[i] for step, kept in snapshots.items()},
            )
        )
    return renders


def _dead(moved: bool, trace: Sequence[float]) -> str | None:
    if not moved:
        return "zero gradient"
    return "never rose" if len(trace) > FEW and max(trace[1:]) <= trace[0] else None
