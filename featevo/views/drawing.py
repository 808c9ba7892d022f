"""Drawing one view of a network on all processes, and where its images come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from featevo.record.images import recordable
from featevo.record.provenance import config_hash, versions
from featevo.views.ranks import Ranks
from featevo.views.view import Context, Drawn, Network, RealImages, View

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None]]]
"""From a number of steps and a label to a context with a function that takes the number of steps done."""


def silent(total: int, label: str) -> AbstractContextManager[Callable[[int], None]]:
    """Show no progress."""
    return nullcontext(lambda done: None)


def draw_view(
    view: View,
    network: Network,
    real: RealImages | None,
    known: Sequence[int],
    before: Callable[[int], Tensor | None],
    ranks: Ranks,
    progress: Progress = silent,
) -> list[Drawn]:
    """All images of a view on rank 0, none on the others; every rank calls this.

    Args:
        view: What is drawn.
        network: Of which.
        real: See `featevo.views.view.Context`.
        known: See there.
        before: From the number of units to the view's images of the snapshot before; called only if it goes on.
        ranks: The processes that draw together.
        progress: Shows how far it is.

    Raises:
        ValueError: For pixels that are no image, see `featevo.record.images.recordable`; it names view and unit.
    """
    context = Context(real, known)
    # Rank 0's choice: on different devices, rounding may decide between equal channels.
    units = ranks.shared(view.units(network, context))
    if view.goes_on:
        # Read on rank 0, whose disk has them.
        context = replace(context, before=ranks.shared(ranks.on_main(lambda: before(len(units)))))

    def draw(own: Sequence[int]) -> list[Drawn]:
        with progress(view.steps(own), f"Drawing {len(units)} {view.name}") as on_step:
            drawn = view.draw(network, own, replace(context, on_step=on_step))
        return [replace(one, pixels=recordable(one.pixels, f"{view.name}, unit {one.image.unit}")) for one in drawn]

    return ranks.draw(network.module, units, draw)


def origin_of(network: Network, world: int, config: dict[str, Any] | None) -> dict[str, Any]:
    """What the provenance of all images of a snapshot has in common.

    Args:
        network: That was drawn.
        world: The number of processes that drew it.
        config: Plain configuration, of which the hash is recorded.
    """
    return {
        "classes": len(network.classes),
        "ranks": world,
        "config": None if config is None else config_hash(config),
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }


def by_view(drawn: Sequence[Drawn], origin: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The provenance of each view: its first image's, because the last batch may be smaller."""
    return {one.image.view: {**one.provenance, **origin} for one in reversed(drawn)}


def sources_of(drawn: Sequence[Drawn], origin: dict[str, Any]) -> list[dict[str, Any]]:
    """The provenance of each image, for its file."""
    return [{**one.provenance, **origin, **one.own} for one in drawn]
