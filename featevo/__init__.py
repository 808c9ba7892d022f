"""featevo: watch a convolutional network's features evolve while it learns."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featevo.evolve.callback import FeatureEvolutionCallback
    from featevo.notebook.load import load

__version__ = "0.1.0"
__all__ = ["FeatureEvolutionCallback", "__version__", "load"]


def __getattr__(name: str) -> Any:
    # On demand: `featevo.visualize` alone must not import Lightning and W&B.
    if name == "FeatureEvolutionCallback":
        from featevo.evolve.callback import FeatureEvolutionCallback

        return FeatureEvolutionCallback
    if name == "load":
        from featevo.notebook.load import load

        return load
    raise AttributeError(f"module 'featevo' has no attribute {name!r}")
