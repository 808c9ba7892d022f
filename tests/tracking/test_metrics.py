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


def without_folder(tmp_path):
    """A table that had one epoch, then two changes while a file was in the place of its folder."""
    table = MetricsTable(tmp_path / "run")
    table.log_metrics({"val_acc": 0.5, "epoch": 0}, step=49)
    (tmp_path / "run").rename(tmp_path / "moved")
    (tmp_path / "run").touch()
    table.log_metrics({"val_acc": 0.75, "epoch": 1}, step=99)
    table.log_metrics({"train_loss": 1.0, "epoch": 1}, step=99)
    return table


def test_a_table_that_cannot_be_written_is_logged_once_and_the_next_has_all_rows(tmp_path, caplog):
    table = without_folder(tmp_path)
    table.log_metrics({"val_acc": 0.8, "epoch": 2}, step=149)
    (record,) = caplog.records
    assert str(tmp_path / "run" / "metrics.csv") in record.getMessage()
    (tmp_path / "run").unlink()
    table.log_metrics({"val_acc": 0.9, "epoch": 3}, step=199)
    assert [row["val_acc"] for row in read(tmp_path / "run")] == ["0.5", "0.75", "0.8", "0.9"]


def test_the_end_of_training_tries_once_more(tmp_path):
    table = without_folder(tmp_path)
    table.finalize("success")
    (tmp_path / "run").unlink()
    table.finalize("success")
    assert [row["epoch"] for row in read(tmp_path / "run")] == ["1", "2"]
