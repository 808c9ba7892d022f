"""What the callback is told, checked before training starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from featevo.visualize import ClassLogit, LogProbability, Objective, Regularizer
from featevo.visualize.parameterizations import fitting
from featevo.visualize.parameterizations.start import STARTS
from featevo.visualize.settings import check_normalisation, check_positive

OBJECTIVES: dict[str, Callable[[Iterable[int]], Objective]] = {"logit": ClassLogit, "log_probability": LogProbability}
"""What is maximised, by name."""

LAST = "last"
"""The start at the pictures of the snapshot before."""

ON_ERROR = ("continue", "raise")
"""What a failing render does: be logged and recorded, or stop training."""


def check_settings(
    classes: Sequence[str], objective: str, start: str, on_error: str, settings: Mapping[str, Any]
) -> None:
    """Raise `ValueError` for the first argument of `FeatureEvolutionCallback` that cannot be meant.

    Args:
        classes: Names of the classes.
        objective: A name in `OBJECTIVES`.
        start: A name in `STARTS`, or `LAST`.
        on_error: A name in `ON_ERROR`.
        settings: Keyword arguments of `featevo.visualize.maximize`.
    """
    if isinstance(classes, str) or not classes:
        raise ValueError(f"classes={classes!r}: name the classes, in the order of the module's logits")
    twice = sorted({name for name in classes if list(classes).count(name) > 1})
    if twice:
        raise ValueError(f"classes: {twice[0]!r} stands there twice; names tell pictures apart")
    if on_error not in ON_ERROR:
        raise ValueError(f"on_error={on_error}: there are {', '.join(ON_ERROR)}")
    if objective not in OBJECTIVES:
        raise ValueError(f"objective={objective}: there are {', '.join(OBJECTIVES)}")
    if start not in (*STARTS, LAST):
        raise ValueError(f"start={start}: there are {', '.join((*STARTS, LAST))}")
    if start == LAST and settings["channels"] not in (1, 3):
        raise ValueError(f"start={LAST}: reads pictures of 1 or 3 channels from the record, not {settings['channels']}")
    positive = ("image_size", "channels", "steps", "step_size", "chunk_size")
    check_positive(**{name: settings[name] for name in positive if settings[name] is not None})
    check_normalisation(settings["channels"], settings["mean"], settings["std"])
    size = settings["image_size"]
    regularizer: Regularizer = settings["regularizer"]
    regularizer.check((settings["channels"], size, size), settings["examples"])
    if start == "mean":
        fitting(settings["examples"], (settings["channels"], size, size), "start=mean")
