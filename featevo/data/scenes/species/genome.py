"""The definition of a species, determined by its number only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import Colour
from featevo.data.scenes.species import coat
from featevo.data.scenes.species.bodies import FAMILIES, Body
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.habitat import Habitat
from featevo.data.scenes.species.names import number_of, word

# With another constant, all numbers have other species, and most have other names.
_ORIGIN = 2017


@dataclass(frozen=True)
class Species:
    """One species.

    Attributes:
        name: Two words such as "flormik runner": an invented word and a word for its kind.
        body: Its shape.
        palette: Its colours and its pattern.
        habitat: Its frequent backgrounds.
    """

    name: str
    body: Body
    palette: coat.Palette
    habitat: Habitat

    def draw(self, canvas: Canvas, rng: np.random.Generator) -> None:
        """Draw one into the canvas's frame, -1..1 on both axes; `rng` determines how it differs from others."""
        chance = Chance(rng)
        self.body.draw(canvas, self.palette.coat(chance), chance)

    def colour(self, rng: np.random.Generator) -> Colour:
        """A typical colour of the species."""
        return self.palette.colour(rng)

    def backdrop(self, plain: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A background for it, uint8 (h, w, 3), made from a plain one."""
        return self.habitat.tint(plain, Chance(rng))


@cache
def species(number: int) -> Species:
    """The species of this number, 0..`LIMIT` - 1; the same in every run and on every machine."""
    chance = Chance(np.random.default_rng(np.random.SeedSequence([_ORIGIN, number])))
    body = FAMILIES[number % len(FAMILIES)].design(chance)
    return Species(f"{word(number)} {body.word}", body, coat.design(chance), Habitat.design(chance))


def number_named(name: str) -> int | None:
    """The number of the species of this name; None if there is none."""
    number = number_of(name.partition(" ")[0])
    return number if number is not None and species(number).name == name else None
