"""The body plans: each is a class of genes with functions to design a random body, to name it and to draw it."""

from __future__ import annotations

from typing import Protocol

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.species.bodies.bloom import Bloom
from featevo.data.scenes.species.bodies.building import Building
from featevo.data.scenes.species.bodies.crawler import Crawler
from featevo.data.scenes.species.bodies.flyer import Flyer
from featevo.data.scenes.species.bodies.gadget import Gadget
from featevo.data.scenes.species.bodies.gazer import Gazer
from featevo.data.scenes.species.bodies.insect import Insect
from featevo.data.scenes.species.bodies.jelly import Jelly
from featevo.data.scenes.species.bodies.radiant import Radiant
from featevo.data.scenes.species.bodies.rover import Rover
from featevo.data.scenes.species.bodies.stack import Stack
from featevo.data.scenes.species.bodies.swimmer import Swimmer
from featevo.data.scenes.species.bodies.tool import Tool
from featevo.data.scenes.species.bodies.tree import Tree
from featevo.data.scenes.species.bodies.vessel import Vessel
from featevo.data.scenes.species.bodies.walker import Walker
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat


class Body(Protocol):
    """The genes of one species' shape."""

    @property
    def word(self) -> str:
        """The name of its kind, one word in lower case."""
        ...

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one of its kind into the canvas's frame, -1..1 on both axes; `chance` determines how it differs."""
        ...


class Family(Protocol):
    """A body plan: a class that designs bodies."""

    @classmethod
    def design(cls, chance: Chance) -> Body:
        """The genes of a new species."""
        ...


# Consecutive species have different plans. Do not extend or reorder: all numbers would then have other species.
FAMILIES: tuple[type[Family], ...] = (
    Walker,
    Bloom,
    Rover,
    Swimmer,
    Building,
    Insect,
    Vessel,
    Gazer,
    Flyer,
    Tree,
    Radiant,
    Crawler,
    Gadget,
    Jelly,
    Stack,
    Tool,
)
