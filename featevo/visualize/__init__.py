"""Activation maximization for any `nn.Module`. It needs torch alone and works without the rest of featevo."""

# ruff: noqa: F401 (these imports are the public names)

from featevo.visualize.ascent import NonFiniteError
from featevo.visualize.filters import gaussian_blur, median_filter
from featevo.visualize.layers import layer_names
from featevo.visualize.maximize import maximize
from featevo.visualize.objectives import ClassLogit, LogProbability, Objective
from featevo.visualize.objectives.distribution import DistributionMatch
from featevo.visualize.objectives.diversity import Alignment, Diversity
from featevo.visualize.objectives.features import Channel, DeepDream, Direction, Neuron
from featevo.visualize.objectives.inversion import Caricature, FeatureMatch
from featevo.visualize.objectives.likeness import Likeness
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
from featevo.visualize.optimizers import NormalisedAscent, Scaled, TorchOptimizer
from featevo.visualize.parameterizations import Parameterization, Pixels
from featevo.visualize.parameterizations.fourier import Fourier
from featevo.visualize.parameterizations.maco import Maco
from featevo.visualize.penalties import L1, L2, AlphaNorm, Penalty, TotalVariation
from featevo.visualize.regularizer import Regularizer
from featevo.visualize.render import Render
from featevo.visualize.renders import Renders
from featevo.visualize.schedule import Schedule
from featevo.visualize.settings import Plateau
from featevo.visualize.streams import Streams
from featevo.visualize.transforms import Crop, Flip, Jitter, Noise, Pad, RandomBlur, Rotate, Scale, Transform
