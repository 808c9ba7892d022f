"""Progress bars of training and drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytorch_lightning as pl
from pytorch_lightning.callbacks import RichProgressBar
from rich.progress import Progress, TaskID
from tqdm.auto import tqdm

from featevo.tracking.packages import of_either

RICH = of_either(RichProgressBar)

REFRESHES = 32
"""Most refreshes of a bar during one snapshot."""


class EpochProgressBar(RichProgressBar):
    """Lightning's bar, with epochs counted from 1 as everywhere in featevo."""

    def _get_train_description(self, current_epoch: int) -> str:
        total = self.trainer.max_epochs
        return f"Epoch {current_epoch + 1}" + (f"/{total}" if total is not None and total > 0 else "")


@contextmanager
def drawing_progress(trainer: pl.Trainer, total: int, label: str) -> Iterator[Callable[[int], None]]:
    """Yield a function of the number of finished steps; it shows nothing if the trainer shows no progress.

    Args:
        trainer: Its progress bar decides the form: Rich, or tqdm for any other.
        total: Steps in all.
        label: Shown in front of the bar.
    """
    bar = trainer.progress_bar_callback
    if bar is None or getattr(bar, "is_disabled", False):
        yield lambda done: None
    elif isinstance(bar, RICH) and bar.progress is not None:
        progress = bar.progress
        task = progress.add_task(label, total=total)
        try:
            yield partial(_show, progress, task, total)
        finally:
            progress.remove_task(task)
    else:
        with tqdm(total=total, desc=label, leave=False) as shown:
            yield lambda done: _advance(shown, done)


def _show(progress: Progress, task: TaskID, total: int, done: int) -> None:
    # Lightning turns Rich's own refreshing off; a refresh at every step would cost as much as a small network's step.
    before = progress.tasks[progress.task_ids.index(task)].completed
    progress.update(task, completed=done, refresh=done * REFRESHES // total > before * REFRESHES // total)


def _advance(shown: tqdm, done: int) -> None:
    shown.update(done - shown.n)
