"""Weights from files: safetensors, or torch's own format; code in a file is never run."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from featevo.errors import UserError

CONTAINERS = ("state_dict", "model", "model_state_dict")
"""Keys of a state dict in files of training programs: Lightning and featevo, torchvision's references, others."""

NEEDS_UNPICKLING = re.compile("GLOBAL|Unsupported class|TorchScript|operand 149")
"""In torch's errors: an object of some class, a program, or (149) a pickle that torch.save did not write."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """Every tensor of a file by name, on the CPU, names and types as in the file.

    Args:
        path: A safetensors file, or a torch file that holds a state dict, bare or under a key in `CONTAINERS`.

    Raises:
        UserError: If there is no such file, it is damaged, holds no tensors, or could only be read by unpickling, which
            runs code from the file.
    """
    if path.is_dir():
        raise UserError(f"init.weights={path}: is a folder; name a file in it, for example checkpoints/best.ckpt")
    if not path.is_file():
        raise UserError(f"init.weights={path}: there is no such file")
    with path.open("rb") as file:
        is_safetensors = file.read(9)[8:] == b"{" or path.suffix == ".safetensors"
    return _read_safetensors(path) if is_safetensors else _state_dict(_read_torch(path), path)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"init.weights={path}: not a readable safetensors file ({_line(error)})") from error


def _read_torch(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            # About pickle protocols and TorchScript; the error that follows is clearer.
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # for a damaged file, torch raises nearly anything
        if NEEDS_UNPICKLING.search(str(error)):
            found = re.search(r"GLOBAL (\w\S+)", str(error))
            what = f"Python objects ({found[1]})" if found else "Python objects"
            raise UserError(
                f"init.weights={path}: holds {what} besides weights, and reading those could run code from the file; "
                "save the network's state_dict() alone, by safetensors or torch.save"
            ) from error
        raise UserError(
            f"init.weights={path}: neither a safetensors nor a torch file, or a damaged one ({_line(error)})"
        ) from error


def _state_dict(content: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(content, Mapping):
        for key in CONTAINERS:
            if isinstance(content.get(key), Mapping):
                return _state_dict(content[key], path)
        state = {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
        if state:
            return state
        keys = ", ".join(map(str, list(content)[:5])) or "nothing"
        raise UserError(
            f"init.weights={path}: holds no weights but {keys}; expected a state dict, bare or under "
            f"{', '.join(CONTAINERS)}"
        )
    raise UserError(f"init.weights={path}: holds a {type(content).__name__}, not a state dict")


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:120] if text else type(error).__name__
