"""The network that a callback draws: what its settings say of it, and whether the trained module is like that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from featevo.evolve.misfit import check_network
from featevo.evolve.real_images import DatasetImages
from featevo.views.attribution import Attribution
from featevo.views.classes import Classes
from featevo.views.isolation import isolated
from featevo.views.view import Context, Network, RealImages, View
from featevo.visualize.checks import check_count, check_normalisation, height_and_width, numbers
from featevo.visualize.network import channels_in, channels_of

GUESSED = (3, 1)
"""Channels with which settings are checked before the module is known."""


class DrawnNetwork:
    """What the settings say of a network; the rest is found in the module.

    Args:
        classes: Their names; None: it has none.
        image_size: Side of square images in pixels, or (height, width).
        channels: Of the images; None: as many as `mean` has, or as the module's first convolution takes.
        mean: As for `featevo.views.view.Network`, and so are `std` and `output`.
        std: See there.
        output: See there.
        views: What is drawn of it.
        are_logits: Whether the module's output must be logits of the classes.

    Raises:
        ValueError: For settings out of range.
    """

    def __init__(
        self,
        classes: Sequence[str] | None,
        image_size: int | tuple[int, int],
        channels: int | None,
        mean: Sequence[float],
        std: Sequence[float],
        output: Callable[[Any], Tensor] | None,
        views: Sequence[View],
        are_logits: bool,
    ) -> None:
        _check_classes(classes, views)
        height_and_width(image_size)
        mean, std = numbers("mean", mean), numbers("std", std)
        if channels is None:
            channels = channels_in(mean)
        self.channels, self._views, self._are_logits = channels, views, are_logits
        names = tuple(classes or ())
        self._about = Network(nn.Identity(), names, image_size, channels or GUESSED[0], mean, std, output)
        self._check_settings(*([channels] if channels is not None else GUESSED))

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; none of a network without."""
        return self._about.classes

    def of(self, module: nn.Module) -> Network:
        """The network with these weights."""
        return replace(self._about, module=module, channels=self.channels or channels_of(module))

    def check(self, module: nn.Module, real: RealImages | None) -> None:
        """One forward pass, outside of training's random streams.

        Args:
            module: With the weights at the start of training.
            real: Validation images, which views may use.

        Raises:
            ValueError: For what does not fit: images that the module cannot take, another number of logits than names,
                a layer that it does not have.
        """
        network = self.of(module)
        self._check_settings(network.channels)
        check_network(network, self._are_logits)
        if isinstance(real, DatasetImages) and (found := real(1)[0].shape[1]) != network.channels:
            raise ValueError(f"real: its images have {found} channels, the network takes {network.channels}")
        with isolated(), network.returning_logits():
            for view in self._views:
                view.units(network, Context(real))

    def _check_settings(self, channels: int, *others: int) -> None:
        """Raise the error for these channels, unless there is none for others."""
        network = replace(self._about, channels=channels)
        try:
            check_count(channels=channels)
            check_normalisation(channels, network.mean, network.std)
            for view in self._views:
                view.check(network)
        except ValueError:
            if not others:
                raise
            with suppress(ValueError):
                return self._check_settings(*others)
            raise


def _check_classes(classes: Sequence[str] | None, views: Sequence[View]) -> None:
    if classes is None:
        if wrong := next((view.name for view in views if isinstance(view, Classes | Attribution)), None):
            raise ValueError(f"classes=None: the view {wrong!r} is of classes; name others, such as views='channels'")
        return
    if isinstance(classes, str) or not isinstance(classes, Collection) or not classes:
        raise ValueError(
            f"classes={classes!r}: name the classes, in the order of the module's logits, such as ['cat', 'dog']"
        )
    twice = sorted({name for name in classes if list(classes).count(name) > 1})
    if twice:
        raise ValueError(f"classes: {twice[0]!r} is named twice; names must be different")
