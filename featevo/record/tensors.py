"""Files of tensors in a record: the weights of a snapshot, and the Gram matrices of its layers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, load_file, save_file
from torch import Tensor

from featevo.errors import UserError
from featevo.record.files import replacing
from featevo.record.safe import MOST_GRAMS, read_bytes, refused, regular

log = logging.getLogger(__name__)


def try_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Write a module's state; an error is logged."""
    _try_tensors(path, weights, "weights")


def try_grams(path: Path, grams: Mapping[str, Tensor]) -> None:
    """Write Gram matrices by layer; an error is logged."""
    # Numbered, as safetensors does not keep the order.
    numbered = {f"{place:03d} {layer}": gram for place, (layer, gram) in enumerate(grams.items())}
    _try_tensors(path, numbered, "Gram matrices")


def _try_tensors(path: Path, tensors: Mapping[str, Tensor], what: str) -> None:
    """A disk that has no room for weights may have room for images, which are much smaller."""
    try:
        with replacing(path) as temporary:
            # Copies: safetensors refuses tensors that share memory, as tied weights do.
            copies = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
            save_file(copies, temporary)
    except (OSError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        log.error("%s cannot be written; the images are recorded without these %s (%s)", path, what, reason)


def load_weights(folder: Path, file: str) -> dict[str, Tensor] | None:
    """A module's state; None where there is no such file.

    Args:
        folder: The run folder.
        file: Relative to it.

    Raises:
        UserError: When it is damaged, or outside the folder.
    """
    path = folder / file
    if not path.exists():
        return None
    try:
        return load_file(regular(folder, file))
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({' '.join(str(error).split())})") from error


def load_grams(folder: Path, file: str) -> dict[str, Tensor]:
    """Gram matrices (N, N) by layer, in the order as written; empty where there is no such file.

    Args:
        folder: The run folder.
        file: Relative to it.

    Raises:
        UserError: When it is damaged, too large, or outside the folder.
    """
    path = folder / file
    try:
        grams = load(read_bytes(folder, file, MOST_GRAMS))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (SafetensorError, ValueError) as error:
        raise refused(path, f"cannot be read ({' '.join(str(error).split())})") from error
    if not all(one.is_floating_point() and one.ndim == 2 and len({*one.shape}) == 1 for one in grams.values()):
        raise refused(path, "holds other tensors than square matrices")
    return {name.partition(" ")[2]: grams[name] for name in sorted(grams)}
