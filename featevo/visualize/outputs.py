"""What a model returns: the logits of models that wrap them, as those of Hugging Face's transformers do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

LOGITS = "logits"
"""The attribute or key that has the logits."""


def logits_of(output: Any) -> Any:
    """The logits of a model's output: its attribute or entry `logits`, or the first of a tuple or list of tensors.

    Anything else, such as a tensor, is returned as it is.
    """
    if isinstance(output, Tensor):
        return output
    found = output.get(LOGITS) if isinstance(output, Mapping) else getattr(output, LOGITS, None)
    if found is None and isinstance(output, tuple | list) and output:
        found = output[0]
    return found if isinstance(found, Tensor) else output


@contextmanager
def returning(model: nn.Module, choose: Callable[[Any], Any]) -> Iterator[None]:
    """Within: the model returns what `choose` makes of its output. The model itself is unchanged afterwards."""

    def hook(module: nn.Module, given: Any, output: Any) -> Any:
        return choose(output)

    handle = model.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()
