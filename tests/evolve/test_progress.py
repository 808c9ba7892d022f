"""Drawing shows its progress in the progress bar of training, updates it, and removes it at the end."""

import pytest
import pytorch_lightning as pl
from pytorch_lightning.callbacks import TQDMProgressBar

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.evolve.progress import EpochProgressBar, drawing_progress
from tests.evolve.parts import CLASSES, SIZE, fit

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


def evolution(folder):
    return FeatureEvolutionCallback(CLASSES, SIZE, steps=8, folder=folder)


def test_rich_shows_epochs_from_one_and_drawing(tmp_path, capsys):
    bar = EpochProgressBar(console_kwargs={"force_terminal": True, "width": 100})
    fit(tmp_path, [evolution(tmp_path), bar], enable_progress_bar=True, max_epochs=2)
    shown = capsys.readouterr().out
    for words in ("Epoch 1/2", "Epoch 2/2", "Drawing 3 classes", "12/24", "24/24"):
        assert words in shown
    assert "Epoch 0" not in shown
    assert bar.progress is not None
    assert all("Drawing" not in task.description for task in bar.progress.tasks)


def test_tqdm_shows_drawing_too(tmp_path, capsys):
    fit(tmp_path, [evolution(tmp_path), TQDMProgressBar()], enable_progress_bar=True, max_epochs=1)
    captured = capsys.readouterr()
    assert "Drawing 3 classes" in captured.out + captured.err


def test_without_a_bar_no_progress_is_shown(capsys):
    with drawing_progress(
        pl.Trainer(enable_progress_bar=False, logger=False, accelerator="cpu"), 3, "Drawing"
    ) as on_step:
        on_step(1)
    captured = capsys.readouterr()
    assert "Drawing" not in captured.out + captured.err
