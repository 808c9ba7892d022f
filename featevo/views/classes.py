"""The paper's view: for each class the image that maximises its logit, by activation maximization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from featevo.record.schema import MAIN_VIEW
from featevo.views.optimised import check_ascent, image_of
from featevo.views.view import Context, Drawn, Network
from featevo.visualize import ClassLogit, LogProbability, Objective, Render, maximize
from featevo.visualize.checks import check_choice
from featevo.visualize.parameterizations import fitting
from featevo.visualize.parameterizations.start import STARTS, Start

ObjectiveOf = Callable[[Iterable[int]], Objective]
"""From units to what is maximised."""

OBJECTIVES: dict[str, ObjectiveOf] = {"logit": ClassLogit, "log_probability": LogProbability}
"""What is maximised, by name."""

LAST = "last"
"""The start at the images of the snapshot before."""

CLASSES_KEPT = 100
"""Most classes whose probability is in the record of an image: those with the highest."""


@dataclass(frozen=True)
class Classes:
    """One image per class.

    Args:
        objective: A name in `OBJECTIVES`, or a function from units 0, 1, ... to an objective: one image for each of its
            units, for networks without classes.
        start: "noise", "mean" (of the examples), or "last": the images of the snapshot before, if there are any.
        settings: Further keyword arguments of `featevo.visualize.maximize`: steps, seed, regularizer, examples, ...
        name: Of the view; the images of the one named `MAIN_VIEW` are in the figures and are measured.
    """

    objective: Any
    start: str
    settings: Mapping[str, Any]
    name: str = MAIN_VIEW

    @property
    def goes_on(self) -> bool:
        return self.start == LAST

    @property
    def seed(self) -> int:
        """Of the start images."""
        return self.settings["seed"]

    def check(self, network: Network) -> None:
        """Raise `ValueError` for the first setting that is not allowed."""
        if not callable(self.objective):
            check_choice(OBJECTIVES, objective=self.objective)
        check_choice((*STARTS, LAST), start=self.start)
        if self.start == LAST and network.channels not in (1, 3):
            raise ValueError(f"start={LAST}: reads images of 1 or 3 channels from the record, not {network.channels}")
        check_ascent(network, self.settings)
        if self.start == "mean":
            fitting(self.settings["examples"], network.shape, "start=mean")

    def units(self, network: Network, context: Context) -> range:
        return range(len(network.classes))

    def steps(self, units: Sequence[int]) -> int:
        return len(units) * self.settings["steps"]

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        start = self._fresh() if context.before is None else context.before[list(units)]
        renders = self._renders(network, units, start, on_step=lambda done, total: context.on_step(done))
        # Not the render's own number: directions, for example, are counted from 0 in each objective.
        return [self._drawn(render, unit, network.classes[unit]) for unit, render in zip(units, renders, strict=True)]

    def again(self, network: Network, module: nn.Module, seed: int) -> Tensor:
        """The images (K, C, H, W) of all classes with another seed, or of another module."""
        other = replace(network, module=module)
        renders = self._renders(other, self.units(network, Context()), self._fresh(), seed=seed)
        return torch.stack([render.image for render in renders])

    def _fresh(self) -> Start:
        return "noise" if self.start == LAST else self.start

    def _renders(self, network: Network, units: Sequence[int], start: Start, **more: Any) -> list[Render]:
        settings: dict[str, Any] = {"image_size": network.image_size, "channels": network.channels}
        settings |= {"mean": network.mean, "std": network.std, **self.settings, **more}
        objective = (self.objective if callable(self.objective) else OBJECTIVES[self.objective])(units)
        if len(objective.units) != len(units):
            raise ValueError(f"objective={objective!r}: has {len(objective.units)} units for {len(units)} names")
        return maximize(network.module, objective, start=start, **settings)

    def _drawn(self, render: Render, unit: int, name: str) -> Drawn:
        numbers = {"logit": render.logit, "probability": render.probability}
        values = {key: value for key, value in numbers.items() if value is not None}
        probabilities = highest(render.probabilities)
        image = image_of(render, self.name, unit, name, values, probabilities=probabilities)
        # The image is a view into its batch: without the copy, the whole batch would stay in memory.
        return Drawn(image, render.image.clone(), {**render.settings, "weights": render.weights})


def highest(probabilities: Tensor | None) -> dict[int, float]:
    """The highest of (classes,) probabilities by class index, highest first, four significant digits each."""
    if probabilities is None:
        return {}
    values, units = probabilities.topk(min(CLASSES_KEPT, len(probabilities)))
    return {unit: float(f"{value:.4g}") for unit, value in zip(units.tolist(), values.tolist(), strict=True)}
