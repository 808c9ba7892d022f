"""The default data set: images drawn by featevo, the same for the same seed, at any size."""

from __future__ import annotations

from featevo.data.scenes.dataset import Scenes
from featevo.data.scenes.registry import CLASSES, MOST, class_names, known
from featevo.data.scenes.source import ScenesSource

__all__ = ["CLASSES", "MOST", "Scenes", "ScenesSource", "class_names", "known"]
