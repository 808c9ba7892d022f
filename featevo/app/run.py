"""One run: build the parts that the configuration names, fit, close."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.loggers import Logger

from featevo.app.build import build_classifier, build_data, build_evolution
from featevo.app.closing import write_page
from featevo.app.job import is_main_process, multirun_folder, overrides, run_folder
from featevo.app.processes import ending_together
from featevo.app.schemas import plain, register
from featevo.app.trainer import build_callbacks, build_trackers, build_trainer, warnings_of
from featevo.errors import DONE, FAILED, UserError
from featevo.record.files import write_json, write_text
from featevo.record.runfile import claim, recorded_run
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.trackers import drain, guarded, notify_end
from featevo.tracking.wandb_run import finish, identity

SEEDS = 2**32
"""Numbers that NumPy takes as a seed."""

log = logging.getLogger(__name__)

register()


def train(cfg: DictConfig) -> dict[str, float]:
    """One run, from configuration to record.

    Args:
        cfg: `conf/train.yaml` with its groups, composed by Hydra.

    Returns:
        The last epoch's metrics (`val_acc`, `val_loss`, `train_loss`, ...), `best_val_acc`, `best_epoch` and `epochs`;
        of several processes, the main one alone has them.

    Raises:
        UserError: When the configuration asks for what cannot be had.
    """
    folder = run_folder(cfg)
    if not is_main_process():
        with _lightning_says_little():
            return _fit(cfg, folder, {}, [])
    claim(folder)
    if not HydraConfig.initialized():
        write_text(folder / ".hydra" / "config.yaml", OmegaConf.to_yaml(cfg))
    name = cfg.name if multirun_folder() is None else folder.name
    exit_code, trackers = FAILED, list[Logger]()
    try:
        with _lightning_says_little(), recorded_run(folder, name, overrides()) as run:
            _fit(cfg, folder, run, trackers)
        exit_code = DONE
    finally:  # whatever became of the run: run.json says it, the page shows it, trackers get the page
        write_page(folder)
        notify_end(trackers, folder)
        drain(trackers)
        finish(exit_code)
    return run["metrics"]


def _fit(cfg: DictConfig, folder: Path, run: dict[str, Any], trackers: list[Logger]) -> dict[str, float]:
    # Everything that the configuration can get wrong comes before anybody is told of a run.
    if not 0 <= cfg.seed < SEEDS:
        raise UserError(f"seed={cfg.seed}: must be at least 0 and below {SEEDS}")
    pl.seed_everything(cfg.seed, workers=True, verbose=False)
    data = build_data(cfg)
    module = build_classifier(cfg, data)
    if module.report is not None:
        run["init"] = module.report.as_dict()
        log.info("%s", module.report)
    evolution = build_evolution(cfg, data, folder)
    table = MetricsTable(folder)
    trainer = build_trainer(cfg, folder, table, build_callbacks(cfg, folder, evolution))
    trackers += [guarded(logger) for logger in build_trackers(cfg, folder)]
    run["wandb"] = next((known for known in map(identity, trackers) if known), None)
    if is_main_process():
        write_json(folder / "run.json", run)  # from now on it is known which W&B run a killed process leaves open
    for logger in trackers:
        logger.log_hyperparams(plain(cfg))
    # The table first: it has every number before any tracker hears of it.
    trainer.loggers = [table, *trackers]
    for line in warnings_of(trainer):
        log.warning(line)
    log.info("Run folder: %s", folder)
    run["began"] = True
    try:
        with ending_together(trainer, folder):
            trainer.fit(module, datamodule=data)
    finally:
        run["metrics"] = summary(table.rows, cfg.evolution.monitor, plain(cfg)["evolution"]["mode"])
    return run["metrics"]


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


@contextmanager
def _lightning_says_little() -> Iterator[None]:
    """Neither devices nor other products on the terminal; for whoever asks for its debug messages, as it was."""
    loggers = {name: logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric")}
    levels = {name: logger.level for name, logger in loggers.items()}
    with warnings.catch_warnings():
        # Lightning 2.6 asks PyTorch 2.14 an outdated question in every fit; the user can do nothing about it.
        warnings.filterwarnings("ignore", r".*isinstance\(treespec, LeafSpec\)", FutureWarning)
        for name, logger in loggers.items():
            if levels[name] != logging.DEBUG:
                logger.setLevel(logging.WARNING)
        try:
            yield
        finally:
            for name, logger in loggers.items():
                logger.setLevel(levels[name])
