"""Feature accentuation: a real image is changed so that a unit responds more, and stays like itself.

Hamblin et al., "Feature Accentuation: Revealing 'What' Features Respond to in Natural Images", 2024. Start from the
image, optimise Fourier coefficients, use random crops, and add `Likeness` in a layer; `docs/visualize.md` has it whole.
"""

from __future__ import annotations

from torch import Tensor

from featevo.visualize.layers import Seen
from featevo.visualize.objectives import LayerObjective
from featevo.visualize.objectives.features import by_position
from featevo.visualize.parameterizations import within_range


class Likeness(LayerObjective):
    """Minus the distance to a seed image in a layer: Euclidean over channels, mean over positions (0: equal).

        -mean_p |A(t(x))_p - A(t(x_0))_p|     (the authors' library faccent, `l2_compare`)

    The model sees the seed x_0 in every step through the same random transforms t as the image x, so that a shift or a
    crop is no distance. It has no units: add it to an objective with as many units as there are seeds. The source
    weighs it by the ratio of the two gradients at the start; here both images are equal there, so the weight is yours.

    Args:
        layer: Name of the layer; the earlier, the more the image keeps of its seed.
        seeds: (U, C, H, W) in 0..1, one for each unit.

    Raises:
        ValueError: For seeds of another shape or range.
    """

    def __init__(self, layer: str, seeds: Tensor) -> None:
        super().__init__(layer)
        if seeds.ndim != 4 or not seeds.numel():
            raise ValueError(f"seeds of shape {tuple(seeds.shape)}: give (units, channels, height, width)")
        self.seeds = within_range(seeds, "seeds")

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Values (B,), at most 0; errors as for `Seen.by_channel`."""
        assert seen.seeds is not None  # `maximize` shows the seeds of its objective
        features, wanted = (by_position(each.by_channel(self.layer, len(rows))) for each in (seen, seen.seeds))
        return -(features - wanted).norm(dim=1).mean(1)
