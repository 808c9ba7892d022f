"""What views that optimise images share: the check of their settings, and the record's entry of a render."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featevo.record.reading import in_phase, period_of
from featevo.record.schema import Image
from featevo.views.view import Network
from featevo.visualize import Render
from featevo.visualize.checks import check_count, check_positive

TRACE_POINTS = 256
"""Most values of an objective's trace in the record; a longer one is thinned to one phase of the operators' period."""


def check_ascent(network: Network, settings: Mapping[str, Any]) -> None:
    """Raise `ValueError` for the first of the keyword arguments of `featevo.visualize.maximize` that is not allowed."""
    check_count(steps=settings["steps"], chunk_size=settings["chunk_size"])
    check_positive(step_size=settings["step_size"], first_step=settings["first_step"])
    settings["regularizer"].check(network.shape, settings["examples"])


def image_of(render: Render, view: str, unit: int, name: str, values: Mapping[str, float], **more: Any) -> Image:
    """The record's entry of a render.

    Args:
        render: The image.
        view: Name of the view.
        unit: Number of the unit within the view.
        name: Of the unit.
        values: Numbers about the image by name.
        **more: Further fields of the entry.
    """
    return Image(
        view=view,
        unit=unit,
        file="",
        name=name,
        values=dict(values),
        stopped=render.stopped,
        seed=render.seed,
        seconds=round(render.seconds, 4),
        **thinned(render.trace, period_of(render.settings)),
        **more,
    )


def thinned(trace: tuple[float, ...], period: int = 1) -> dict[str, Any]:
    """The record's fields of a trace: `trace`, six significant digits each, its full length, and the spacing kept."""
    every, places = in_phase(len(trace), TRACE_POINTS, period)
    return {"trace": [float(f"{trace[i]:.6g}") for i in places], "trace_of": len(trace), "trace_every": every}
