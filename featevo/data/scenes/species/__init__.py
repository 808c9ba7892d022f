"""Invented classes without end: each species is made from its number alone, by a body plan, a palette and a habitat."""

from __future__ import annotations

from featevo.data.scenes.species.genome import Species, number_named, species
from featevo.data.scenes.species.names import LIMIT

__all__ = ["LIMIT", "Species", "number_named", "species"]
