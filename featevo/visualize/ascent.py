"""The ascent of one batch: forward pass, gradient, step, operators; every image separately."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from featevo.visualize.climbed import Climbed
from featevo.visualize.cuda_graph import Pass, Recorded
from featevo.visualize.layers import Seen, watched
from featevo.visualize.network import LEAKY_STEPS, leaky_relu_gradient
from featevo.visualize.objectives import Objective
from featevo.visualize.operators import Step
from featevo.visualize.optimizers import deviation, largest
from featevo.visualize.parameterizations import Space
from featevo.visualize.regularizer import Regularizer
from featevo.visualize.settings import AscentSettings
from featevo.visualize.streams import Streams

CHECK_EVERY = {"cpu": 1}
"""By type of device, the steps between two checks that all is finite."""

CHECK_EVERY_OTHER = 16
"""The same for other devices: the host waits for a GPU at each check."""


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

    def forward(self, images: Tensor, rows: Tensor) -> tuple[Tensor, Seen]:
        """Forward pass of images (B, C, H, W) without transforms.

        Args:
            images: In 0..1.
            rows: (B,): as in `climb`.

        Returns:
            Objectives (B,), and the full result.
        """
        seen = self._seen(images, 1, self._seeds(images, rows))
        return self.objective(seen, rows), seen

    def objectives(self, images: Tensor, rows: Tensor, streams: Streams, through: Pass | None = None) -> Tensor:
        """Objectives (B,) of images (B, C, H, W) after random transforms: means over samples.

        Args:
            images: In 0..1.
            rows: (B,): as in `climb`.
            streams: Of the transforms.
            through: Does what `_through` does; None: that itself.
        """
        seeds = self._seeds(images, rows)
        if self.regularizer.transforms:
            if seeds is not None:
                before = streams.state()
                seeds = self.regularizer.seen(seeds, streams)
                streams.restore(before)  # the same transforms for the images
            images = self.regularizer.seen(images, streams)
        return (through or self._through)(images, rows, seeds)

    def _through(self, images: Tensor, rows: Tensor, seeds: Tensor | None = None) -> Tensor:
        """Objectives (B,) from the network's input and that for the seeds (B * samples, C, H, W)."""
        samples = len(images) // len(rows)
        values = self.objective(self._seen(images, samples, seeds), rows.repeat_interleave(samples))
        return values.view(-1, samples).mean(1)

    def _seeds(self, images: Tensor, rows: Tensor) -> Tensor | None:
        return None if self.objective.seeds is None else self.objective.seeds.to(images)[rows]

    def _seen(self, images: Tensor, samples: int, seeds: Tensor | None) -> Seen:
        with watched(self.model, self.objective.layers) as layers:
            seen = Seen(self.model(self.normalise(images)), layers, self.settings.copies, samples)
        if seeds is None:
            return seen
        with torch.no_grad():
            return replace(seen, seeds=self._seen(seeds, samples, None))

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
            NonFiniteError: When an objective or gradient is not finite: at once on a CPU, soon on a GPU.
        """
        settings = self.settings
        units = [self.objective.units[row] for row in rows.tolist()]
        advance = self.regularizer.optimizer.begin(coefficients)
        trace = coefficients.new_full((settings.steps, len(rows)), torch.nan)
        ended = torch.full_like(rows, settings.steps)
        running = torch.ones_like(rows, dtype=torch.bool)
        moved, helped = torch.zeros_like(running), torch.zeros_like(running)
        through = Recorded(self._through) if settings.cuda_graph else self._through
        failed = torch.zeros_like(rows)
        check_every = CHECK_EVERY.get(rows.device.type, CHECK_EVERY_OTHER)
        strength = trace.new_zeros(())
        best, best_value = coefficients, trace.new_full((len(rows),), -torch.inf)
        snapshots: dict[int, Tensor] = {}
        for number in range(1, settings.steps + 1):
            values, gradient, step, size, leaked = self._differentiate(coefficients, rows, streams, number, through)
            failed = torch.where((failed == 0) & ~(values.isfinite() & size.isfinite()), number, failed)
            if number % check_every == 0 or number == settings.steps:
                _check_none(units, failed)
            trace[number - 1] = torch.where(running, values, torch.nan)
            helped |= leaked
            moved |= size != 0
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
        self, coefficients: Tensor, rows: Tensor, streams: Streams, number: int, through: Pass
    ) -> tuple[Tensor, Tensor, Step, Tensor, Tensor]:
        """Values (B,), the coefficients' gradient, the step with the images' gradient, the largest absolute value (B,)
        of the coefficients' gradient, and where it was leaky (B,)."""
        leaky = number <= LEAKY_STEPS
        before = streams.state() if leaky else []
        values, gradient, of_images = self._gradients(coefficients, rows, streams, through)
        size = largest(gradient)
        helped = (size == 0) & leaky
        if leaky and bool(helped.any()):
            streams.restore(before)  # the same samples again
            with leaky_relu_gradient(self.model):
                _, other, _ = self._gradients(coefficients, rows, streams, self._through)
            gradient = _where(helped, other, gradient)
            size = largest(gradient)
        return values, gradient, Step(number, self.settings.steps, of_images), size, helped

    def _gradients(
        self, coefficients: Tensor, rows: Tensor, streams: Streams, through: Pass
    ) -> tuple[Tensor, Tensor, Tensor]:
        coefficients = coefficients.detach().requires_grad_(True)
        images = self.space.decode(coefficients)
        values = self.objectives(images, rows, streams, through)
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
    good = torch.stack([result.isfinite().reshape(len(units), -1).all(1) for result in results]).all(0)
    _check_none(units, torch.where(good, 0, step))


def _check_none(units: Sequence[int], failed: Tensor) -> None:
    """Raise `NonFiniteError` for the first unit with a step (B,) other than 0 at which it was not finite."""
    for unit, step in zip(units, failed.tolist(), strict=True):
        if step:
            raise NonFiniteError(f"unit {unit}: the model's output or its gradient is not finite at step {step}")


def _where(chosen: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """Rows (B, ...) of `new` where chosen (B,), of `old` elsewhere."""
    return torch.where(chosen.view(-1, *[1] * (new.ndim - 1)), new, old)
