"""The paper's view: for each class the image that maximises its logit, by activation maximization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from featevo.record.reading import in_phase, period_of
from featevo.record.schema import MAIN_VIEW, Image
from featevo.views.view import Context, Drawn, Network
from featevo.visualize import ClassLogit, LogProbability, Objective, Render, maximize
from featevo.visualize.parameterizations import fitting
from featevo.visualize.parameterizations.start import STARTS, Start
from featevo.visualize.settings import check_positive

OBJECTIVES: dict[str, Callable[[Iterable[int]], Objective]] = {"logit": ClassLogit, "log_probability": LogProbability}
"""What is maximised, by name."""

LAST = "last"
"""The start at the images of the snapshot before."""

TRACE_POINTS = 256
"""Values of an objective's trace that the record keeps; of a longer one those at one place of the operators' period."""

CLASSES_KEPT = 100
"""Classes whose probability is kept with an image, the highest first: all of them where there are no more."""


@dataclass(frozen=True)
class Classes:
    """One image per class.

    Args:
        objective: A name in `OBJECTIVES`.
        start: "noise", "mean" (of the examples), or "last": the images of the snapshot before, if there are any.
        settings: Further keyword arguments of `featevo.visualize.maximize`: steps, seed, regularizer, examples, ...
    """

    objective: str
    start: str
    settings: Mapping[str, Any]

    name = MAIN_VIEW

    @property
    def goes_on(self) -> bool:
        """With the start "last"."""
        return self.start == LAST

    @property
    def seed(self) -> int:
        """Of the start images."""
        return self.settings["seed"]

    def check(self, network: Network) -> None:
        """Raise `ValueError` for the first setting that cannot be meant."""
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective={self.objective}: there are {', '.join(OBJECTIVES)}")
        if self.start not in (*STARTS, LAST):
            raise ValueError(f"start={self.start}: there are {', '.join((*STARTS, LAST))}")
        if self.start == LAST and network.channels not in (1, 3):
            raise ValueError(f"start={LAST}: reads images of 1 or 3 channels from the record, not {network.channels}")
        positive = ("steps", "step_size", "chunk_size")
        check_positive(**{name: self.settings[name] for name in positive if self.settings[name] is not None})
        shape = (network.channels, network.image_size, network.image_size)
        self.settings["regularizer"].check(shape, self.settings["examples"])
        if self.start == "mean":
            fitting(self.settings["examples"], shape, "start=mean")

    def units(self, network: Network) -> range:
        """All classes."""
        return range(len(network.classes))

    def steps(self, units: Sequence[int]) -> int:
        """Each class takes the same number."""
        return len(units) * self.settings["steps"]

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        """One render per class."""
        start: Start | Tensor = self._fresh()
        if context.before is not None:
            start = context.before[list(units)]
        renders = self._renders(network, units, start, on_step=lambda done, total: context.on_step(done))
        return [self._drawn(render, network.classes[render.unit]) for render in renders]

    def again(self, network: Network, module: nn.Module, seed: int) -> Tensor:
        """The images (K, C, H, W) of all classes from another seed, or of another module."""
        other = Network(module, network.classes, network.image_size, network.channels, network.mean, network.std)
        renders = self._renders(other, self.units(network), self._fresh(), seed=seed)
        return torch.stack([render.image for render in renders])

    def _fresh(self) -> Start:
        return "noise" if self.start == LAST else self.start

    def _renders(self, network: Network, units: Sequence[int], start: Start | Tensor, **more: Any) -> list[Render]:
        settings: dict[str, Any] = {"image_size": network.image_size, "channels": network.channels}
        settings |= {"mean": network.mean, "std": network.std, **self.settings, **more}
        return maximize(network.module, OBJECTIVES[self.objective](units), start=start, **settings)

    def _drawn(self, render: Render, name: str) -> Drawn:
        numbers = {"logit": render.logit, "probability": render.probability}
        image = Image(
            view=self.name,
            unit=render.unit,
            file="",
            name=name,
            values={key: value for key, value in numbers.items() if value is not None},
            probabilities=highest(render.probabilities),
            stopped=render.stopped,
            seed=render.seed,
            seconds=round(render.seconds, 4),
            **thinned(render.trace, period_of(render.settings)),
        )
        # A picture is a part of its batch: copied, it does not keep the others.
        return Drawn(image, render.image.clone(), {**render.settings, "weights": render.weights})


def highest(probabilities: Tensor | None, most: int = CLASSES_KEPT) -> dict[int, float]:
    """The highest of (classes,) probabilities by class index, highest first, four significant digits each."""
    if probabilities is None:
        return {}
    values, units = probabilities.topk(min(most, len(probabilities)))
    return {unit: float(f"{value:.4g}") for unit, value in zip(units.tolist(), values.tolist(), strict=True)}


def thinned(trace: tuple[float, ...], period: int = 1, most: int = TRACE_POINTS) -> dict[str, Any]:
    """A trace as the record has it: `trace`, six significant digits each, of how many values, and every how manyth."""
    every, places = in_phase(len(trace), most, period)
    return {"trace": [float(f"{trace[i]:.6g}") for i in places], "trace_of": len(trace), "trace_every": every}
