"""The configuration of a run folder."""

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
    written = OmegaConf.to_container(cfg.data.source, resolve=False)
    assert "${data.image_size}" in written.values()
    assert OmegaConf.to_container(recorded_configuration(tmp_path).data.source, resolve=False) == written
