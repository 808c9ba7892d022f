"""What a unit wants to see. Pure torch: works on any `nn.Module`, with or without the rest of featevo."""

from featevo.visualize.ascent import NonFiniteError
from featevo.visualize.filters import gaussian_blur, median_filter
from featevo.visualize.layers import layer_names
from featevo.visualize.maximize import maximize
from featevo.visualize.objectives import ClassLogit, LogProbability, Objective
from featevo.visualize.objectives.diversity import Alignment, Diversity
from featevo.visualize.objectives.features import Channel, DeepDream, Direction, Neuron
from featevo.visualize.objectives.inversion import Caricature, FeatureMatch
from featevo.visualize.operators import (
    Clip,
    Decay,
    GaussianBlur,
    MedianFilter,
    Operator,
    SmallContributionClip,
    SmallNormClip,
    Step,
)
from featevo.visualize.optimizers import NormalisedAscent, TorchOptimizer
from featevo.visualize.parameterizations import Parameterization, Pixels
from featevo.visualize.parameterizations.fourier import Fourier
from featevo.visualize.parameterizations.maco import Maco
from featevo.visualize.penalties import L1, L2, AlphaNorm, Penalty, TotalVariation
from featevo.visualize.regularizer import Regularizer
from featevo.visualize.render import Render
from featevo.visualize.schedule import Schedule
from featevo.visualize.settings import Plateau
from featevo.visualize.streams import Streams
from featevo.visualize.transforms import Crop, Flip, Jitter, Noise, Pad, RandomBlur, Rotate, Scale, Transform

__all__ = [
    "L1",
    "L2",
    "Alignment",
    "AlphaNorm",
    "Caricature",
    "Channel",
    "ClassLogit",
    "Clip",
    "Crop",
    "Decay",
    "DeepDream",
    "Direction",
    "Diversity",
    "FeatureMatch",
    "Flip",
    "Fourier",
    "GaussianBlur",
    "Jitter",
    "LogProbability",
    "Maco",
    "MedianFilter",
    "Neuron",
    "Noise",
    "NonFiniteError",
    "NormalisedAscent",
    "Objective",
    "Operator",
    "Pad",
    "Parameterization",
    "Penalty",
    "Pixels",
    "Plateau",
    "RandomBlur",
    "Regularizer",
    "Render",
    "Rotate",
    "Scale",
    "Schedule",
    "SmallContributionClip",
    "SmallNormClip",
    "Step",
    "Streams",
    "TorchOptimizer",
    "TotalVariation",
    "Transform",
    "gaussian_blur",
    "layer_names",
    "maximize",
    "median_filter",
]
