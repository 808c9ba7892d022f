"""Optimizers turn a gradient into a step. Each image moves by its own gradient alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from featevo.visualize.checks import check_positive
from featevo.visualize.schedule import Setting, at

Advance = Callable[[Tensor, Tensor, float], Tensor]
"""From coefficients (B, ...), their gradient (upwards) and the progress from 0 to 1 to the next coefficients."""


class Optimizer(Protocol):
    """Turns a gradient into a step."""

    def begin(self, coefficients: Tensor) -> Advance:
        """A fresh optimisation of coefficients of this shape (B, ...)."""

    def sized(self, step_size: Setting) -> Optimizer:
        """The same optimizer with another step size."""


def deviation(gradient: Tensor) -> Tensor:
    """Standard deviation of each row of a gradient (B, ...) as (B, 1, ...); of a constant row, its absolute value.

    Where the gradient is 0, the smallest normal number.
    """
    rows = gradient.flatten(1)
    # `Tensor.std` is several times slower than a mean and a norm.
    std = torch.linalg.vector_norm(rows - rows.mean(dim=1, keepdim=True), dim=1) / max(rows.shape[1] - 1, 1) ** 0.5
    size = largest(gradient)
    # The deviation of a constant gradient is only rounding: dividing by it would amplify noise.
    scale = torch.where(std > 1e-6 * size, std, size).clamp_min(torch.finfo(gradient.dtype).tiny)
    return scale.view(-1, *[1] * (gradient.ndim - 1))


def largest(gradient: Tensor) -> Tensor:
    """The largest absolute value (B,) of each row of a gradient (B, ...); not finite where one of them is not."""
    return gradient.flatten(1).abs().amax(dim=1)


@dataclass(frozen=True)
class NormalisedAscent:
    """Steps along each image's gradient divided by the gradient's own standard deviation.

    Args:
        step_size: Standard deviation of a step, for pixels in units of the range 0..1; a number or a `Schedule`.
    """

    step_size: Setting = 0.06

    def __post_init__(self) -> None:
        check_positive(step_size=self.step_size)

    def sized(self, step_size: Setting) -> NormalisedAscent:
        return replace(self, step_size=step_size)

    def begin(self, coefficients: Tensor) -> Advance:
        return lambda coefficients, gradient, progress: (
            coefficients + at(self.step_size, progress) * gradient / deviation(gradient)
        )


@dataclass(frozen=True)
class Scaled:
    """The steps of another optimizer times a factor, for example a larger one at first.

    Args:
        optimizer: Whose steps.
        factor: A number or a `Schedule`.
    """

    optimizer: Optimizer
    factor: Setting

    def __post_init__(self) -> None:
        check_positive(factor=self.factor)

    def sized(self, step_size: Setting) -> Scaled:
        return replace(self, optimizer=self.optimizer.sized(step_size))

    def begin(self, coefficients: Tensor) -> Advance:
        advance = self.optimizer.begin(coefficients)
        return lambda coefficients, gradient, progress: torch.lerp(
            coefficients, advance(coefficients, gradient, progress), at(self.factor, progress)
        )


class TorchOptimizer:
    """Any optimizer of `torch.optim` that works without a closure.

    Args:
        name: Its class in `torch.optim`, such as "Adam", "NAdam", "RMSprop" or "SGD".
        step_size: Its `lr`: a number or a `Schedule`.
        **arguments: Its other arguments.

    Raises:
        ValueError: When there is no such optimizer, or it does not take these arguments.
    """

    def __init__(self, name: str, step_size: Setting, **arguments: Any) -> None:
        check_positive(step_size=step_size)
        kind = getattr(torch.optim, name, None)
        if not (isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer)) or kind is torch.optim.Optimizer:
            raise ValueError(f"name={name!r}: torch.optim has no such optimizer")
        if name in ("LBFGS", "SparseAdam"):
            raise ValueError(f"name={name!r}: needs a closure or sparse gradients; use Adam, NAdam, RMSprop, SGD, ...")
        self._kind: Any = kind
        self.name, self.step_size, self.arguments = name, step_size, arguments
        try:
            self._make([torch.zeros(1, requires_grad=True)])
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"torch.optim.{name}: {error}") from error

    def __repr__(self) -> str:
        arguments = "".join(f", {name}={value!r}" for name, value in self.arguments.items())
        return f"TorchOptimizer({self.name}, step_size={self.step_size}{arguments})"

    def sized(self, step_size: Setting) -> TorchOptimizer:
        return TorchOptimizer(self.name, step_size, **self.arguments)

    def _make(self, parameters: list[Tensor]) -> Any:
        return self._kind(parameters, lr=at(self.step_size, 0.0), **self.arguments)

    def begin(self, coefficients: Tensor) -> Advance:
        # One parameter per image: an optimizer that computes a norm of a whole parameter must not couple images.
        parameters = [row.detach().clone().requires_grad_(True) for row in coefficients]
        optimizer = self._make(parameters)

        def advance(coefficients: Tensor, gradient: Tensor, progress: float) -> Tensor:
            optimizer.param_groups[0]["lr"] = at(self.step_size, progress)
            with torch.no_grad():
                for parameter, row, own in zip(parameters, coefficients, gradient, strict=True):
                    parameter.copy_(row)  # operators may have changed it since
                    parameter.grad = -own
            optimizer.step()
            return torch.stack([parameter.detach() for parameter in parameters])

        return advance
