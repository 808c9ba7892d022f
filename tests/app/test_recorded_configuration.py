"""The configuration of a run folder."""

from typing import Any

import pytest
from omegaconf import OmegaConf

from featevo.app.recorded_configuration import recorded_configuration
from tests.app.test_schemas import composed


@pytest.mark.parametrize("data", ["scenes", "cifar10"])
def test_references_to_other_keys_are_kept(tmp_path, data):
    """So that a resumed run has the configuration that it had."""
    (tmp_path / ".hydra").mkdir()
    cfg = composed(f"data={data}")
    OmegaConf.save(cfg, tmp_path / ".hydra" / "config.yaml")
    written = sources(cfg)
    assert "${data.image_size}" in written.values()
    assert sources(recorded_configuration(tmp_path)) == written


def sources(cfg: Any) -> Any:
    return OmegaConf.to_container(cfg.data.source, resolve=False)
