"""The shipped data configurations, as the command composes them."""

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from featevo.app.paths import CONF
from featevo.app.schemas import register

NAMES = sorted(path.stem for path in (CONF / "data").glob("*.yaml") if path.stem != "imagenet_names")
"""The data sources with images."""


def composed(name: str, *overrides: str) -> DictConfig:
    """The configuration of `data=NAME` with these overrides."""
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", [f"data={name}", *overrides])
