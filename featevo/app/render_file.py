"""Drawing views of a network from a file of weights, into a record of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf

from featevo.app.build import build_classifier, build_data
from featevo.app.build_evolution import build_views
from featevo.app.later_settings import composed, with_overrides
from featevo.app.recorded_configuration import FILE, recorded_configuration
from featevo.app.schemas import plain, register
from featevo.app.trust import check_targets
from featevo.errors import UserError
from featevo.figures.run_files import draw_summary
from featevo.page.report_file import write_page
from featevo.record.files import write_text
from featevo.record.runfile import claim, recorded_run
from featevo.record.schema import Snapshot, TrainingState
from featevo.record.store import RunFolder
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Network
from featevo.visualize import NonFiniteError

register()


def render_file(
    path: Path,
    words: Sequence[str] = (),
    out: Path | None = None,
    trusted: bool = False,
    on_done: Callable[[Snapshot], None] = lambda snapshot: None,
) -> Path:
    """Draw the configured views of a network, once, into a new run folder.

    Args:
        path: A Lightning checkpoint, a featevo snapshot, or any safetensors or torch state dict. In the `checkpoints/`
            of a run, the network is that run's, and the overrides are those of `featevo.app.later_settings`.
            Otherwise it is that of `python -m featevo.train` with these overrides.
        words: Overrides.
        out: The new folder; None: one in `outputs/`.
        trusted: Whether that run's configuration may build anything.
        on_done: Called with what was recorded.

    Returns:
        The folder.

    Raises:
        UserError: When the weights do not fit the network, or something cannot be built or drawn.
    """
    cfg = _configuration(path, words, trusted)
    pl.seed_everything(cfg.seed, verbose=False)
    data = build_data(cfg)
    module = build_classifier(cfg, data)
    snapshotter = Snapshotter(
        build_views(cfg, data), raises=True, config=plain(cfg), real=partial(data.labelled, "val")
    )
    network = Network(module, data.classes, data.image_size, data.num_channels)
    name = f"render of {path.stem}"
    folder = out or Path(datetime.now().strftime("outputs/%Y-%m-%d/%H-%M-%S-render"))
    claim(folder)
    record = RunFolder(folder)
    with recorded_run(folder, name, list(words)) as run:
        write_text(folder / FILE, OmegaConf.to_yaml(cfg))
        snapshotter.begin(network, record)  # it records real images
        try:
            for view in snapshotter.views:
                view.check(network)
            taken = snapshotter.take(network, TrainingState(0, 0, "render"), record)
        except (ValueError, NonFiniteError, MemoryError) as error:
            raise UserError(f"evolution.views: {error}") from error
        run["began"] = True
        assert taken is not None  # otherwise it has raised
        on_done(taken.snapshot)
    draw_summary(folder)
    write_page(folder)
    return folder


def _configuration(path: Path, words: Sequence[str], trusted: bool) -> DictConfig:
    run = path.resolve().parent.parent
    if path.resolve().parent.name == "checkpoints" and (run / FILE).is_file():
        cfg = recorded_configuration(run)
        check_targets(cfg, str(run / FILE), trusted)
        cfg = with_overrides(cfg, words)
    else:
        cfg = composed(*words)
    cfg.init.name, cfg.init.weights = "checkpoint", str(path)
    return cfg
