"""The list of all classes: four named ones, then invented species.

A new named class needs one file in this folder and one entry here; a new body plan for species needs one file in
`species/bodies`. No other code names the classes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from featevo.data.scenes import flamingo, hamburger, pool_table, tree_frog
from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import Colour
from featevo.data.scenes.species import LIMIT, number_named, species


class Drawn(NamedTuple):
    """The functions that draw a class.

    Attributes:
        draw: Draws one object into the canvas's frame, -1..1 on both axes.
        colour: Returns a typical colour of the class, for loose shapes in images of other classes.
        backdrop: Changes a plain background, uint8 (h, w, 3), into a typical one of the class; None: no change.
    """

    draw: Callable[[Canvas, np.random.Generator], None]
    colour: Callable[[np.random.Generator], Colour]
    backdrop: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None


# Do not extend or reorder: the place of a class determines its images, and a new name would move all species.
REGISTRY: dict[str, Drawn] = {
    "tree frog": Drawn(tree_frog.draw, tree_frog.colour),
    "flamingo": Drawn(flamingo.draw, flamingo.colour),
    "pool table": Drawn(pool_table.draw, pool_table.colour),
    "hamburger": Drawn(hamburger.draw, hamburger.colour),
}

CLASSES: tuple[str, ...] = tuple(REGISTRY)

# The number of all classes.
MOST = len(CLASSES) + LIMIT


def class_names(count: int, skip: int = 0) -> tuple[str, ...]:
    """The names of `count` classes after the first `skip`: the named ones, then species 0, 1, ...; at most `MOST`."""
    return tuple(class_name(place) for place in range(skip, skip + count))


def class_name(place: int) -> str:
    """The name of the class at this place in the list, 0..`MOST` - 1."""
    return CLASSES[place] if place < len(CLASSES) else species(place - len(CLASSES)).name


def known(name: str) -> bool:
    """Whether there is a class of this name."""
    return name in REGISTRY or number_named(name) is not None


def place_of(name: str) -> int:
    """The place of a class in the list, 0..`MOST` - 1; raises `KeyError` for an unknown name."""
    if name in REGISTRY:
        return CLASSES.index(name)
    number = number_named(name)
    if number is None:
        raise KeyError(name)
    return len(CLASSES) + number


@cache
def drawn(name: str) -> Drawn:
    """The functions that draw the class of this name; raises `KeyError` for an unknown name."""
    if name in REGISTRY:
        return REGISTRY[name]
    made = species(place_of(name) - len(CLASSES))
    return Drawn(made.draw, made.colour, made.backdrop)
