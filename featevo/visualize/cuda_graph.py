"""CUDA graphs: the kernels of a forward and a backward pass, launched together at every call but the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor

Pass = Callable[..., Tensor]
"""From tensors, or None for one that there is not, to a tensor."""


class Recorded:
    """A differentiable function whose kernels are recorded when it is first called.

    Args:
        function: From tensors on a CUDA device, of the same shapes in all calls.
    """

    def __init__(self, function: Pass) -> None:
        self.function = function
        self.graph: Pass | None = None

    def __call__(self, *arguments: Tensor | None) -> Tensor:
        """The function's value; valid until the next call.

        Raises:
            ValueError: When it cannot be recorded, as when the host waits for the device in it.
        """
        given = tuple(argument for argument in arguments if argument is not None)
        graph = self.graph
        if graph is None:
            like = tuple(argument.detach().clone().requires_grad_(argument.requires_grad) for argument in given)
            try:
                graph = cast(Pass, torch.cuda.make_graphed_callables(self.function, like, allow_unused_input=True))
            except torch.OutOfMemoryError:
                raise
            except RuntimeError as error:
                raise ValueError(f"cuda_graph=True: the model's passes cannot be recorded ({error})") from error
            self.graph = graph
        return graph(*given)
