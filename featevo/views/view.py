"""A view: one kind of images of a network at one moment. It needs torch, no trainer and no configuration.

A new view is one class with these members; the record and the trackers treat its images like those of
`featevo.views.classes`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor, nn

from featevo.record.schema import Image
from featevo.visualize.checks import height_and_width
from featevo.visualize.outputs import returning
from featevo.visualize.parameterizations import Shape


@dataclass(frozen=True)
class Network:
    """A network to draw.

    Attributes:
        module: From normalised images (B, C, H, W) to logits.
        classes: Their names, in the order of the logits.
        image_size: Side of square images in pixels, or (height, width).
        channels: Of the images.
        mean: Per channel: subtracted from images in 0..1 before the forward pass.
        std: Per channel: divides them after that.
        output: From what the module returns to logits (B, K); None: found by `featevo.visualize.outputs.logits_of`.
    """

    module: nn.Module
    classes: tuple[str, ...]
    image_size: int | tuple[int, int]
    channels: int = 3
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    output: Callable[[Any], Tensor] | None = None

    def returning_logits(self) -> AbstractContextManager[None]:
        """Within: calls of the module return `output` of what they returned otherwise."""
        return nullcontext() if self.output is None else returning(self.module, self.output)

    @property
    def shape(self) -> Shape:
        """Channels, height, width of an image; raises `ValueError` for a size that is none."""
        return self.channels, *height_and_width(self.image_size)


@dataclass(frozen=True)
class Drawn:
    """One image of a view.

    Attributes:
        image: Its entry in the record, which fills in the file.
        pixels: (C, H, W), floating point in 0..1; anything else is an error, see `featevo.record.images.recordable`.
        provenance: How it was made: equal for all images of a view at one moment.
        own: How this image alone was made; only its file has it.
    """

    image: Image
    pixels: Tensor
    provenance: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)


RealImages = Callable[[int], tuple[Tensor, Tensor]]
"""From a number n to at most n validation images of each class (N, C, H, W) in 0..1, always the same, and their classes
(N,)."""


@dataclass(frozen=True)
class Context:
    """Input of a view besides the network.

    Attributes:
        real: Returns validation images; None: there are none.
        known: Units of this view's images in the last snapshot that has any; empty for the first one.
        before: This view's images (U, C, H, W) of the snapshot before, of all units; None where there are none.
        on_step: Called with the number of optimisation steps done.
    """

    real: RealImages | None = None
    known: Sequence[int] = ()
    before: Tensor | None = None
    on_step: Callable[[int], None] = lambda done: None


class View(Protocol):
    """Makes images of a network's units."""

    @property
    def name(self) -> str:
        """Its name in the record: letters, digits, dashes."""

    @property
    def goes_on(self) -> bool:
        """Whether it starts from its images of the snapshot before."""

    def check(self, network: Network) -> None:
        """Raise `ValueError` for the first setting that is not allowed, before training begins.

        Settings that need the module, such as names of layers, are checked in `units`: its weights may not exist yet.
        """

    def units(self, network: Network, context: Context) -> Sequence[int]:
        """The units to draw, in the order of the images; the same on all processes.

        Raises:
            ValueError: When there are none of these units, such as for an unknown layer.
        """

    def steps(self, units: Sequence[int]) -> int:
        """Optimisation steps for these units, for a progress bar; 0 without optimisation."""

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        """One image per unit.

        An image depends only on its own unit and on the weights, not on the other units, so that several processes can
        share the units. The module may be in training or eval mode, and must stay in it.
        """
