"""One run: build the parts that the configuration names, fit, close."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.loggers import Logger

from featevo.app.build import build_classifier, build_data
from featevo.app.build_evolution import build_evolution
from featevo.app.processes import ending_together
from featevo.app.ranges import check_ranges
from featevo.app.recorded_configuration import FILE
from featevo.app.resume import Earlier, earlier_part
from featevo.app.schemas import plain, register
from featevo.app.sigterm import ended_by_sigterm
from featevo.app.this_job import is_main_process, multirun_folder, overrides, run_folder
from featevo.app.trainer import build_callbacks, build_trackers, build_trainer, warnings_of
from featevo.errors import DONE, FAILED, UserError
from featevo.page.report_file import write_page
from featevo.record.files import log_failure, write_json, write_text
from featevo.record.runfile import claim, claim_again, interruption, recorded_run
from featevo.record.store import RunFolder
from featevo.tracking.ending import BRIEF, end
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.points import points_of
from featevo.tracking.quiet import quiet_lightning
from featevo.tracking.reopening import identities, of_wandb
from featevo.tracking.trackers import guarded
from featevo.tracking.wandb_run import INTERRUPTED

log = logging.getLogger(__name__)

register()


def train(cfg: DictConfig) -> dict[str, float]:
    """One run, from configuration to record.

    Args:
        cfg: `conf/train.yaml` with its groups, composed by Hydra; with `resume`, see `featevo.app.resume`.

    Returns:
        The last epoch's metrics (`val_acc`, `val_loss`, `train_loss`, ...), `best_val_acc`, `best_epoch` and `epochs`;
        of several processes, the main one alone has them.

    Raises:
        UserError: When something of the configuration cannot be built.
    """
    earlier = earlier_part(cfg)
    if earlier is not None and earlier.is_over:
        log.info("%s has finished; trainer.max_epochs=N with a larger N continues it", cfg.resume)
        return dict(earlier.run.get("metrics") or {})
    run = Recording(cfg, run_folder(cfg)) if earlier is None else Recording(earlier.cfg, Path(cfg.resume), earlier)
    with quiet_lightning(), ended_by_sigterm(), _recorded(run):
        _fit(run)
    return run.content["metrics"]


@dataclass
class Recording:
    """A run while it goes on.

    Attributes:
        cfg: Its configuration.
        folder: Its folder.
        earlier: The part of it before it was resumed; None: it is new.
        content: What `run.json` will have; of the main process alone.
        trackers: Loggers that are notified of the end.
    """

    cfg: DictConfig
    folder: Path
    earlier: Earlier | None = None
    content: dict[str, Any] = field(default_factory=dict)
    trackers: list[Logger] = field(default_factory=list)


@contextmanager
def _recorded(run: Recording) -> Iterator[None]:
    """Keep the record around a run: `run.json`, and in the end the page and the trackers; the main process does it."""
    folder, earlier = run.folder, run.earlier
    if not is_main_process():
        yield
        return
    if earlier is None:
        claim(folder)
    else:
        claim_again(folder, earlier.run)
    if earlier is not None or not HydraConfig.initialized():
        try:
            write_text(folder / FILE, OmegaConf.to_yaml(run.cfg))
        except OSError as error:
            raise UserError(f"{folder / FILE} cannot be written ({error.strerror})") from error
    name = run.cfg.name if multirun_folder() is None else folder.name
    exit_code, signal = FAILED, None
    try:
        with recorded_run(folder, name, overrides(), None if earlier is None else earlier.run) as run.content:
            yield
        exit_code = DONE
    except BaseException as error:
        signal = interruption(error)
        exit_code = INTERRUPTED if signal else FAILED
        raise
    finally:  # however the run ended: run.json has it, the page shows it, trackers get the page
        if signal != "SIGTERM":  # a page takes seconds; `python -m featevo.report` and a resumed run write it
            write_page(folder)
        end(run.trackers, folder, exit_code, BRIEF if signal == "SIGTERM" else None)


def _fit(run: Recording) -> None:
    cfg = run.cfg
    # Everything that the configuration can get wrong comes before a tracker is notified of a run.
    check_ranges(cfg)
    pl.seed_everything(cfg.seed, workers=True, verbose=False)
    data = build_data(cfg)
    module = build_classifier(cfg, data)
    if module.report is not None:
        run.content["init"] = module.report.as_dict()
        log.info("%s", module.report)
    if module.augmentation is not None:
        names = ", ".join(module.augmentation.transforms)
        log.info("Augmentation: training images are changed by %s; augmentation=none: as they are", names)
    if module.perturbation is not None:
        log.info("Robust training: images are perturbed by %s; robustness=none: ordinary", module.perturbation)
    evolution = build_evolution(cfg, data, run.folder, module)
    table = MetricsTable(run.folder)
    trainer = build_trainer(cfg, run.folder, table, build_callbacks(cfg, run.folder, table, evolution))
    if run.earlier is None:
        run.trackers += [guarded(logger) for logger in build_trackers(cfg, run.folder)]
    else:
        found = build_trackers(cfg, run.folder, run.earlier.run.get("trackers") or [])
        run.trackers += [guarded(logger, points_of(logger)) for logger in found]
    run.content["trackers"] = identities(run.trackers)
    run.content["wandb"] = of_wandb(run.content["trackers"])
    if is_main_process():
        try:
            write_json(run.folder / "run.json", run.content)  # so that the runs of a killed process can be found
        except OSError as error:
            log_failure(log, f"{run.folder / 'run.json'} cannot be written; training goes on", error)
    for logger in run.trackers:
        logger.log_hyperparams(plain(cfg))
    # The table first: it has every number before any tracker.
    trainer.loggers = [table, *run.trackers]
    for line in warnings_of(trainer):
        log.warning(line)
    log.info("Run folder: %s", run.folder)
    checkpoint = None if run.earlier is None else run.earlier.checkpoint
    if checkpoint is not None:
        log.info("Resumed from %s", checkpoint)
    elif run.earlier is not None:
        log.info("No epoch was completed and saved: training begins again")
        if is_main_process():
            RunFolder(run.folder).truncate_after(-1)
    run.content["began"] = True
    try:
        with ending_together(trainer, run.folder):
            trainer.fit(module, datamodule=data, ckpt_path=checkpoint)
    finally:
        run.content["metrics"] = summary(table.rows, cfg.evolution.monitor, plain(cfg)["evolution"]["mode"])


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
