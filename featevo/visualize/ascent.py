"""The ascent of one batch: forward pass, gradient, step, operators; every image separately."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from featevo.visualize.climbed import Climbed
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
    """Everything that the batches of a call have in common.

    Attributes:
        model: In eval mode, parameters frozen.
        objective: What is climbed.
        space: Of the coefficients.
        regularizer: Operators, penalties, transforms, optimizer.
        normalise: From images in 0..1 to the model's input.
        settings: Steps, copies, the early stop, and which images are kept.
    """

    model: nn.Module
    objective: Objective
    space: Space
    regularizer: Regularizer
    normalise: Callable[[Tensor], Tensor]
    settings: AscentSettings

    def forward(self, images: Tensor, rows: Tensor, streams: Streams | None = None) -> tuple[Tensor, Seen]:
        """Forward pass of images (B, C, H, W).

        Args:
            images: In 0..1.
            rows: (B,): as in `climb`.
            streams: Of random transforms; None: without them.

        Returns:
            Objectives (B,), means over samples, and the full result (B * samples, ...).
        """
        seeds = None if self.objective.seeds is None else self.objective.seeds.to(images)[rows]
        samples = 1
        if streams is not None and self.regularizer.transforms:
            samples = streams.samples
            if seeds is not None:
                before = streams.state()
                seeds = self.regularizer.seen(seeds, streams)
                streams.restore(before)  # the same transforms for the images
            images = self.regularizer.seen(images, streams)
        seen = self._seen(images, samples)
        if seeds is not None:
            with torch.no_grad():
                seen = replace(seen, seeds=self._seen(seeds, samples))
        values = self.objective(seen, rows.repeat_interleave(samples))
        return values.view(-1, samples).mean(1), seen

    def _seen(self, images: Tensor, samples: int) -> Seen:
        with watched(self.model, self.objective.layers) as layers:
            return Seen(self.model(self.normalise(images)), layers, self.settings.copies, samples)

    def climb(self, coefficients: Tensor, rows: Tensor, streams: Streams, on_step: Callable[[int], None]) -> Climbed:
        """Render a batch.

        An image that stalls stays in the batch, unchanged, while the others continue: rounding depends on the batch
        size, which therefore stays the same.

        Args:
            coefficients: (B, ...): the starts.
            rows: (B,): places of the units in the objective; row = unit * copies + copy.
            streams: Of the transforms.
            on_step: Called with the number of each step.

        Raises:
            NonFiniteError: When an objective or gradient is not finite, before an operator spreads it over pixels.
        """
        settings = self.settings
        units = [self.objective.units[row] for row in rows.tolist()]
        advance = self.regularizer.optimizer.begin(coefficients)
        trace = coefficients.new_full((settings.steps, len(rows)), torch.nan)
        ended = torch.full_like(rows, settings.steps)
        running = torch.ones_like(rows, dtype=torch.bool)
        moved, helped = torch.zeros_like(running), torch.zeros_like(running)
        strength = trace.new_zeros(())
        best, best_value = coefficients, trace.new_full((len(rows),), -torch.inf)
        snapshots: dict[int, Tensor] = {}
        for number in range(1, settings.steps + 1):
            values, gradient, step, leaked = self._differentiate(coefficients, rows, streams, number)
            check_finite(units, number, values, gradient)
            trace[number - 1] = torch.where(running, values, torch.nan)
            helped |= leaked
            moved |= (gradient.flatten(1) != 0).any(1)
            strength = strength + running.view(-1, 1, 1) * step.gradient.abs().mean(1)
            if settings.keep == "best":
                better = running & (values > best_value)
                best, best_value = _where(better, coefficients, best), torch.where(better, values, best_value)
            gradient = self._minus_penalties(gradient, coefficients, step.progress)
            with torch.no_grad():
                after = self._regularised(advance(coefficients, gradient, step.progress), step)
                coefficients = _where(running, after, coefficients)
                if number in settings.snapshots:
                    snapshots[number] = self._finished(coefficients)
            on_step(number)
            if settings.plateau and number < settings.steps:
                stalled = running & settings.plateau.reached(trace[:number])
                # An objective may compare the copies of one unit, so they end together.
                stalled = stalled.view(-1, settings.copies).all(1).repeat_interleave(settings.copies)
                ended[stalled] = number
                running = running & ~stalled
                if not bool(running.any()):
                    break
        with torch.no_grad():
            images = self._finished(coefficients)
            values, seen = self.forward(images, rows)
            if settings.keep == "best":
                # The trace went through random transforms, so its values cannot be compared with this one.
                higher = self.forward(self._finished(best), rows)[0] > values
                images = self._finished(_where(higher, best, coefficients))
                values, seen = self.forward(images, rows)
            snapshots |= dict.fromkeys(settings.snapshots - snapshots.keys(), images)  # all had ended by then
        return Climbed(images, values, seen, trace, ended, moved, helped, strength, snapshots)

    def _finished(self, coefficients: Tensor) -> Tensor:
        # Without a `Clip` after every step, pixels may be outside the range: the values are those of what is returned.
        return self.space.decode(coefficients).clamp(0, 1)

    def _differentiate(
        self, coefficients: Tensor, rows: Tensor, streams: Streams, number: int
    ) -> tuple[Tensor, Tensor, Step, Tensor]:
        """Values (B,), the coefficients' gradient, the step with the images' gradient, and where it was leaky (B,)."""
        leaky = number <= LEAKY_STEPS
        before = streams.state() if leaky else []
        values, gradient, of_images = self._gradients(coefficients, rows, streams)
        helped = (gradient.flatten(1) == 0).all(1) & leaky
        if bool(helped.any()):
            streams.restore(before)  # the same samples again
            with leaky_relu_gradient(self.model):
                _, other, _ = self._gradients(coefficients, rows, streams)
            gradient = _where(helped, other, gradient)
        return values, gradient, Step(number, self.settings.steps, of_images), helped

    def _gradients(self, coefficients: Tensor, rows: Tensor, streams: Streams) -> tuple[Tensor, Tensor, Tensor]:
        coefficients = coefficients.detach().requires_grad_(True)
        images = self.space.decode(coefficients)
        values, _ = self.forward(images, rows, streams)
        gradient, of_images = torch.autograd.grad(values.sum(), (coefficients, images))
        return values.detach(), gradient, of_images

    def _minus_penalties(self, gradient: Tensor, coefficients: Tensor, progress: float) -> Tensor:
        if not self.regularizer.penalties:
            return gradient
        coefficients = coefficients.detach().requires_grad_(True)
        images = self.space.decode(coefficients)
        penalty = self.regularizer.penalty(images, progress)
        (of_penalty,) = torch.autograd.grad(penalty.sum(), coefficients)
        if self.regularizer.balanced:
            return gradient / deviation(gradient) - of_penalty * images[0].numel()
        return gradient - of_penalty

    def _regularised(self, coefficients: Tensor, step: Step) -> Tensor:
        if not self.regularizer.due(step.number):
            return coefficients
        return self.space.encode(self.regularizer.apply(self.space.decode(coefficients), step))


def check_finite(units: Sequence[int], step: int, *results: Tensor) -> None:
    """Raise `NonFiniteError` for the first unit with a result (B, ...) that is not finite."""
    good = torch.stack([result.isfinite().reshape(len(units), -1).all(1) for result in results])
    if not bool(good.all()):
        unit = units[int((~good.all(0)).nonzero()[0])]
        raise NonFiniteError(f"unit {unit}: the model's output or its gradient is not finite at step {step}")


def _where(chosen: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """Rows (B, ...) of `new` where chosen (B,), of `old` elsewhere."""
    return torch.where(chosen.view(-1, *[1] * (new.ndim - 1)), new, old)
