"""A render: one optimised picture of one unit, with its trace and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from featevo.visualize.ascent import check_finite
from featevo.visualize.chunks import Chunk
from featevo.visualize.network import LEAKY_STEPS
from featevo.visualize.objectives import Objective, class_logits

REMEDY = f"leaking ReLU gradients in the first {LEAKY_STEPS} steps"
"""What is tried against a zero gradient."""


@dataclass(frozen=True)
class Render:
    """One optimised picture of one unit.

    Attributes:
        image: (C, H, W), float32 in 0..1, on the CPU.
        unit: Index of the unit drawn.
        copy: Which of the unit's pictures, from 0.
        value: The objective of the finished picture, without transforms and penalties.
        logit: What the model's class unit answers to the finished picture; None where units are no classes.
        probability: The same after softmax over all classes.
        probabilities: Those of all classes (classes,), float32 on the CPU; None where units are no classes.
        trace: The objective before each step, as seen through transforms; `trace[0]` is that of the start picture.
        stopped: Why it ended: "steps" (all done), "plateau", or "zero gradient" (a dead unit: no step did anything).
        remedy: What was tried against a zero gradient; None: nothing was needed.
        seed: Seed of the random start and the transforms.
        seconds: Time for the whole batch divided by its pictures.
        settings: All settings of `maximize` as plain values: objective, sizes, steps, regularizer, chunk size, ...
        weights: SHA-256 of the model's weights, see `featevo.visualize.network`.
        snapshots: The picture after each step in the settings' `snapshots`.
    """

    image: Tensor
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


def renders_of(
    chunk: Chunk, objective: Objective, seed: int, settings: Mapping[str, Any], weights: str
) -> list[Render]:
    """The pictures of a chunk with all that is known of them.

    Args:
        chunk: As drawn.
        objective: What was climbed.
        seed: Of starts and transforms.
        settings: As in `Render`, without the chunk size.
        weights: Hash of the model's weights.

    Raises:
        NonFiniteError: When an answer of the model to a finished picture is not finite.
    """
    climbed = chunk.climbed
    logits = None if objective.classes is None else class_logits(climbed.seen.output, len(chunk.keys)).float()
    units = [objective.units[place] for place, _ in chunk.keys]
    check_finite(units, len(climbed.trace), climbed.values, *([] if logits is None else [logits]))
    probabilities = None if logits is None else logits.softmax(1).cpu()
    logits = None if logits is None else logits.cpu()
    pictures = climbed.pictures.float().clamp(0, 1).cpu()
    snapshots = {step: kept.float().clamp(0, 1).cpu() for step, kept in climbed.snapshots.items()}
    values, trace, ended = climbed.values.tolist(), climbed.trace.t().tolist(), climbed.ended.tolist()
    moved, helped = climbed.moved.tolist(), climbed.helped.tolist()
    renders = []
    for i, (place, copy) in enumerate(chunk.keys):
        index = objective.classes[place] if objective.classes else None
        renders.append(
            Render(
                image=pictures[i],
                unit=units[i],
                copy=copy,
                value=values[i],
                logit=None if logits is None or index is None else float(logits[i, index]),
                probability=None if probabilities is None or index is None else float(probabilities[i, index]),
                probabilities=None if probabilities is None else probabilities[i].clone(),
                trace=tuple(trace[i][: ended[i]]),
                stopped=_reason(moved[i], ended[i], len(climbed.trace)),
                remedy=REMEDY if helped[i] else None,
                seed=seed,
                seconds=chunk.seconds,
                settings={**settings, "chunk_size": chunk.size},
                weights=weights,
                snapshots={step: kept[i] for step, kept in snapshots.items()},
            )
        )
    return renders


def _reason(moved: bool, ended: int, steps: int) -> str:
    if not moved:
        return "zero gradient"
    return "steps" if ended == steps else "plateau"
