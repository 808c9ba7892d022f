"""The embedded default data set: pictures drawn by the program, the same for the same seed, at any size."""

from __future__ import annotations

from featevo.data.scenes.dataset import Scenes
from featevo.data.scenes.registry import CLASSES
from featevo.data.scenes.source import ScenesSource

__all__ = ["CLASSES", "Scenes", "ScenesSource"]
