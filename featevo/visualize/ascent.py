"""The ascent of one batch: look, differentiate, step, regularise; every picture by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from featevo.visualize.layers import Seen, watched
from featevo.visualize.network import LEAKY_STEPS, leaky_relu_gradient
from featevo.visualize.objectives import Objective
from featevo.visualize.operators import Step
from featevo.visualize.optimizers import deviation
from featevo.visualize.parameterizations import Space
from featevo.visualize.regularizer import Regularizer
from featevo.visualize.settings import AscentSettings
from featevo.visualize.streams import Streams


class NonFiniteError(RuntimeError):
    """The model's output or its gradient is NaN or infinite; the message names unit and step."""


@dataclass(frozen=True)
class Ascent:
    """How pictures are drawn, whichever they are.

    Attributes:
        model: In eval mode, parameters frozen.
        objective: What is climbed.
        space: Of the coefficients.
        regularizer: Operators, penalties, transforms, optimizer.
        normalise: From pictures in 0..1 to what the model takes.
        settings: Steps, copies, what ends an ascent early and what is kept of it.
    """

    model: nn.Module
    objective: Objective
    space: Space
    regularizer: Regularizer
    normalise: Callable[[Tensor], Tensor]
    settings: AscentSettings

    def look(self, pictures: Tensor, rows: Tensor, samples: int = 1) -> tuple[Tensor, Seen]:
        """Show pictures (B * samples, C, H, W) to the model: objectives (B,), means over samples, and all seen."""
        with watched(self.model, self.objective.layers) as layers:
            seen = Seen(self.model(self.normalise(pictures)), layers, self.settings.copies, samples)
        values = self.objective(seen, rows.repeat_interleave(samples))
        return values.view(-1, samples).mean(1), seen

    def climb(self, coefficients: Tensor, rows: Tensor, streams: Streams, on_step: Callable[[int], None]) -> Climbed:
        """Draw a batch.

        A picture that stalls is kept as it is while the others go on: the batch size, on which rounding depends, stays.

        Args:
            coefficients: (B, ...): the starts.
            rows: (B,): places of the units in the objective; row = unit * copies + copy.
            streams: Of the transforms.
            on_step: Called with the number of each step.

        Raises:
            NonFiniteError: As soon as an objective or gradient is not finite, before it reaches a filter's neighbours.
        """
        settings = self.settings
        units = [self.objective.units[row] for row in rows.tolist()]
        advance = self.regularizer.optimizer.begin(coefficients)
        trace = coefficients.new_full((settings.steps, len(rows)), torch.nan)
        ended = torch.full_like(rows, settings.steps)
        running = torch.ones_like(rows, dtype=torch.bool)
        moved, helped = torch.zeros_like(running), torch.zeros_like(running)
        best, best_value = coefficients, trace.new_full((len(rows),), -torch.inf)
        snapshots: dict[int, Tensor] = {}
        for number in range(1, settings.steps + 1):
            values, gradient, step, leaked = self._differentiate(coefficients, rows, streams, number)
            check_finite(units, number, values, gradient)
            trace[number - 1] = torch.where(running, values, torch.nan)
            helped |= leaked
            moved |= (gradient.flatten(1) != 0).any(1)
            if settings.keep == "best":
                better = running & (values > best_value)
                best, best_value = _where(better, coefficients, best), torch.where(better, values, best_value)
            gradient = self._against_penalties(gradient, coefficients, step.progress)
            with torch.no_grad():
                after = self._regularised(advance(coefficients, gradient, step.progress), step)
                coefficients = _where(running, after, coefficients)
                if number in settings.snapshots:
                    snapshots[number] = self.space.decode(coefficients)
            on_step(number)
            if settings.plateau and number < settings.steps:
                stalled = running & settings.plateau.reached(trace[:number])
                # Copies of one unit may look at each other, so they end together.
                stalled = stalled.view(-1, settings.copies).all(1).repeat_interleave(settings.copies)
                ended[stalled] = number
                running = running & ~stalled
                if not bool(running.any()):
                    break
        with torch.no_grad():
            pictures = self.space.decode(coefficients)
            values, seen = self.look(pictures, rows)
            if settings.keep == "best":
                # As the trace saw them, through random transforms, the two could not be compared.
                higher = self.look(self.space.decode(best), rows)[0] > values
                pictures = self.space.decode(_where(higher, best, coefficients))
                values, seen = self.look(pictures, rows)
            snapshots |= dict.fromkeys(settings.snapshots - snapshots.keys(), pictures)  # all had ended by then
        return Climbed(pictures, values, seen, trace, ended, moved, helped, snapshots)

    def _differentiate(
        self, coefficients: Tensor, rows: Tensor, streams: Streams, number: int
    ) -> tuple[Tensor, Tensor, Step, Tensor]:
        """Values (B,), the gradient of the coefficients, the step with that of the pictures, who was helped (B,)."""
        before = streams.state() if number <= LEAKY_STEPS else None
        values, gradient, of_pictures = self._gradients(coefficients, rows, streams)
        helped = torch.zeros_like(values, dtype=torch.bool)
        if before is not None:
            helped = (gradient.flatten(1) == 0).all(1)
            if bool(helped.any()):
                streams.restore(before)  # the same samples again
                with leaky_relu_gradient(self.model):
                    _, other, _ = self._gradients(coefficients, rows, streams)
                gradient = _where(helped, other, gradient)
        return values, gradient, Step(number, self.settings.steps, of_pictures), helped

    def _gradients(self, coefficients: Tensor, rows: Tensor, streams: Streams) -> tuple[Tensor, Tensor, Tensor]:
        coefficients = coefficients.detach().requires_grad_(True)
        pictures = self.space.decode(coefficients)
        samples = streams.samples if self.regularizer.transforms else 1
        values, _ = self.look(self.regularizer.seen(pictures, streams), rows, samples)
        gradient, of_pictures = torch.autograd.grad(values.sum(), (coefficients, pictures))
        return values.detach(), gradient, of_pictures

    def _against_penalties(self, gradient: Tensor, coefficients: Tensor, progress: float) -> Tensor:
        """The gradient of the objective minus the penalties' own."""
        if not self.regularizer.penalties:
            return gradient
        coefficients = coefficients.detach().requires_grad_(True)
        pictures = self.space.decode(coefficients)
        penalty = self.regularizer.penalty(pictures, progress)
        (of_penalty,) = torch.autograd.grad(penalty.sum(), coefficients)
        if self.regularizer.balanced:
            return gradient / deviation(gradient) - of_penalty * pictures[0].numel()
        return gradient - of_penalty

    def _regularised(self, coefficients: Tensor, step: Step) -> Tensor:
        if not self.regularizer.acts(step.number):
            return coefficients
        return self.space.encode(self.regularizer.apply(self.space.decode(coefficients), step))


