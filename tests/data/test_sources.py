"""Every data configuration: it names a source with its arguments, and a mistake in it is one line."""

from __future__ import annotations

import inspect
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from hydra.utils import get_class, instantiate
from omegaconf import DictConfig, OmegaConf
from torchvision.datasets import Flowers102

from featevo.app.paths import CONF
from featevo.app.schemas import DataConfig
from featevo.errors import UserError
from tests.data.parts import NAMES, composed


def arguments(cfg: DictConfig) -> dict[str, Any]:
    found = OmegaConf.to_container(cfg.data.source, resolve=True)
    assert isinstance(found, dict)
    return {str(key): value for key, value in found.items() if key != "_target_"}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_complete_and_names_a_class_that_takes_its_keys(name: str) -> None:
    cfg = composed(name)
    assert cfg.data.name == name
    assert not OmegaConf.missing_keys(cfg.data)
    assert len(cfg.data.mean) == len(cfg.data.std) == cfg.data.channels
    written = OmegaConf.load(CONF / "data_base.yaml").keys() | OmegaConf.load(CONF / "data" / f"{name}.yaml").keys()
    assert set(DataConfig.__annotations__) <= written
    parameters = inspect.signature(get_class(cfg.data.source._target_)).parameters
    assert arguments(cfg).keys() <= parameters.keys()
    assert {key for key in parameters if key in DataConfig.__annotations__} <= arguments(cfg).keys()


@pytest.mark.parametrize("name", NAMES)
def test_without_files_and_network_it_gives_images_or_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    cfg = composed(name)
    if cfg.data.root is not None:
        cfg.data.root = str(tmp_path)
    if "root" in arguments(cfg):
        with pytest.raises(UserError) as caught:
            instantiate(cfg.data.source).splits()
        known = name != "flowers102" or hasattr(Flowers102, "classes")  # before torchvision 0.22 it has no names
        assert str(caught.value).startswith("data.root" if known else "data=flowers102 needs torchvision 0.22")
        assert "\n" not in str(caught.value)
    else:
        splits = instantiate(cfg.data.source).splits()
        assert len(splits.train) > len(splits.val) > 0
        assert splits.train[0][0].shape == (cfg.data.channels, cfg.data.image_size, cfg.data.image_size)


@pytest.mark.parametrize("name", [name for name in NAMES if composed(name).data.root is None])
def test_wrong_classes_are_one_line(name: str, tmp_path: Path) -> None:
    cfg = composed(name, "data.classes=[no such class,nor this]")
    for key in ("n01644373", "n02007558"):  # read by those that need a root
        (tmp_path / key).mkdir()
    takes_root = "root" in arguments(cfg)
    with pytest.raises(UserError) as caught:
        get_class(cfg.data.source._target_)(
            **{**arguments(cfg), **({"root": str(tmp_path)} if takes_root else {})}
        ).splits()
    assert str(caught.value).startswith("data.classes")
    assert "no such class" in str(caught.value)
    assert "\n" not in str(caught.value)
