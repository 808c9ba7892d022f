"""FeatureEvolutionCallback: draws every class when training has improved, and leaves training unchanged."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.trainer.states import TrainerFn
from torch import Tensor
from torch.utils.data import Dataset

from featevo.evolve.drawn_network import DrawnNetwork
from featevo.evolve.line import line
from featevo.evolve.misfit import strange_range
from featevo.evolve.own_run import OwnRun
from featevo.evolve.progress import drawing_progress
from featevo.evolve.real_images import real_images
from featevo.evolve.record_folder import chosen_folder
from featevo.evolve.sharding import TrainerRanks, check_strategy
from featevo.evolve.training_state import EpochLoss, logged_step, state_of
from featevo.evolve.trigger import Trigger, ViewTriggers
from featevo.figures.run_files import draw_summary
from featevo.measure.defaults import default_measuring
from featevo.measure.measuring import Measuring
from featevo.record.provenance import config_hash
from featevo.record.runfile import interruption
from featevo.record.schema import MAIN_VIEW, WEIGHTS, TrainingState
from featevo.record.store import RunFolder
from featevo.tracking.ending import BRIEF
from featevo.tracking.trackers import drain, notify, without_images
from featevo.tracking.worker import PATIENCE
from featevo.views.choose import Planned, Views, planned_views
from featevo.views.classes import ObjectiveOf
from featevo.views.isolation import isolated
from featevo.views.keeping import Keeping
from featevo.views.layer_comparison import LayerComparison
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import RealImages
from featevo.visualize import Regularizer
from featevo.visualize.bundles import DEFAULT
from featevo.visualize.network import tensors
from featevo.visualize.parameterizations import Examples
from featevo.visualize.settings import AscentSettings

ON_ERROR = ("continue", "raise")
"""After a failed render: log and record it, or stop training."""

log = logging.getLogger(__name__)


class FeatureEvolutionCallback(pl.Callback):
    """Draws one render per class by activation maximization at every validation that improves the monitored metric.

    Other views of the network can be drawn, too, each with a trigger and settings of its own.

    Renders, index and weights are written to a run folder first, then logged by the trainer's loggers. Training with
    this callback is bit for bit the training without it.

    A record holds one training. `fit(ckpt_path=...)` with a checkpoint of that training continues it, as does another
    `fit` of the same trainer and module. Any other fit is another training: it gets a new folder; if `folder` is given
    and holds a record, it is an error. The renders show the weights of the module at `on_validation_end`; callbacks
    that use averaged weights for validation have restored the others by then.

    Example::

        callback = FeatureEvolutionCallback(classes=["cat", "dog"], image_size=64)
        trainer = pl.Trainer(max_epochs=10, callbacks=[callback])

    Args:
        classes: Names of the classes, in the order of the module's logits; all are drawn. If `objective` is a function,
            names of its units; None: the network has no classes, so `views` names other views than "classes".
        image_size: Side of square images in pixels, or (height, width).
        channels: Channels of the images; None: as many as `mean` has, or as the module's first convolution takes.
        mean: Per channel: subtracted from images in 0..1 before the module's `forward`.
        std: Per channel: divides them after that.
        views: What is drawn: names in `featevo.views.choose.KINDS`, or settings by name, for example
            `{"classes": {}, "inversion": {"layers": ["conv3_1"], "trigger": "every_n", "every_n": 5}}`; see
            `featevo.views.choose.planned_views`. The arguments below apply to each view without an own value.
        monitor: Name of the logged metric that decides.
        mode: Whether "max" or "min" of it is better.
        min_delta: An improvement must be larger than this.
        trigger: "improvement", "every_epoch" or "every_n".
        every_n: The n of "every_n", in epochs.
        before_training: Also draw before the first step, as epoch 0.
        last_epoch: Also draw the last epoch, improved or not, as in the paper's Fig. 2.
        steps: Steps of gradient ascent.
        step_size: Size of a step; None: the regularizer's own.
        first_step: Factor of the first step's size, which goes to 1 along a cosine; with 4, fewer steps are needed.
        seed: Seed of the start images, the same at every epoch.
        objective: "logit" or "log_probability" of each class; or, for networks without classes, a function from units
            (0, 1, ..., one for each name) to an objective of `featevo.visualize`, such as directions of an embedding.
        output: From what the module's `forward` returns to logits (B, K); None: the output itself, its `logits`, or the
            first of a tuple.
        start: "noise"; "mean": the mean of the examples; "last": the renders of the snapshot before (then
            renders depend on earlier networks, too).
        regularizer: A bundle or its name in `featevo.visualize.bundles`.
        examples: Training images (N, C, H, W) in 0..1, or a function that returns them, for regularizers and starts
            that need them ("maco", "mean").
        chunk_size: Classes drawn in one batch; None: as many as fit into memory.
        save_weights: Which weights are kept: those of each snapshot (True, "snapshots"), of every validated epoch, also
            without images ("all"), of the last snapshots (a number), or none (False).
        layer_change: Record how much each layer changes between snapshots, by 64 of the images of `real`, see
            `featevo.measure.layer_change`; without `real` nothing is recorded.
        on_error: "continue": a failed render is logged and recorded, training continues; "raise": it stops training.
        folder: The run folder; None: the first logger's folder for checkpoints, or one beside it if that holds another
            training's record, see `featevo.evolve.record_folder`.
        config: Plain configuration whose hash is recorded with each render.
        measures: Compute the measures of the default run at each snapshot (docs/measures.md); some need `real`.
        measuring: Computes other measures, see `featevo.measure.measuring`.
        real: Validation images: views and measures use them, and up to four of each class are shown beside the renders.
            A data set with entries (image, label), as the module's `forward` takes images (`mean` and `std` bring them
            back to 0..1); or a function from a number n to at most n images of each class, (N, C, H, W) in 0..1, and
            their classes (N,).
        name: Of the run on the page and in figures; None: that of the folder.
        page: Also keep what the command keeps around a run: `run.json`, `metrics.csv`, `report.html`, and the settings,
            results and page in the trackers. False where something else does, as `featevo.train`.

    Raises:
        ValueError: For settings out of range.

    Epochs are completed passes, from 1; Lightning's own names of checkpoints count them from 0.
    """

    def __init__(
        self,
        classes: Sequence[str] | None,
        image_size: int | tuple[int, int],
        channels: int | None = None,
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
        *,
        views: Views = MAIN_VIEW,
        monitor: str = "val_acc",
        mode: str = "max",
        min_delta: float = 0.0,
        trigger: str = "improvement",
        every_n: int = 1,
        before_training: bool = False,
        last_epoch: bool = True,
        steps: int = AscentSettings.steps,
        step_size: float | None = None,
        first_step: float = AscentSettings.first_step,
        seed: int = AscentSettings.seed,
        objective: str | ObjectiveOf = "logit",
        output: Callable[[Any], Tensor] | None = None,
        start: str = "noise",
        regularizer: Regularizer | str = DEFAULT,
        examples: Examples = None,
        chunk_size: int | None = AscentSettings.chunk_size,
        save_weights: bool | int | str = True,
        layer_change: bool = True,
        on_error: str = "continue",
        folder: str | Path | None = None,
        config: dict[str, Any] | None = None,
        measures: bool = False,
        measuring: Measuring | None = None,
        real: RealImages | Dataset[Any] | None = None,
        name: str | None = None,
        page: bool = True,
    ) -> None:
        settings: dict[str, Any] = {"steps": steps, "step_size": step_size, "first_step": first_step}
        settings |= {"seed": seed, "chunk_size": chunk_size}
        settings["regularizer"] = Regularizer.named(regularizer) if isinstance(regularizer, str) else regularizer
        settings |= {"examples": examples, "objective": objective, "start": start}
        planned = planned_views(views, settings)
        drawn = [one.view for one in planned]
        if on_error not in ON_ERROR:
            raise ValueError(f"on_error={on_error}: there are {', '.join(ON_ERROR)}")
        if measures and measuring is not None:
            raise ValueError("measures=True, measuring=...: give one of them")
        are_logits = MAIN_VIEW in [view.name for view in drawn] and not callable(objective)
        self._drawn = DrawnNetwork(classes, image_size, channels, mean, std, output, drawn, are_logits)
        names = self._drawn.classes
        about = {**settings, "regularizer": repr(settings["regularizer"]), "examples": None}
        about |= {"objective": getattr(objective, "__qualname__", objective)}
        about |= {"image_size": image_size, "channels": self._drawn.channels, "mean": tuple(mean), "std": tuple(std)}
        if views != MAIN_VIEW:
            about["views"] = repr(views)
        self._drawing = config_hash(about)[:12]
        self._settings = {**about, "classes": list(names), "monitor": monitor, "trigger": trigger}
        self.monitor = monitor
        self.trigger = Trigger(trigger, every_n, mode, min_delta)
        own = {one.view.name: _own_trigger(one, mode, min_delta) for one in planned if one.trigger is not None}
        self._triggers = ViewTriggers(self.trigger, own, [view.name for view in drawn])
        self.before_training, self.last_epoch = before_training, last_epoch
        images = real_images(real, len(names), image_size, mean, std)
        if measures:
            measuring = default_measuring(images)
        layers = LayerComparison(images, len(names)) if layer_change and images and names else None
        keeping = Keeping.of(save_weights)
        self.snapshotter = Snapshotter(drawn, measuring, keeping, on_error == "raise", config, images, layers)
        self.folder = None if folder is None else Path(folder)
        self.name, self.page = name, page
        self.record: RunFolder | None = None
        self._own: OwnRun | None = None
        self._rows: dict[int, dict[str, Any]] = {}
        self._training: str | None = None
        self._module: int | None = None
        self._continues = self._resumed = self._is_over = False
        self._loss = EpochLoss()
        self._last: tuple[TrainingState, int] | None = None
        self._drawn_step: int | None = None
        self._drawn_views: list[str] = []
        self._drawn_acc: float | None = None

    @property
    def state_key(self) -> str:
        """Separates the states of several such callbacks in one checkpoint."""
        trigger = {"mode": self.trigger.mode, "kind": self.trigger.kind}
        return self._generate_state_key(monitor=self.monitor, **trigger, drawing=self._drawing)

    def state_dict(self) -> dict[str, Any]:
        """The best value so far, the last snapshot and the last validation, and the training's id."""
        last = None if self._last is None else {"state": vars(self._last[0]), "step": self._last[1]}
        drawn = {"drawn_step": self._drawn_step, "drawn_acc": self._drawn_acc, "drawn_views": self._drawn_views}
        rows = self._rows if self._own is None else self._own.rows
        return {**self._triggers.state_dict(), **drawn, "last": last, "training": self._training, "rows": rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue after a resume, so that the first epoch does not count as an improvement again.

        What the record has beyond the checkpoint is removed in `on_fit_start`: it will be drawn again.
        """
        self._triggers.load_state_dict(state_dict)
        self._drawn_step, self._drawn_acc = state_dict.get("drawn_step"), state_dict.get("drawn_acc")
        self._drawn_views = state_dict.get("drawn_views", self._triggers.views)
        last = state_dict.get("last")
        self._last = None if last is None else (TrainingState(**last["state"]), last["step"])
        self._rows = state_dict.get("rows", {})
        self._training = state_dict.get("training")
        # None: Lightning's tuners save and load a checkpoint before training has begun.
        self._continues = self._training is not None or "training" not in state_dict
        self._resumed = self._training is not None

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Reset the state of an earlier fit, unless this fit continues it; a checkpoint is loaded after this."""
        if stage != "fit":
            return
        self._continues = trainer.global_step > 0 and self._module == id(pl_module)
        self._resumed = self._is_over = False
        if not self._continues:
            self._triggers.reset()
            self._drawn_views, self._rows = [], {}
            self._last = self._drawn_step = self._drawn_acc = self._training = None

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Choose the folder; log the size of the weights on disk, and which loggers show no images.

        Raises:
            ValueError: If the folder holds another record or that of another callback, no process has all weights, or a
                view names a layer that the module does not have.
        """
        self.record = self._own = None
        check_strategy(trainer)
        ranks = TrainerRanks(trainer)
        ranks.on_main(lambda: self.check(pl_module))
        # uuid4 uses the system's randomness: training's random streams stay unchanged.
        training = ranks.shared(self._training or uuid.uuid4().hex)
        folder = ranks.shared(ranks.on_main(lambda: chosen_folder(trainer, self.folder, training, self._continues)))
        assert folder is not None  # rank 0 has one
        evolutions = _evolutions(trainer)
        if any(other is not self and other.record and other.record.path == folder for other in evolutions):
            raise ValueError(f"folder={folder}: two evolutions of one trainer need a folder each")
        self._training, self._module = training, id(pl_module)
        self.record = record = RunFolder(folder, training)
        writes = not trainer.fast_dev_run  # type: ignore[attr-defined]
        if self._resumed and writes:
            drawn = -1 if self._drawn_step is None else self._drawn_step
            ranks.on_main(lambda: record.truncate_after(drawn))
        ranks.on_main(lambda: self.snapshotter.begin(self._drawn.of(pl_module), record, writes))
        if self is evolutions[0] and ranks.is_main and not trainer.fast_dev_run:  # type: ignore[attr-defined]
            for kind in without_images(trainer.loggers):
                log.warning("%s shows no images: they are in %s", kind, folder)
        if self.snapshotter.keeping.snapshots and ranks.is_main:
            size = sum(tensor.numel() * tensor.element_size() for tensor in tensors(pl_module).values())
            log.info("%s", self.snapshotter.keeping.cost(size))
        if self.page and writes:
            own = OwnRun(folder, self.name, self._rows)
            ranks.on_main(lambda: own.begin(trainer, self._settings, self is evolutions[0]))
            self._own = own if ranks.is_main else None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw epoch 0 if `before_training`."""
        wanted = self.before_training and trainer.global_step == 0 and not trainer.fast_dev_run  # type: ignore[attr-defined]
        if TrainerRanks(trainer).shared(wanted):
            moment = TrainingState(0, 0, "before_training")
            self._draw(trainer, pl_module, moment, logged_step(trainer), self._triggers.views)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin a new mean of the training loss."""
        self._loss = EpochLoss()

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Log a warning if the first batch is not what `mean` and `std` say."""
        if trainer.global_step == 0 and batch_idx == 0 and (line := strange_range(batch, self._drawn.of(pl_module))):
            log.warning("%s", line)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Add the batch's training loss."""
        self._loss.add(outputs, batch)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw if the trigger fires: all metrics are final in this hook."""
        if trainer.state.fn != TrainerFn.FITTING or trainer.sanity_checking or trainer.fast_dev_run:  # type: ignore[attr-defined]
            return
        ranks = TrainerRanks(trainer)
        # Ranks may have logged different values: rank 0's decide for all, or some would draw while others train.
        state = ranks.shared(state_of(trainer, self.trigger, self.monitor, self._loss.mean(ranks)))
        if state.value is None and self.trigger.kind == "improvement" and ranks.is_main:
            names = ", ".join(sorted(trainer.callback_metrics)) or "none"
            log.warning(
                "Epoch %d has no metric %r, so nothing improves; there are: %s", state.epoch, self.monitor, names
            )
        self._last = state, logged_step(trainer)
        if self._own is not None:
            self._own.validated(state)
        firing = ranks.shared(self._triggers.fires(state.epoch, state.value))
        ends = self.last_epoch and _is_last(trainer)  # then what does not fire is drawn in `on_train_end`
        if not firing and (ends or not self.snapshotter.keeping.epochs):
            return
        kind = firing.get(MAIN_VIEW) or next(iter(firing.values()), WEIGHTS)
        views = self._triggers.views if ends else list(firing)
        self._draw(trainer, pl_module, replace(state, trigger=kind), self._last[1], views)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw the views that the last epoch lacks; without metrics, if there was no validation of these weights."""
        self._is_over = True
        ranks = TrainerRanks(trainer)
        drawn = self._drawn_views if trainer.global_step == self._drawn_step else []
        views = ranks.shared([view for view in self._triggers.views if view not in drawn])
        wanted = self.last_epoch and trainer.global_step > 0 and bool(views) and not trainer.fast_dev_run  # type: ignore[attr-defined]
        if not ranks.shared(wanted):
            return
        validated = self._last is not None and self._last[0].step == trainer.global_step
        if ranks.shared(validated) and self._last is not None:
            state, step = self._last
        else:
            moment = TrainingState(trainer.current_epoch, trainer.global_step, "last_epoch", monitor=self.monitor)
            state = ranks.shared(replace(moment, train_loss=self._loss.mean(ranks)))
            step = logged_step(trainer)
        self._draw(trainer, pl_module, replace(state, trigger="last_epoch"), step, views)

    def on_fit_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException | None = None
    ) -> None:
        """Draw the figures from the record, and wait for the trackers; also after an exception."""
        # Resumed after the last epoch, Lightning trains nothing and leaves out `on_train_end`.
        if exception is None and self._resumed and not self._is_over:
            self.on_train_end(trainer, pl_module)
        record = self.record if trainer.is_global_zero and not trainer.fast_dev_run else None  # type: ignore[attr-defined]
        is_urgent = exception is not None and interruption(exception) == "SIGTERM"
        if record is not None and record.index.is_file() and not is_urgent:
            draw_summary(record.path)
        if self._own is not None:
            own, self._own = self._own, None
            self._rows = own.rows
            own.end(trainer, exception, self is _evolutions(trainer)[0], is_urgent)
        drain(trainer.loggers, BRIEF if is_urgent else PATIENCE)

    on_exception = on_fit_end

    def check(self, module: torch.nn.Module) -> None:
        """Raise `ValueError` for what does not fit between a module and the settings, by one forward pass."""
        self._drawn.check(module, self.snapshotter.real)

    def _draw(
        self, trainer: pl.Trainer, module: pl.LightningModule, state: TrainingState, step: int, views: Sequence[str]
    ) -> None:
        again = state.step == self._drawn_step
        self._drawn_views = [*(self._drawn_views if again else []), *views]
        self._drawn_step = state.step
        if self.record is None:
            return
        state = replace(state, logged_step=step)
        network, progress = self._drawn.of(module), partial(drawing_progress, trainer)
        taken = self.snapshotter.take(network, state, self.record, TrainerRanks(trainer), progress, views)
        if taken is not None and taken.pixels:
            with isolated():
                notify(trainer.loggers, taken, step)
            log.info("%s", line(taken.snapshot, self._drawn_acc))
            self._drawn_acc = state.val_acc
        if self._own is not None:
            self._own.refresh()


def _own_trigger(planned: Planned, mode: str, min_delta: float) -> Trigger:
    try:
        return Trigger(str(planned.trigger), planned.every_n, mode, min_delta)
    except ValueError as error:
        raise ValueError(f"views.{planned.view.name}.{error}") from error


def _is_last(trainer: pl.Trainer) -> bool:
    """Whether this is the last validation that the trainer has planned."""
    return trainer.is_last_batch and trainer.max_epochs == trainer.current_epoch + 1


def _evolutions(trainer: pl.Trainer) -> list[FeatureEvolutionCallback]:
    return [each for each in trainer.callbacks if isinstance(each, FeatureEvolutionCallback)]  # type: ignore[attr-defined]
