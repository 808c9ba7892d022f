"""A checkpoint becomes a file for init=pretrained."""

import sys
from typing import Any

import pytest
import torch

from featevo.errors import UserError
from featevo.model import export as module
from featevo.model.export import export
from featevo.model.init import initialise
from featevo.model.vgg import vgg

SMALL: dict[str, Any] = {"hidden": 16, "pool": 2}


def checkpoint(tmp_path, net):
    state = {f"net.{name}": tensor for name, tensor in net.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 1}, tmp_path / "best.ckpt")
    return tmp_path / "best.ckpt"


def test_half_precision_and_torchvisions_names(tmp_path):
    source, net = vgg(7, width=0.1, **SMALL), vgg(4, width=0.1, **SMALL)
    size = export(checkpoint(tmp_path, source), tmp_path / "w.safetensors")
    assert size < 2.2 * sum(tensor.numel() for tensor in source.state_dict().values())
    initialise(net, "pretrained", weights=str(tmp_path / "w.safetensors"))
    assert torch.equal(net.features[0].weight, source.features[0].weight.half().float())


def test_weights_that_half_precision_cannot_hold_are_named(tmp_path):
    net = vgg(4, width=0.1, **SMALL)
    net.features[0].weight.data[0, 0, 0, 0] = 1e6
    with pytest.raises(UserError, match=r"features.0.weight has weights beyond 65504"):
        export(checkpoint(tmp_path, net), tmp_path / "w.safetensors")
    assert not (tmp_path / "w.safetensors").exists()


def test_the_command_names_missing_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["export", str(tmp_path / "no.ckpt"), str(tmp_path / "w.safetensors")])
    assert module.main() == 2
    assert "there is no such file" in capsys.readouterr().err
