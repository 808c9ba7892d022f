"""Invented classes: the number of a species determines its body plan, palette and habitat."""

from __future__ import annotations

from featevo.data.scenes.species.genome import Species, number_named, species
from featevo.data.scenes.species.names import LIMIT

__all__ = ["LIMIT", "Species", "number_named", "species"]
