"""Regularizers by name: the parts of each and their source; `conf/regularizer/NAME.yaml` explains them further.

These files are the same bundles for the commands, term by term (a test compares the two).
"""

from __future__ import annotations

from typing import Any

from featevo.visualize.operators import Clip, Decay, GaussianBlur, MedianFilter, SmallContributionClip, SmallNormClip
from featevo.visualize.optimizers import NormalisedAscent, TorchOptimizer
from featevo.visualize.parameterizations import Pixels
from featevo.visualize.parameterizations.fourier import Fourier
from featevo.visualize.parameterizations.maco import Maco
from featevo.visualize.penalties import AlphaNorm, TotalVariation
from featevo.visualize.transforms import Crop, Jitter, Noise, Pad, Rotate, Scale

DEFAULT = "paper"
"""The bundle that is used by default."""

BUNDLES: dict[str, dict[str, Any]] = {
    # Activation maximization alone.
    "none": {"operators": {"clip": Clip()}},
    # The EUSIPCO 2017 paper, section III.
    "paper": {"operators": {"median": MedianFilter(5, every=4), "clip": Clip()}},
    # For looking: decay, median filter and random transforms; chosen by measurement and by eye (benchmarks/recipes.py).
    "clear": {
        "operators": {"decay": Decay(0.05), "median": MedianFilter(5, every=4), "clip": Clip()},
        "parameterization": Pixels(0.2),  # from faint noise some classes of a pretrained network never rise
        "optimizer": NormalisedAscent(0.03),
        "transforms": {
            "pad": Pad(0.1, "replicate"),
            "jitter": Jitter(0.1),
            "scale": Scale(0.85, 1.15),
            "rotate": Rotate(12),
        },
    },
    # The same for networks trained on photographs, from 128 pixels on; chosen by eye.
    "clear_large": {
        "operators": {"decay": Decay(0.003), "median": MedianFilter(7, every=4), "clip": Clip()},
        "parameterization": Pixels(0.2),
        "optimizer": NormalisedAscent(0.06),
        "transforms": {
            "pad": Pad(0.15, "replicate"),
            "jitter": Jitter(0.15),
            "scale": Scale(0.7, 1.2),
            "rotate": Rotate(20),
        },
    },
    # Yosinski et al. 2015: the four presets of the Deep Visualization Toolbox.
    "yosinski1": {"operators": {"blur": GaussianBlur(0.5), "small_norm": SmallNormClip(50), "clip": Clip()}},
    "yosinski2": {"operators": {"decay": Decay(0.3), "small_norm": SmallNormClip(20), "clip": Clip()}},
    "yosinski3": {"operators": {"decay": Decay(1e-4), "blur": GaussianBlur(1.0), "clip": Clip()}},
    "yosinski4": {
        "operators": {"blur": GaussianBlur(0.5), "small_contribution": SmallContributionClip(90), "clip": Clip()}
    },
    # Mahendran and Vedaldi, CVPR 2015 and IJCV 2016; the weights are our own.
    "mahendran": {
        "operators": {"clip": Clip()},
        "penalties": {"total_variation": TotalVariation(2.0), "alpha_norm": AlphaNorm(1.0)},
        "balanced": True,
        "transforms": {"pad": Pad(0.0625, "replicate"), "jitter": Jitter(0.0625)},
    },
    # Olah, Mordvintsev and Schubert 2017: the standard transforms of lucid, with pixels as shares of its 128 pixels.
    "lucid": {
        "parameterization": Fourier(start_std=0.05),  # from lucid's 0.01 some classes rise late or never
        "optimizer": TorchOptimizer("Adam", 0.05),
        "transforms": {
            "pad": Pad(0.09375, "grey"),
            "jitter": Jitter(0.0625),
            "scale": Scale(0.9, 1.1),
            "rotate": Rotate(10),
            "jitter_again": Jitter(0.03125),
        },
    },
    # MACO: Fel et al., NeurIPS 2023.
    "maco": {
        "parameterization": Maco(),
        "optimizer": TorchOptimizer("NAdam", 1.0),
        "transforms": {"crop": Crop(0.5, 0.95, 0.15), "noise": Noise(0.05)},
        "samples": 4,
    },
}
