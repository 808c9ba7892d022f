"""The one list of classes: four named ones, and after them as many invented species as anyone asks for.

A new named class is one file beside this one and one entry here; a new body plan for species is one file in
`species/bodies`. Nothing else names the classes.
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
    """What a class is made of.

    Attributes:
        draw: Draws one object into the canvas's frame, -1..1 on both axes.
        colour: Gives a colour the class is seen in, for loose shapes in other classes' pictures.
        backdrop: Turns a plain background, uint8 (h, w, 3), into one the class is seen before; nothing: any will do.
    """

    draw: Callable[[Canvas, np.random.Generator], None]
    colour: Callable[[np.random.Generator], Colour]
    backdrop: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None


# The order is part of what the pictures are drawn from, and a new name here would move all species: it is closed.
REGISTRY: dict[str, Drawn] = {
    "tree frog": Drawn(tree_frog.draw, tree_frog.colour),
    "flamingo": Drawn(flamingo.draw, flamingo.colour),
    "pool table": Drawn(pool_table.draw, pool_table.colour),
    "hamburger": Drawn(hamburger.draw, hamburger.colour),
}

CLASSES: tuple[str, ...] = tuple(REGISTRY)

# How many classes there are.
MOST = len(CLASSES) + LIMIT


def class_names(count: int, skip: int = 0) -> tuple[str, ...]:
    """The names of `count` classes after the first `skip`: the named ones, then species 0, 1, ...; at most `MOST`."""
    return tuple(class_name(place) for place in range(skip, skip + count))


def class_name(place: int) -> str:
    """The name of the class at this place, 0..`MOST` - 1."""
    return CLASSES[place] if place < len(CLASSES) else species(place - len(CLASSES)).name


def known(name: str) -> bool:
    """Whether there is a class of this name."""
    return name in REGISTRY or number_named(name) is not None


def place_of(name: str) -> int:
    """The place of a class in the list of all, 0..`MOST` - 1; raises `KeyError` where there is none of this name."""
    if name in REGISTRY:
        return CLASSES.index(name)
    number = number_named(name)
    if number is None:
        raise KeyError(name)
    return len(CLASSES) + number


@cache
def drawn(name: str) -> Drawn:
    """What the class of this name is made of; raises `KeyError` where there is none."""
    if name in REGISTRY:
        return REGISTRY[name]
    made = species(place_of(name) - len(CLASSES))
    return Drawn(made.draw, made.colour, made.backdrop)
