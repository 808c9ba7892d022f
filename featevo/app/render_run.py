"""Drawing views of a finished run from the weights of its snapshots, into its own record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig

from featevo.app.build_evolution import build_views
from featevo.app.later_settings import with_overrides
from featevo.app.recorded_network import RecordedNetwork
from featevo.app.schemas import plain
from featevo.app.trust import check_targets
from featevo.errors import UserError
from featevo.record.jobs import RUNNING, status_of
from featevo.record.reading import read_evolution, read_run
from featevo.record.schema import INDEX, Snapshot
from featevo.views.drawing import by_view, draw_view, origin_of, sources_of
from featevo.views.isolation import isolated
from featevo.views.ranks import Alone, Shards
from featevo.views.view import Drawn
from featevo.visualize import NonFiniteError

OVERRIDES = "overrides"
"""The key of a later rendering's overrides in the provenance of its views."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """What is drawn of one snapshot.

    Attributes:
        snapshot: Of the record.
        views: Names of the views.
        known: By name of the view: the units to draw; without one, the view chooses.
    """

    snapshot: Snapshot
    views: tuple[str, ...]
    known: dict[str, list[int]]


@dataclass(frozen=True)
class Rendered:
    """What was drawn of one view of one snapshot.

    Attributes:
        snapshot: Of the record.
        view: Name of the view.
        drawn: Its images.
        origin: What their provenance has in common.
        seconds: Time for them.
    """

    snapshot: Snapshot
    view: str
    drawn: list[Drawn]
    origin: dict[str, Any]
    seconds: float


class Renderer:
    """Draws views of snapshots of one run.

    Args:
        folder: The run folder.
        words: Overrides, see `featevo.app.later_settings`.
        trusted: Whether its configuration may build anything, see `featevo.app.trust`.
        recorded: Whether the overrides are from the record, too, and not the user's own.

    Raises:
        UserError: When its network, data or views cannot be built, or the data has other classes than the record.
    """

    def __init__(self, folder: Path, words: Sequence[str] = (), trusted: bool = False, recorded: bool = False) -> None:
        def change(cfg: DictConfig) -> DictConfig:
            cfg = _prepared(cfg, words)
            if recorded:
                check_targets(cfg, str(folder / INDEX), trusted)
            return cfg

        self.run = RecordedNetwork(folder, trusted, change)
        self.views = {view.name: view for view in build_views(self.run.cfg, self.run.data)}
        _check_classes(folder, self.run.data.classes)
        for view in self.views.values():
            try:
                view.check(self.run.network)
            except ValueError as error:
                raise UserError(f"evolution.views.{view.name}: {error}") from error

    def draw(self, task: Task) -> Iterator[Rendered]:
        """Draw the views of a snapshot with its weights, on as many processes' worth of batches as in training.

        Raises:
            UserError: When the weights cannot be read, or a view cannot draw the network.
        """
        if not self.run.load(task.snapshot):
            raise UserError(f"{self.run.record.path}: the weights of {task.snapshot.folder} were not kept")
        real = partial(self.run.data.labelled, "val")
        for name in task.views:
            began, view = time.perf_counter(), self.views[name]
            known, before = task.known.get(name, []), partial(self.run.record.last, name, before=task.snapshot)
            world = _ranks_of(task.snapshot, name)
            try:
                with isolated():
                    ranks = Shards(world) if world > 1 else Alone()
                    drawn = draw_view(view, self.run.network, real, known, before, ranks)
            except (ValueError, NonFiniteError, MemoryError) as error:
                raise UserError(f"{task.snapshot.folder}, evolution.views.{name}: {error}") from error
            origin = origin_of(self.run.network, world, plain(self.run.cfg))
            yield Rendered(task.snapshot, name, drawn, origin, round(time.perf_counter() - began, 3))


def render_run(
    folder: Path,
    words: Sequence[str] = (),
    trusted: bool = False,
    epochs: Collection[int] | None = None,
    jobs: int = 1,
    on_done: Callable[[Rendered], None] = lambda rendered: None,
) -> int:
    """Draw the configured views of a run's snapshots that the record lacks, and add them to it.

    It may be interrupted and started again: what is in the record is not drawn again.

    Args:
        folder: The run folder.
        words: Overrides, see `featevo.app.later_settings`; they are recorded with the images.
        trusted: Whether its configuration may build anything.
        epochs: Only these; None: all.
        jobs: Processes that draw, one snapshot each at a time.
        on_done: Called with what was added to the record.

    Returns:
        The number of images added.

    Raises:
        UserError: When the run goes on, no weights were kept, or something cannot be built or drawn.
    """
    run = read_run(folder)
    if run and status_of(run)[0] == RUNNING:
        raise UserError(f"{folder}: this run is still running; render when it has ended")
    renderer = Renderer(folder, words, trusted)
    snapshots = _chosen(folder, epochs)
    there = [each for each in snapshots if (folder / each.weights_file).is_file()]
    if not there:
        raise UserError(f"{folder}: no weights of its snapshots were kept (evolution.save_weights)")
    if len(there) < len(snapshots):
        log.warning("%s: of %d snapshots the weights were not kept", folder, len(snapshots) - len(there))
    known = renderer.run.record.last_units()
    tasks = [Task(each, tuple(name for name in renderer.views if not each.of_view(name)), known) for each in there]
    tasks = [task for task in tasks if task.views]
    if jobs > 1 and any(view.goes_on for view in renderer.views.values()):
        raise UserError("evolution.start=last: each snapshot needs the images of the one before; use --jobs 1")
    count = 0
    for rendered in _drawn(renderer, tasks, (folder, words, trusted), min(jobs, len(tasks))):
        _add(renderer, rendered, list(words))
        on_done(rendered)
        count += len(rendered.drawn)
    return count


def _drawn(renderer: Renderer, tasks: list[Task], made_from: Any, jobs: int) -> Iterator[Rendered]:
    if jobs > 1:
        # All processes draw the units that the first snapshot chooses, as one process would.
        first, *tasks = tasks
        for rendered in renderer.draw(first):
            yield rendered
            first.known.setdefault(rendered.view, [one.image.unit for one in rendered.drawn])
        threads = max(1, torch.get_num_threads() // jobs)
        with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (*made_from, threads)) as pool:
            for several in pool.map(_draw_there, tasks):
                yield from several
        return
    for task in tasks:
        for rendered in renderer.draw(task):
            yield rendered
            task.known.setdefault(rendered.view, [one.image.unit for one in rendered.drawn])


_RENDERER: list[Renderer] = []
"""In a process of its own: its renderer, made once."""


def _start(folder: Path, words: Sequence[str], trusted: bool, threads: int) -> None:
    torch.set_num_threads(threads)
    _RENDERER.append(Renderer(folder, words, trusted))


def _draw_there(task: Task) -> list[Rendered]:
    return list(_RENDERER[0].draw(task))


def _add(renderer: Renderer, rendered: Rendered, words: list[str]) -> None:
    origin = {**rendered.origin, OVERRIDES: words}
    renderer.run.record.add(
        rendered.snapshot,
        [one.image for one in rendered.drawn],
        [one.pixels for one in rendered.drawn],
        sources_of(rendered.drawn, origin),
        {rendered.view: rendered.seconds},
        by_view(rendered.drawn, origin),
    )


def _prepared(cfg: DictConfig, words: Sequence[str]) -> DictConfig:
    """With overrides, and without the initial weights: those of the snapshots take their place."""
    cfg = with_overrides(cfg, words)
    cfg.init.name, cfg.init.weights = "random", None
    return cfg


def _chosen(folder: Path, epochs: Collection[int] | None) -> list[Snapshot]:
    snapshots = read_evolution(folder).snapshots
    there = {snapshot.epoch for snapshot in snapshots}
    if epochs is not None and (missing := sorted(set(epochs) - there)):
        raise UserError(
            f"{folder}: has no snapshot of epoch {missing[0]}; there are {', '.join(map(str, sorted(there)))}"
        )
    return [snapshot for snapshot in snapshots if epochs is None or snapshot.epoch in epochs]


def _check_classes(folder: Path, classes: Sequence[str]) -> None:
    recorded = read_evolution(folder).classes
    if other := [name for unit, name in recorded.items() if unit >= len(classes) or classes[unit] != name]:
        raise UserError(f"{folder}: its images are of {', '.join(other)}; the data now has {', '.join(classes)}")


def _ranks_of(snapshot: Snapshot, view: str) -> int:
    """The processes that drew a view of a snapshot, 1 for one that is new: they determine the batches."""
    ranks = snapshot.provenance_of(view).get("ranks") if snapshot.of_view(view) else 1
    return ranks if isinstance(ranks, int) and 1 <= ranks <= 1024 else 1
