"""python -m featevo.model.export CHECKPOINT FILE.safetensors: a run's network in half precision, for `init.weights`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from featevo.errors import UserError, ended
from featevo.model.weight_files import read_weights
from featevo.record.files import replacing


def export(checkpoint: Path, path: Path) -> int:
    """Write the network of a checkpoint as float16 safetensors under torchvision's names.

    Args:
        checkpoint: A run's `checkpoints/best.ckpt`, or any file that `init.weights` allows.
        path: The file to write.

    Returns:
        Its size in bytes.

    Raises:
        UserError: If the checkpoint cannot be read, or a weight is too large for half precision.
    """
    state = {name.removeprefix("net."): tensor for name, tensor in read_weights(checkpoint).items()}
    halves = {name: tensor.to(torch.float16).contiguous() for name, tensor in state.items()}
    for name, tensor in halves.items():
        if not tensor.isfinite().all():
            raise UserError(f"{checkpoint}: {name} has weights beyond 65504, the largest number of float16")
    with replacing(path) as temporary:
        save_file(halves, temporary)
    return path.stat().st_size


def main() -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    return ended(lambda: print(f"{arguments.file}: {export(arguments.checkpoint, arguments.file) / 1e6:.1f} MB"))


if __name__ == "__main__":
    sys.exit(main())