@dataclass(frozen=True)
class Climbed:
    """What became of a batch.

    Attributes:
        pictures: (B, C, H, W).
        values: (B,): their objectives, without transforms and penalties.
        seen: What the model showed of them.
        trace: (steps, B): objectives before each step; NaN after a picture's end.
        ended: (B,): the step after which each picture ended.
        moved: (B,): whether any step had a gradient.
        helped: (B,): whether a zero gradient was helped.
        snapshots: (B, C, H, W) after the steps in `settings.snapshots`.
    """

    pictures: Tensor
    values: Tensor
    seen: Seen
    trace: Tensor
    ended: Tensor
    moved: Tensor
    helped: Tensor
    snapshots: dict[int, Tensor]


def check_finite(units: Sequence[int], step: int, *answers: Tensor) -> None:
    """Raise `NonFiniteError` for the first unit of which any answer (B, ...) is not finite."""
    good = torch.stack(
        [answer.isfinite().flatten(1).all(1) if answer.ndim > 1 else answer.isfinite() for answer in answers]
    )
    if not bool(good.all()):
        unit = units[int((~good.all(0)).nonzero()[0])]
        raise NonFiniteError(f"unit {unit}: the model's answer or its gradient is not finite at step {step}")


def _where(chosen: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """Rows (B, ...) of `new` where chosen (B,), of `old` elsewhere."""
    return torch.where(chosen.view(-1, *[1] * (new.ndim - 1)), new, old)
