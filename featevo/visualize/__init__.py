"""What a unit wants to see. Pure torch: works on any `nn.Module`, with or without the rest of featevo."""

from featevo.visualize.maximize import NonFiniteError, Render, maximize
from featevo.visualize.median import median_filter
from featevo.visualize.objectives import ClassLogit, Objective
from featevo.visualize.operators import Clip, MedianFilter, Operator
from featevo.visualize.regularizer import Regularizer

__all__ = [
    "ClassLogit",
    "Clip",
    "MedianFilter",
    "NonFiniteError",
    "Objective",
    "Operator",
    "Regularizer",
    "Render",
    "maximize",
    "median_filter",
]
