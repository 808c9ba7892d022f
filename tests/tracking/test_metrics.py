"""metrics.csv: one row per epoch from scattered events, whole at every moment."""

import csv

from featevo.tracking.metrics import MetricsTable


def read(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_one_row_per_epoch_counted_from_one(tmp_path):
    table = MetricsTable(tmp_path)
    table.log_metrics({"val_acc": 0.5, "epoch": 0}, step=49)
    assert read(tmp_path) == [{"epoch": "1", "step": "50", "val_acc": "0.5"}]
    table.log_metrics({"train_loss": 1.25, "epoch": 0}, step=49)
    table.log_metrics({"val_acc": 0.75, "epoch": 1}, step=99)
    assert read(tmp_path) == [
        {"epoch": "1", "step": "50", "train_loss": "1.25", "val_acc": "0.5"},
        {"epoch": "2", "step": "100", "train_loss": "", "val_acc": "0.75"},
    ]


def test_values_without_an_epoch_belong_to_the_next_named_epoch(tmp_path):
    """LearningRateMonitor logs so, at the start of an epoch."""
    table = MetricsTable(tmp_path)
    table.log_metrics({"lr-Adadelta": 0.5}, step=0)
    assert not (tmp_path / "metrics.csv").exists()
    table.log_metrics({"val_acc": 0.5, "epoch": 0}, step=49)
    assert read(tmp_path) == [{"epoch": "1", "step": "50", "lr-Adadelta": "0.5", "val_acc": "0.5"}]
