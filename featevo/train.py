"""python -m featevo.train: train a classifier and watch its features evolve.

`train(cfg)` does one run: compose the parts that the configuration names, fit, close. It returns the run's metrics.
"""

from __future__ import annotations

import logging
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import hydra
import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from pytorch_lightning.loggers import WandbLogger
from rich.console import Console

from featevo.build import (
    build,
    build_callbacks,
    build_classifier,
    build_data,
    build_evolution,
    build_loggers,
    build_trainer,
    wants_progress,
)
from featevo.command import DONE, FAILED, mistakes_end_the_run, run_hydra_command
from featevo.config import plain, register
from featevo.evolve.metrics import MetricsTable
from featevo.evolve.reading import read_evolution
from featevo.evolve.runfile import recorded_run
from featevo.evolve.table import print_table
from featevo.evolve.trackers import guarded
from featevo.evolve.wandb_run import finish
from featevo.paths import CONF
from featevo.report import write_report

log = logging.getLogger(__name__)

register()


def train(cfg: DictConfig) -> dict[str, float]:
    """One run, from configuration to record.

    Args:
        cfg: `conf/train.yaml` with its groups, composed by Hydra.

    Returns:
        The last epoch's metrics (`val_acc`, `val_loss`, `train_loss`, ...), `best_val_acc`, `best_epoch` and `epochs`.

    Raises:
        UserError: When the configuration asks for what cannot be had.
    """
    # Lightning 2.6 asks PyTorch 2.14 an outdated question in every fit; the user can do nothing about it.
    warnings.filterwarnings("ignore", r".*isinstance\(treespec, LeafSpec\)", FutureWarning)
    folder = run_folder(cfg)
    exit_code = FAILED
    with recorded_run(folder, cfg.name, overrides()) as run:
        try:
            run["metrics"] = _fit(cfg, folder, run)
            exit_code = DONE
        finally:
            finish(exit_code)
    if (folder / "evolution" / "index.jsonl").is_file():
        _show(folder)
    return run["metrics"]


def _fit(cfg: DictConfig, folder: Path, run: dict[str, Any]) -> dict[str, float]:
    pl.seed_everything(cfg.seed, workers=True, verbose=False)
    data = build_data(cfg)
    module = build_classifier(cfg, data)
    if module.report is not None:
        run["init"] = module.report.as_dict()
        log.info("%s", module.report)
    evolution = build_evolution(cfg, data, folder)
    tracker = build(cfg.logger.tracker, "logger.tracker", save_dir=folder)
    if isinstance(tracker, WandbLogger):
        experiment = tracker.experiment
        url = None if experiment.offline else experiment.url
        run["wandb"] = {"id": experiment.id, "project": experiment.project, "url": url}
    table = MetricsTable(folder)
    trackers = [guarded(logger) for logger in build_loggers(cfg, tracker)]
    for logger in trackers:
        logger.log_hyperparams(plain(cfg))
    callbacks = build_callbacks(cfg, folder, evolution, wants_progress(cfg))
    trainer = build_trainer(cfg, folder, [table, *trackers], callbacks)
    log.info("Run folder: %s", folder)
    trainer.fit(module, datamodule=data)
    return summary(table.rows, cfg.evolution.monitor, plain(cfg)["evolution"]["mode"])


def summary(rows: dict[int, dict[str, Any]], monitor: str, mode: str) -> dict[str, float]:
    """The last row of the metrics table, and the best value of the monitored metric with its epoch."""
    if not rows:
        return {}
    last = max(rows)
    metrics = {key: float(value) for key, value in rows[last].items() if key not in ("epoch", "step")}
    scored = {epoch: row[monitor] for epoch, row in rows.items() if monitor in row}
    if scored:
        best = (max if mode == "max" else min)(scored, key=lambda epoch: scored[epoch])
        metrics |= {f"best_{monitor}": scored[best], "best_epoch": best}
    return {**metrics, "epochs": last}


def _show(folder: Path) -> None:
    """The page, and where everything is."""
    page = write_report([folder])
    console = Console()
    print_table(read_evolution(folder), console)
    places = {"Run folder": folder, "Figure": folder / "evolution.png", "Page": page}
    for what, path in places.items():
        console.print(f"{what + ':':<12}{path}", soft_wrap=True, highlight=False)
    further = "Look further: open the page in a browser"
    if (folder / "wandb").is_dir():
        further += f"; in a terminal: {Path(sys.executable).parent / 'wandb'} leet {folder / 'wandb'}"
    console.print(further, soft_wrap=True, highlight=False)


def overrides() -> list[str]:
    """The command's overrides, none where `train` is called from Python."""
    return list(HydraConfig.get().overrides.task) if HydraConfig.initialized() else []


def run_folder(cfg: DictConfig) -> Path:
    """Hydra's output folder; called from Python, the folder that a command would have taken."""
    if HydraConfig.initialized():
        return Path(HydraConfig.get().runtime.output_dir)
    return Path(datetime.now().strftime("outputs/%Y-%m-%d/%H-%M-%S-") + cfg.name)


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")
def main(cfg: DictConfig) -> float | None:
    """Hydra's entry; sweepers get the best value of the monitored metric."""
    with mistakes_end_the_run():
        return train(cfg).get(f"best_{cfg.evolution.monitor}")


if __name__ == "__main__":
    sys.exit(run_hydra_command(main))
