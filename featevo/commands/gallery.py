"""`python -m featevo.gallery`: one figure with renders of the same units, a column per regularizer."""

from __future__ import annotations

import hydra
from omegaconf import DictConfig

from featevo.app.exit import run_ends_clearly, run_hydra_command
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.this_job import run_folder

register()


def main() -> int:
    """Run the command; returns its exit code."""
    return run_hydra_command(_main)


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="gallery")
def _main(cfg: DictConfig) -> None:
    with run_ends_clearly(run_folder(cfg)):
        # Here, as it takes seconds, and help and mistakes in the configuration need none of it.
        from featevo.app.gallery_sheet import gallery

        path = gallery(cfg)
    print(f"Figure: {path}")
