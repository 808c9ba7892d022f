"""metrics.csv: one row per epoch from scattered events, whole at every moment."""

import csv

from featevo.evolve.metrics import MetricsTable


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


def test_what_belongs_to_no_epoch_is_left_out(tmp_path):
    MetricsTable(tmp_path).log_metrics({"hp_metric": -1.0}, step=None)
    assert not (tmp_path / "metrics.csv").exists()
