"""`python -m featevo.train`: train a classifier and draw how its features evolve; one run, or jobs of a multirun."""

from __future__ import annotations

import hydra
from omegaconf import DictConfig

from featevo.app.exit import run_ends_clearly
from featevo.app.paths import CONF
from featevo.app.run_end import show_closing
from featevo.app.schemas import register
from featevo.app.this_job import is_main_process, multirun_folder, run_folder
from featevo.sweep.command import run_command
from featevo.sweep.job import run_job

register()


def main() -> int:
    """Run the command; returns its exit code."""
    return run_command(_main)


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")
def _main(cfg: DictConfig) -> float | None:
    """Returns the best value of the monitored metric, for Hydra's sweepers."""
    if multirun_folder() is not None:
        return run_job(cfg)
    folder = run_folder(cfg)
    with run_ends_clearly(folder):
        # Here, as it takes seconds, and help and mistakes in the configuration need none of it.
        from featevo.app.training import train

        metrics = train(cfg)
    if is_main_process():
        show_closing(folder, metrics, cfg.evolution.monitor)
    return metrics.get(f"best_{cfg.evolution.monitor}")
