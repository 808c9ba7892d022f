"""featevo: watch a convolutional network's features evolve while it learns."""

__version__ = "0.1.0"
