"""The one list of classes: each name with the function that draws it and the one that gives a colour it is seen in.

A new class is one file beside this one and one entry here; nothing else names the classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from featevo.data.scenes import flamingo, hamburger, pool_table, tree_frog
from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import Colour


class Drawn(NamedTuple):
    """What a class is made of.

    Attributes:
        draw: Draws one object into the canvas's frame, -1..1 on both axes.
        colour: Gives a colour the class is seen in, for loose shapes in other classes' pictures.
    """

    draw: Callable[[Canvas, np.random.Generator], None]
    colour: Callable[[np.random.Generator], Colour]


# Add at the end: a class's place here is part of what its pictures are drawn from.
REGISTRY: dict[str, Drawn] = {
    "tree frog": Drawn(tree_frog.draw, tree_frog.colour),
    "flamingo": Drawn(flamingo.draw, flamingo.colour),
    "pool table": Drawn(pool_table.draw, pool_table.colour),
    "hamburger": Drawn(hamburger.draw, hamburger.colour),
}

CLASSES: tuple[str, ...] = tuple(REGISTRY)
