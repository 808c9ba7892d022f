"""All that a callback could change in a training, by name, and hashes of it."""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer

from featevo.visualize.network import weights_hash

DIGEST = 16
"""Bytes of a hash."""

STREAM = "random stream"
"""In the name of every random stream."""

Named = Iterator[tuple[str, Any]]
"""Names and values, in the order in which differences are named."""


def of_training(trainer: Any, module: nn.Module) -> Named:
    """The module, the optimizers, the trainer's decision to stop, and `of_process`."""
    yield from weights(module)
    for name, part in module.named_modules():
        yield f"mode of {name or 'the module'}", part.training
    for name, parameter in module.named_parameters():
        yield f"requires_grad of {name}", parameter.requires_grad
    for name, parameter in module.named_parameters():
        yield f"gradient of {name}", parameter.grad
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    optimizers = trainer.optimizers
    for place, optimizer in enumerate(optimizers):
        yield from _of_optimizer(optimizer, "the optimizer" if len(optimizers) == 1 else f"optimizer {place}", names)
    yield "the trainer's should_stop", trainer.should_stop
    yield from of_process()


def weights(module: nn.Module) -> Named:
    """Parameters and buffers, also those that are not saved."""
    yield from module.named_parameters()
    yield from module.named_buffers()


def _of_optimizer(optimizer: Optimizer, title: str, names: Mapping[int, str]) -> Named:
    groups = optimizer.param_groups
    for place, group in enumerate(groups):
        where = f" of group {place}" if len(groups) > 1 else ""
        for key, value in group.items():
            listed = [names.get(id(one)) for one in value] if key == "params" else value
            yield f"{title}'s {key}{where}", listed
    for place, (parameter, values) in enumerate(optimizer.state.items()):
        name = names.get(id(parameter), f"parameter {place}, which the module does not have")
        for key, value in values.items():
            yield f"{title}'s {key} of {name}", value


def of_process() -> Named:
    """Random streams and settings of PyTorch that are shared by everything in this process."""
    yield f"torch's {STREAM}", torch.get_rng_state()
    yield f"numpy's {STREAM}", np.random.get_state(legacy=False)
    yield f"python's {STREAM}", repr(random.getstate())  # one text: 625 numbers would take most of the time
    if torch.cuda.is_initialized():
        for place, state in enumerate(torch.cuda.get_rng_state_all()):
            yield f"the {STREAM} of cuda:{place}", state
    if torch.backends.mps.is_available():
        yield f"the {STREAM} of mps", torch.mps.get_rng_state()
    yield "grad mode", (torch.is_grad_enabled(), torch.is_inference_mode_enabled())
    for device in ("cpu", "cuda"):
        yield f"autocast on {device}", (torch.is_autocast_enabled(device), torch.get_autocast_dtype(device))
    yield "the default dtype", torch.get_default_dtype()
    yield "the number of threads", torch.get_num_threads()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    yield "the use of deterministic algorithms", (torch.are_deterministic_algorithms_enabled(), warns)
    yield "the precision of matrix products", torch.get_float32_matmul_precision()
    for flag in ("enabled", "benchmark", "deterministic"):
        yield f"cuDNN's {flag}", getattr(torch.backends.cudnn, flag)


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """Hashes of named values.

    Attributes:
        names: Of the values.
        digests: The hashes, `DIGEST` bytes each, one after the other: a training has many.
        tensors: How many values are tensors, without random streams.
    """

    names: tuple[str, ...]
    digests: bytes
    tensors: int

    @classmethod
    def of(cls, values: Iterable[tuple[str, Any]]) -> Fingerprint:
        """The hashes of values."""
        listed = list(values)
        tensors = sum(isinstance(value, Tensor) and STREAM not in name for name, value in listed)
        return cls(tuple(name for name, _ in listed), b"".join(digest(value) for _, value in listed), tensors)

    @property
    def streams(self) -> int:
        """How many values are random streams."""
        return sum(STREAM in name for name in self.names)

    def differences(self, other: Fingerprint) -> tuple[str, ...]:
        """Names of the values that differ, or that only one of both has."""
        mine, others = self._by_name(), other._by_name()
        return tuple(name for name in {**mine, **others} if mine.get(name) != others.get(name))

    def _by_name(self) -> dict[str, bytes]:
        parts = (self.digests[start : start + DIGEST] for start in range(0, len(self.digests), DIGEST))
        return dict(zip(self.names, parts, strict=True))


def digest(value: Any) -> bytes:
    """A hash of the bytes of all tensors, arrays, numbers and texts in a value.

    Mappings, sequences and dataclasses may be nested; of any other object only the type counts.
    """
    found = hashlib.sha256()
    for piece in _pieces(value):
        found.update(piece)
    return found.digest()[:DIGEST]


def _pieces(value: Any) -> Iterator[bytes]:
    if isinstance(value, Tensor):
        if is_lazy(value):
            yield b"not initialized"
        else:
            strided = value.detach().to_dense() if value.layout != torch.strided else value
            yield weights_hash({"": strided}).encode()
    elif isinstance(value, np.ndarray) and value.dtype != object:
        yield f"{value.dtype} {value.shape}".encode() + value.tobytes()
    elif isinstance(value, Mapping):
        yield f"mapping of {len(value)}".encode()
        for key, one in value.items():
            yield repr(key).encode()
            yield from _pieces(one)
    elif isinstance(value, list | tuple):
        yield f"sequence of {len(value)}".encode()
        for one in value:
            yield from _pieces(one)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _pieces({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    elif isinstance(value, str | bytes | int | float | complex | np.generic | torch.dtype | None):
        yield f"{type(value).__name__} {value!r}".encode()
    else:
        yield type(value).__qualname__.encode()
