"""Weights trained before that a network is known to fit: shipped with featevo, or published by torchvision."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn
from torchvision.models import get_model_weights

from featevo.errors import UserError
from featevo.model.weight_files import read_weights

SHIPPED = {"vgg16_slim": Path(__file__).parent / "weights" / "vgg16_slim_scenes.safetensors"}
"""By origin: trained on more of the drawn scenes, by featevo itself."""

TORCHVISION = "torchvision.models."


def origin(net: nn.Module, target: str = "") -> str | None:
    """The name under which a network's weights are published, None where nobody is known to publish them.

    Args:
        net: Its attribute `origin` counts, as `featevo.model.vgg` sets it.
        target: What built it, the configuration's `_target_`; torchvision's builders are known by name.
    """
    known = getattr(net, "origin", None)
    if known is None and target.startswith(TORCHVISION):
        known = target.rpartition(".")[2]
    return known if known in SHIPPED or _published(known) is not None else None


def pretrained_weights(name: str | None) -> tuple[dict[str, Tensor], str]:
    """The weights published for an origin, and what to call them.

    Args:
        name: By `origin`.

    Raises:
        UserError: When there are none, or they cannot be downloaded.
    """
    if name in SHIPPED and SHIPPED[name].is_file():
        return read_weights(SHIPPED[name]), f"featevo's {SHIPPED[name].stem}"
    weights = _published(name)
    if weights is None:
        raise UserError(
            "init=pretrained: no pretrained weights are shipped for this model yet; name a file that fits with "
            "init.weights=PATH, or use model=vgg16 (torchvision's ImageNet weights, downloaded once)"
        )
    try:
        # torchvision's own loading would unpickle; the hash in the file's name is checked on download.
        state = weights.get_state_dict(progress=True, check_hash=True, weights_only=True)
    except Exception as error:  # the network's, the disk's, or of a damaged file in the cache
        raise UserError(
            f"init=pretrained: torchvision's ImageNet weights cannot be downloaded ({' '.join(str(error).split())}); "
            "name a file with init.weights=PATH, or use a network that needs no download: model=vgg16_slim"
        ) from error
    return dict(state), f"torchvision's {name} ({weights.name})"


def _published(name: str | None):  # type: ignore[no-untyped-def]  # torchvision has no types
    if name is None:
        return None
    try:
        known = get_model_weights(name)
    except ValueError:
        return None
    return getattr(known, "IMAGENET1K_V1", None) or known.DEFAULT
