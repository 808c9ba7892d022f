"""Two processes that train together, each running this file: `python -m tests.evolve.ranks FOLDER`.

Tests call `start`; each scenario writes its files into its own folder.
"""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import torch
from lightning_fabric.plugins.environments.lightning import find_free_network_port
from pytorch_lightning.strategies import DDPStrategy
from torch import nn

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.record.store import RunFolder
from tests.evolve.parts import SIZE, Module, fit

STEPS = 6
RANKS = 2


class Net(Module):
    """A network with a given number of classes and precision."""

    def __init__(self, count, dtype=torch.float32):
        super().__init__()
        self.count = count
        self.net[-1] = nn.Linear(24, count)
        self.to(dtype)

    def forward(self, images):
        return super().forward(images.to(next(self.parameters()).dtype))

    def training_step(self, batch, batch_idx):
        return super().training_step((batch[0], batch[1] % self.count), batch_idx)

    def validation_step(self, batch, batch_idx):
        super().validation_step((batch[0], batch[1] % self.count), batch_idx)


class Disagree(Net):
    """Each rank logs an accuracy of its own."""

    def on_validation_epoch_end(self):
        values = [[0.5, 0.4, 0.6], [0.5, 0.6, 0.4]][self.global_rank]
        self.log("scripted", values[self.current_epoch])


class OddError(Exception):
    """Cannot be sent to another process: it needs two arguments and keeps one."""

    def __init__(self, what, where):
        super().__init__(f"{what} in {where}")


class Fails(Net):
    """Drawing fails on one rank."""

    def __init__(self, rank, error):
        super().__init__(5)
        self.rank, self.error = rank, error

    def forward(self, images):
        # Not in the dry run before training.
        if images.requires_grad and self.losses and self.global_rank == self.rank:
            raise self.error
        return super().forward(images)


class Keeps(FeatureEvolutionCallback):
    """Keeps the renders before they are rounded to bytes."""

    def __init__(self, count, folder, **settings):
        names = [f"class {unit}" for unit in range(count)]
        super().__init__(names, SIZE, folder=folder, **{"steps": STEPS, "trigger": "every_epoch", **settings})
        self.kept = {}

    def on_fit_start(self, trainer, pl_module):
        super().on_fit_start(trainer, pl_module)
        self.record = KeepingRecord(self.folder, self.kept)


class KeepingRecord(RunFolder):
    """Keeps renders by epoch."""

    def __init__(self, folder, kept):
        super().__init__(folder)
        self.kept = kept

    def append(self, snapshot, pixels=(), *arguments, **named):
        self.kept[snapshot.epoch] = list(pixels)
        return super().append(snapshot, pixels, *arguments, **named)


def train(module, callbacks, folder, **settings):
    """A fit on two ranks; each saves its final state."""
    # A collective that not all ranks take part in fails, instead of waiting for half an hour.
    strategy = DDPStrategy(process_group_backend="gloo", timeout=timedelta(seconds=20))
    raised = None
    try:
        fit(folder, callbacks, module, devices=RANKS, strategy=strategy, **{"max_epochs": 2, **settings})
    except Exception as error:
        raised = f"{type(error).__name__}: {error}"
    kept = callbacks[0].kept if callbacks else {}
    state = {"weights": module.state_dict(), "losses": module.losses, "raised": raised, "kept": kept}
    state["best"] = callbacks[0].trigger.state_dict() if callbacks else None
    folder.mkdir(exist_ok=True)
    torch.save(state, folder / f"rank{os.environ['LOCAL_RANK']}.pt")


def seeded(kind, *arguments):
    torch.manual_seed(5)
    return kind(*arguments)


def main(root):
    folder = root / "five"
    train(seeded(Net, 5, torch.float64), [Keeps(5, folder, before_training=True, start="last")], folder)
    another = Keeps(5, folder)  # into the record of the training before
    train(seeded(Net, 5), [another], root / "another")
    folder = root / "one"
    train(seeded(Net, 1, torch.float64), [Keeps(1, folder, before_training=True)], folder)
    folder = root / "disagree"
    train(Disagree(5), [Keeps(5, folder, trigger="improvement", monitor="scripted")], folder, max_epochs=3)
    for rank in range(RANKS):
        folder = root / f"failing {rank}"
        train(Fails(rank, ValueError("a failing render")), [Keeps(5, folder)], folder)
    for name, error in {"raising": ValueError("a failing render"), "odd": OddError("a render", "pieces")}.items():
        train(Fails(1, error), [Keeps(5, root / name, on_error="raise")], root / name)
    unmeasured = {"limit_val_batches": 0, "num_sanity_val_steps": 0, "max_epochs": 1}
    for name, dtype, settings in (("measured", torch.float32, {}), ("unmeasured", torch.float64, unmeasured)):
        train(seeded(Net, 5, dtype), [], root / f"{name} without", **settings)
        folder = root / f"{name} with"
        train(seeded(Net, 5, dtype), [Keeps(5, folder, before_training=True)], folder, **settings)


def start(root):
    """Run all scenarios on two ranks; returns when both have ended."""
    environment = {
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(find_free_network_port()),
        "WORLD_SIZE": str(RANKS),
        "NODE_RANK": "0",
        "OMP_NUM_THREADS": "1",
    }
    ranks = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.evolve.ranks", str(root)],
            cwd=Path(__file__).parents[2],
            env={**environment, "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(RANKS)
    ]
    try:
        outputs = [rank.communicate(timeout=240)[0] for rank in ranks]
    finally:
        for rank in ranks:
            rank.kill()
    assert [rank.returncode for rank in ranks] == [0] * RANKS, "\n\n".join(outputs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
