"""What is optimised: pixels, Fourier coefficients or phases; and where renders start."""

from featevo.visualize.parameterizations.base import Examples, Parameterization, Pixels, fitting
from featevo.visualize.parameterizations.fourier import Fourier
from featevo.visualize.parameterizations.maco import Maco
from featevo.visualize.parameterizations.start import STARTS, Start

__all__ = ["STARTS", "Examples", "Fourier", "Maco", "Parameterization", "Pixels", "Start", "fitting"]
