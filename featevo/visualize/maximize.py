"""Activation maximization: start from faint noise and climb the gradient of a unit (section III of the paper).

    x* = argmax_x (a_i(x) - R(x))

All units are drawn in one batch, yet no operation couples two pictures: each has its own random start, its own gradient
scale and its own operators, so a picture depends only on its unit, the seed and the weights.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from featevo.visualize.guard import evaluated
from featevo.visualize.objectives import Objective, class_logits
from featevo.visualize.regularizer import Regularizer

START_MEAN, START_STD = 0.5, 0.05
"""The start picture: mid-grey with faint normal noise, in the range 0..1."""


@dataclass(frozen=True)
class Render:
    """One optimised picture of one unit.

    Attributes:
        image: (C, H, W), float32 in 0..1, on the CPU.
        unit: Index of the unit drawn.
        logit: What the model's class unit answers to the finished picture.
        probability: The same after softmax over all classes.
        trace: The objective before each step; `trace[0]` is that of the start picture.
        seed: Seed of the random start.
        seconds: Time for the whole batch divided by its pictures.
    """

    image: Tensor
    unit: int
    logit: float
    probability: float
    trace: tuple[float, ...]
    seed: int
    seconds: float


class NonFiniteError(RuntimeError):
    """The model answered or differentiated to NaN or infinity; the message names unit and step."""


def maximize(
    model: nn.Module,
    objective: Objective,
    *,
    image_size: int,
    channels: int = 3,
    mean: Sequence[float] = (0.0,),
    std: Sequence[float] = (1.0,),
    steps: int = 128,
    step_size: float = 0.06,
    seed: int = 0,
    regularizer: Regularizer | str = "paper",
    chunk_size: int | None = None,
    on_step: Callable[[int], None] | None = None,
) -> list[Render]:
    """Draw the picture that each unit of the objective most wants to see.

    Each step adds `step_size` times the picture's gradient over the gradient's own standard deviation; then come the
    regularizer's operators. The model is left as it was, also on error.

    Args:
        model: From normalised pictures (B, C, H, W) to class logits (B, K), on any device.
        objective: What to climb, for example `ClassLogit([0, 3])`.
        image_size: Side of the square pictures in pixels.
        channels: Channels of the pictures.
        mean: Per channel (or one for all): subtracted from pictures in 0..1 before the model sees them.
        std: Per channel (or one for all): divides them after that.
        steps: Gradient steps, at least 1.
        step_size: Standard deviation of a step in units of the range 0..1.
        seed: Same seed, same start pictures.
        regularizer: A bundle or its name in `conf/regularizer`.
        chunk_size: Largest batch; None draws all units in one.
        on_step: Called after each step with the number of steps done so far over all chunks.

    Returns:
        One render per unit, in the objective's order.

    Raises:
        ValueError: For settings out of range, or a model that does not fit them.
        NonFiniteError: When activation or gradient are not finite.
    """
    units = list(objective.units)
    check_positive(image_size=image_size, channels=channels, steps=steps, step_size=step_size)
    if chunk_size is None:
        chunk_size = len(units)
    check_positive(chunk_size=chunk_size)
    if isinstance(regularizer, str):
        regularizer = Regularizer.named(regularizer)
    renders: list[Render] = []
    with evaluated(model) as device:
        dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)

        def network_input(pictures: Tensor) -> Tensor:
            shift, scale = (pictures.new_tensor(values).view(1, -1, 1, 1) for values in (mean, std))
            return ((pictures - shift) / scale).to(dtype)

        for first in range(0, len(units), chunk_size):
            chunk = units[first : first + chunk_size]
            began = time.perf_counter()
            starts = [start_picture(unit, seed, channels, image_size) for unit in chunk]
            # Half-precision weights still get a float32 picture, or steps below their resolution would vanish.
            pictures = torch.stack(starts).to(device, torch.promote_types(dtype, torch.float32))
            rows = torch.tensor(chunk, device=device)
            trace = pictures.new_empty(steps, len(chunk))
            for step in range(steps):
                pictures.requires_grad_(True)
                values = objective(model, network_input(pictures), rows)
                (gradient,) = torch.autograd.grad(values.sum(), pictures)
                trace[step] = values.detach()
                scale = gradient.flatten(1).std(dim=1).clamp_min(torch.finfo(gradient.dtype).tiny)
                pictures = pictures.detach() + step_size * gradient / scale.view(-1, 1, 1, 1)
                pictures = regularizer.apply(pictures, step + 1)
                if on_step:
                    on_step(first // chunk_size * steps + step + 1)
            with torch.no_grad():
                logits = class_logits(model, network_input(pictures)).float()
            _check_finite(trace, pictures, logits, chunk)
            probabilities = logits.softmax(1)
            seconds = (time.perf_counter() - began) / len(chunk)
            renders += [
                Render(
                    image=pictures[i].float().clamp(0, 1).cpu(),
                    unit=unit,
                    logit=float(logits[i, unit]),
                    probability=float(probabilities[i, unit]),
                    trace=tuple(trace[:, i].tolist()),
                    seed=seed,
                    seconds=seconds,
                )
                for i, unit in enumerate(chunk)
            ]
    return renders


def check_positive(**settings: float) -> None:
    """Raise `ValueError` for the first setting that is not above zero, by its name."""
    for name, value in settings.items():
        if not value > 0:
            raise ValueError(f"{name}={value}: must be above 0")


def start_picture(unit: int, seed: int, channels: int, image_size: int) -> Tensor:
    """The start (C, H, W) of a unit's render: drawn on the CPU, from a generator that no other picture shares."""
    # Seeds of neighbouring numbers give unrelated streams in the generator; the factor keeps (seed, unit) pairs apart.
    generator = torch.Generator().manual_seed((seed * 1_000_003 + unit) % 2**63)
    noise = torch.randn((channels, image_size, image_size), generator=generator)
    return (START_MEAN + START_STD * noise).clamp(0, 1)


def _check_finite(trace: Tensor, pictures: Tensor, logits: Tensor, units: Sequence[int]) -> None:
    good = trace.isfinite().all(0) & pictures.flatten(1).isfinite().all(1) & logits.isfinite().all(1)
    if bool(good.all()):
        return
    column = int((~good).nonzero()[0])
    bad_steps = (~trace[:, column].isfinite()).nonzero()
    step = int(bad_steps[0]) + 1 if len(bad_steps) else trace.shape[0]
    raise NonFiniteError(f"unit {units[column]}: the model's answer or its gradient is not finite at step {step}")
