"""A snapshot: every view of a network at one moment, with its measures, on record.

The callback decides *when*, the snapshotter *what*, the run folder *where*, `featevo.tracking` *who is notified*.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

from featevo.errors import UserError
from featevo.measure import layer_change
from featevo.measure.layer_change import Grams, GramsOf, computed_once
from featevo.measure.measuring import Measured, Measuring
from featevo.record.files import log_failure
from featevo.record.images import load_real
from featevo.record.schema import MAIN_VIEW, Snapshot, TrainingState
from featevo.record.store import REAL_EACH, RunFolder
from featevo.views.classes import Classes
from featevo.views.drawing import Progress, by_view, draw_view, origin_of, silent, sources_of
from featevo.views.isolation import isolated
from featevo.views.keeping import Keeping
from featevo.views.layer_comparison import LayerComparison
from featevo.views.ranks import Alone, Ranks
from featevo.views.view import Drawn, Network, RealImages, View
from featevo.visualize.network import constant_weights, tensors
from featevo.visualize.render import REMEDY

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """A snapshot as recorded, with the pixels (C, H, W) in 0..1 of each of its images.

    The first one of a record also has a real image of each class, as far as there are any.
    """

    snapshot: Snapshot
    pixels: Sequence[Tensor] = ()
    real: Sequence[Tensor] = ()


@dataclass(frozen=True)
class _Part:
    """What one view has drawn, or why it has not."""

    view: str
    drawn: list[Drawn]
    seconds: float
    error: str | None = None


@dataclass(frozen=True)
class Snapshotter:
    """Takes snapshots, of any network at any moment.

    Attributes:
        views: What is drawn, in this order; the images of `MAIN_VIEW` are measured.
        measuring: Measures them; None: nothing is measured.
        keeping: Which weights are kept.
        raises: Whether errors are raised; otherwise they are logged and recorded.
        config: Plain configuration whose hash is recorded with each image.
        real: Returns validation images, for views, and to record a few of them; None: there are none.
        layers: Records how much each layer changes; None: this is not recorded.
    """

    views: Sequence[View]
    measuring: Measuring | None = None
    keeping: Keeping = field(default_factory=Keeping)
    raises: bool = False
    config: dict[str, Any] | None = None
    real: RealImages | None = None
    layers: LayerComparison | None = None

    def begin(self, network: Network, folder: RunFolder, writes: bool = True) -> None:
        """Record real images, and prepare the measures with the weights at the start of training.

        Args:
            network: With these weights.
            folder: Of the run.
            writes: Whether anything may be written yet.
        """
        with isolated(), constant_weights(network.module), network.returning_logits():
            if writes:
                self._record_real(network.classes, folder)
            if self.measuring is None:
                return
            try:
                earlier, before = folder.moments(), folder.last(MAIN_VIEW, len(network.classes))
                is_whole = before is not None and before.shape[1] == network.channels
                self.measuring.begin(
                    network.module,
                    network.image_size,
                    network.channels,
                    _refused(earlier),
                    folder.path if earlier else None,
                    before if is_whole else None,
                )
            except Exception as failure:
                if self.raises:
                    raise
                log_failure(log, "Measuring cannot begin; training goes on without measures", failure)
                self.measuring.give_up(_line(failure))

    def take(
        self,
        network: Network,
        state: TrainingState,
        folder: RunFolder,
        ranks: Ranks | None = None,
        progress: Progress = silent,
        only: Container[str] | None = None,
    ) -> Taken | None:
        """Draw on all ranks and record on rank 0; every rank calls this.

        If some views fail and others do not, the images of the others are recorded.

        Args:
            network: To draw.
            state: The moment of training.
            folder: Of the run.
            ranks: The processes that draw together; None: this one alone.
            progress: Shows how far it is.
            only: Names of the views to draw; None: all.

        Returns:
            What was recorded; None when not even a failure could be recorded, and on ranks other than 0.
        """
        ranks = ranks or Alone()
        began = time.perf_counter()
        with isolated(), constant_weights(network.module), network.returning_logits():
            try:
                views = [view for view in self.views if only is None or view.name in only]
                parts = self._parts(views, network, state, folder, ranks, progress)
                return ranks.on_main(partial(self._record, parts, network, state, folder, ranks.world, began))
            except Exception as failure:  # the same on all ranks
                if self.raises:
                    raise
                if not ranks.is_main:
                    return None
                of_files = isinstance(failure, OSError)
                what = "Recording" if of_files else "Drawing"
                log_failure(log, f"{what} epoch {state.epoch} failed; training goes on", failure)
                error = _line(failure)
            try:
                seconds = round(time.perf_counter() - began, 3)
                return Taken(folder.append(Snapshot(**vars(state), seconds=seconds, error=error)))
            except (OSError, UserError) as again:
                if not of_files:  # the cause is logged already
                    log_failure(log, f"The record of epoch {state.epoch} cannot be written; training goes on", again)
                return None

    def measured(self, network: Network, images: Tensor | None, folder: RunFolder, grams: GramsOf | None) -> Measured:
        """The measures of the main view's images; an error is logged, or raised if `raises`.

        Args:
            network: That drew them.
            images: (K, C, H, W) in 0..1, one per class; None: there are none.
            folder: Of the run.
            grams: Of the network, see `grams_of`; None: it does not have the weights that drew them, so measures that
                need it are left out.
        """
        view = next((view for view in self.views if isinstance(view, Classes) and view.name == MAIN_VIEW), None)
        if self.measuring is None or images is None or view is None:
            return Measured()
        try:
            return self.measuring.snapshot(
                None if grams is None else network.module,
                images,
                grams,
                normalisation=(network.mean, network.std),
                seed=view.seed,
                draw=partial(view.again, network),
                folder=folder.path,
            )
        except Exception as failure:  # the images are recorded even without measures
            if self.raises:
                raise
            log_failure(log, "Measuring failed; the images are recorded, training goes on", failure)
            return Measured(provenance={"error": _line(failure)})

    def _record_real(self, classes: Sequence[str], folder: RunFolder) -> None:
        if self.real is None or folder.has_real or not classes:
            return
        try:
            folder.record_real(*self.real(REAL_EACH), classes)
        except Exception as failure:
            if self.raises:
                raise
            log_failure(log, "Real images cannot be recorded; training goes on without them", failure)

    def _parts(
        self,
        views: Sequence[View],
        network: Network,
        state: TrainingState,
        folder: RunFolder,
        ranks: Ranks,
        progress: Progress,
    ) -> list[_Part]:
        """What each view draws; raises the error of the first view if all fail, or if `raises`."""
        parts, failures = [], []
        known = ranks.shared(ranks.on_main(folder.last_units)) or {}
        for view in views:
            began = time.perf_counter()
            try:
                before = partial(folder.last, view.name)
                drawn = draw_view(view, network, self.real, known.get(view.name, []), before, ranks, progress)
                parts.append(_Part(view.name, drawn, round(time.perf_counter() - began, 3)))
            except Exception as failure:  # the same on all ranks
                failures.append(failure)
                if self.raises or len(failures) == len(views):
                    raise failures[0] from None
                parts.append(_Part(view.name, [], 0.0, _line(failure)))
                if ranks.is_main:
                    what = f"Drawing {view.name} of epoch {state.epoch} failed; other views are recorded"
                    log_failure(log, what, failure)
        return parts

    def _record(
        self, parts: list[_Part], network: Network, state: TrainingState, folder: RunFolder, world: int, began: float
    ) -> Taken:
        drawn = [one for part in parts for one in part.drawn]
        images, pixels = [one.image for one in drawn], [one.pixels for one in drawn]
        for image in images:
            if image.stopped == "zero gradient":
                log.warning("%s: no gradient reaches it, so its image is the start (%s)", image.name, REMEDY)
            elif image.stopped == "never rose":
                log.warning("%s: no step raised its objective; try another evolution.seed or step_size", image.name)
        seconds = round(time.perf_counter() - began, 3)
        main = [one.pixels for one in drawn if one.image.view == MAIN_VIEW]
        grams = grams_of(network)
        measured = self.measured(network, torch.stack(main) if main else None, folder, grams)
        origin = origin_of(network, world, self.config)
        sources = sources_of(drawn, origin)
        views = by_view(drawn, origin)
        provenance = views.pop(MAIN_VIEW, origin)
        views |= {part.view: {"error": part.error} for part in parts if part.error}
        provenance |= {"views": views} if views else {}
        snapshot = Snapshot(
            **vars(state),
            seconds=seconds,
            view_seconds={part.view: part.seconds for part in parts if part.drawn},
            provenance=provenance,
            images=images,
        )
        snapshot = measured.put_into(snapshot)
        weights = tensors(network.module) if self.keeping.snapshots else None
        matrices = measured.matrices_of([image.name for image in snapshot.of_view()])
        compared: Grams = self._compared(lambda layers: layers.grams(grams), {})
        real = [] if folder.moments() else load_real(folder.path)
        recorded = folder.append(snapshot, pixels, sources, weights, matrices, compared)
        self._compared(lambda layers: layers.write(folder), None)
        if self.keeping.last is not None:
            folder.remove_weights(self.keeping.last)
        return Taken(recorded, pixels, real)

    def _compared(self, act: Callable[[LayerComparison], T], otherwise: T) -> T:
        if self.layers is None:
            return otherwise
        try:
            return act(self.layers)
        except Exception as failure:
            if self.raises:
                raise
            log_failure(log, "Layers cannot be compared; the images are recorded, training goes on", failure)
            return otherwise


def grams_of(network: Network) -> GramsOf:
    """Gram matrices of the network's layers with its present weights, of the same images computed once."""
    return computed_once(partial(layer_change.grams, network.module, mean=network.mean, std=network.std))


def _refused(earlier: Sequence[Snapshot]) -> dict[str, str]:
    """The measures and judges that an earlier part of the run refused, and why."""
    known = [snapshot.provenance.get("measures") or {} for snapshot in earlier]
    return {name: reason for measures in known for name, reason in (measures.get("refused") or {}).items()}


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
