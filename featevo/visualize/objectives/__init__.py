"""What is maximised: the logit of a class, a channel, the features of given images, and their weighted sums."""

from featevo.visualize.objectives.base import ClassLogit, LogProbability, Objective, Sum
from featevo.visualize.objectives.diversity import Alignment, Diversity
from featevo.visualize.objectives.features import Channel, DeepDream, Direction, Neuron
from featevo.visualize.objectives.inversion import Caricature, FeatureMatch

__all__ = [
    "Alignment",
    "Caricature",
    "Channel",
    "ClassLogit",
    "DeepDream",
    "Direction",
    "Diversity",
    "FeatureMatch",
    "LogProbability",
    "Neuron",
    "Objective",
    "Sum",
]
