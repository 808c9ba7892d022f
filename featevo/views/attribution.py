"""Attribution: which pixels of a validation image speak for its class, and which against, over the training."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from featevo.record.schema import Image
from featevo.views.attribution_methods import METHODS, Case, Logits, attributed, check_captum, check_method
from featevo.views.pictures import Pictures, fixed_pictures
from featevo.views.view import Context, Drawn, Network
from featevo.visualize.ascent import NonFiniteError
from featevo.visualize.checks import check_choice, check_count
from featevo.visualize.network import frozen_eval, hash_of, image_dtype

FOR, AGAINST = (0.70, 0.02, 0.10), (0.02, 0.25, 0.70)
"""Red and blue, which people with any colour blindness can tell apart."""

FULL = {"gradcam": 3.0}
"""By method: the attribution of the deepest colour, as a multiple of the image's mean. Grad-CAM's maps are smooth."""

FULL_OTHERS = 6.0
"""The same for the other methods."""

PALE = 0.35
"""Contrast of the grey copy under the colours."""


@dataclass(frozen=True)
class Attribution:
    """The evidence in validation images for their own class: red for it, blue against it, over a pale grey copy.

    A pixel's attribution is the sum over its channels, of the logit of the image's class, by Captum. Attributions grow
    with the logits. So that images can be compared over epochs without a scale that is fitted to each, colours show
    shares: the absolute attribution divided by its mean over the pixels, from 0 (the grey copy) to `FULL` (the deepest
    colour, also above it), the same at every snapshot. The absolute size is in `values`: `for` and `against` are the
    sums of the positive attributions and of the negative ones without their sign; `logit` and `probability` are the
    network's own for the class.

    Units: place of the method * number of images + place of the image.

    Args:
        methods: Names in `featevo.views.attribution_methods.METHODS`.
        pictures: Validation images of each class.
        samples: Points of the path of integrated gradients; noisy images of SmoothGrad.
        seed: Of SmoothGrad's noise.
        name: Of the view.
    """

    methods: Sequence[str] = ("occlusion", "integrated_gradients")
    pictures: int = 1
    samples: int = 50
    seed: int = 0
    name: str = "attribution"

    goes_on = False

    def check(self, network: Network) -> None:
        """Raise `ValueError` for the first setting that is not allowed, and when Captum is not installed."""
        if not self.methods or len(set(self.methods)) < len(self.methods):
            raise ValueError(f"methods={list(self.methods)}: name at least one method, each once")
        for method in self.methods:
            check_choice(METHODS, methods=method)
        check_count(pictures=self.pictures, samples=self.samples)
        check_captum()

    def units(self, network: Network, context: Context) -> range:
        pictures = fixed_pictures(network, context, self.pictures, self.name)
        with frozen_eval(network.module) as device:
            logits = Logits(network)
            image = pictures.images[:1].to(device, image_dtype(network.module))
            for method in self.methods:
                check_method(method, logits, image)
        return range(len(self.methods) * len(pictures.images))

    def steps(self, units: Sequence[int]) -> int:
        return 0

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        pictures = fixed_pictures(network, context, self.pictures, self.name)
        provenance = {**self._described(), "weights": hash_of(network.module)}
        with frozen_eval(network.module) as device:
            logits, images = Logits(network), pictures.images.to(device, image_dtype(network.module))
            drawn = [self._drawn(logits, images, pictures, unit) for unit in units]
        return [replace(one, provenance=provenance) for one in drawn]

    def _described(self) -> dict[str, Any]:
        import captum

        return {
            "methods": list(self.methods),
            "samples": self.samples,
            "seed": self.seed,
            "full": {method: FULL.get(method, FULL_OTHERS) for method in self.methods},
            "captum": captum.__version__,
        }

    def _drawn(self, logits: Logits, images: Tensor, pictures: Pictures, unit: int) -> Drawn:
        method, place = self.methods[unit // len(images)], unit % len(images)
        image, label = images[place, None], pictures.labels[place]
        began = time.perf_counter()
        attribution = attributed(method, Case(logits, image, label, self.samples, (self.seed, unit)))
        if not bool(attribution.isfinite().all()):
            raise NonFiniteError(f"{pictures.names[place]}: the attribution by {method} is not finite")
        with torch.no_grad():
            output = logits(image)[0].float()
        values = {
            "logit": float(output[label]),
            "probability": float(output.softmax(0)[label]),
            "for": float(attribution.clamp_min(0).sum()),
            "against": float((-attribution).clamp_min(0).sum()),
        }
        entry = Image(
            view=self.name,
            unit=unit,
            file="",
            name=pictures.names[place],
            group=method.replace("_", " "),
            values=values,
            seconds=round(time.perf_counter() - began, 4),
        )
        return Drawn(entry, coloured(attribution, pictures.images[place], FULL.get(method, FULL_OTHERS)))


def coloured(attribution: Tensor, picture: Tensor, full: float) -> Tensor:
    """An attribution (H, W) as an image (3, H, W) in 0..1 over its picture (C, H, W)."""
    grey = 1 - PALE * (1 - picture.float().mean(0))
    size = attribution.abs()
    strength = (size / (full * size.mean().clamp_min(torch.finfo(size.dtype).tiny))).clamp_max(1)
    colours = torch.tensor([AGAINST, FOR])[(attribution > 0).long()].movedim(-1, 0)
    return grey * (1 - strength) + colours * strength
