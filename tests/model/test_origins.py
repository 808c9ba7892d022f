"""Published weights: their names, and errors if there are none or a download fails."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import VGG16_BN_Weights

from featevo.errors import UserError
from featevo.model import origins
from featevo.model.init import initialise
from featevo.model.origins import origin, pretrained_weights
from featevo.model.vgg import vgg
from tests.model.parts import same_weights, small_vgg


def test_an_origin_is_the_builders_name_or_torchvisions():
    assert origin(vgg(4, batch_norm=True, hidden=8, pool=1)) == "vgg16_bn"
    assert origin(vgg(4, width=0.25, hidden=8, pool=1)) == "vgg16_slim"
    assert origin(vgg(4, depth=11, width=0.25, hidden=8, pool=1)) is None
    assert origin(nn.Linear(1, 1), "torchvision.models.resnet18") == "resnet18"
    assert origin(nn.Linear(1, 1), "torchvision.models.vision_transformer.VisionTransformer") is None
    assert origin(nn.Linear(1, 1), "my.resnet18") is None


def test_torchvisions_weights_are_loaded_safely_and_used(monkeypatch):
    source, net = vgg(7, hidden=8, pool=1, depth=16, batch_norm=True), vgg(4, hidden=8, pool=1, batch_norm=True)
    received: dict[str, object] = {}

    def download(self, **arguments):
        received.update(arguments, weights=self)
        return source.state_dict()

    monkeypatch.setattr(VGG16_BN_Weights, "get_state_dict", download)
    report = initialise(net, "pretrained", origin=origin(net))
    assert received == {
        "progress": True,
        "check_hash": True,
        "weights_only": True,
        "weights": VGG16_BN_Weights.IMAGENET1K_V1,
    }
    assert same_weights(net, source, "features", "classifier.0", "classifier.3")
    assert report.source == "torchvision's vgg16_bn (IMAGENET1K_V1)"


def test_a_failing_download_names_the_alternatives(monkeypatch):
    def offline(*args, **kwargs):
        raise OSError("no route\nto host")

    monkeypatch.setattr(VGG16_BN_Weights, "get_state_dict", offline)
    with pytest.raises(UserError, match=r"cannot be downloaded \(no route to host\); name a file") as error:
        pretrained_weights("vgg16_bn")
    assert "init.weights=PATH" in str(error.value)
    assert "model=vgg16_slim" in str(error.value)


def test_without_an_origin_the_error_names_alternatives():
    with pytest.raises(UserError, match=r"no pretrained weights are shipped for this model yet; name a file.*PATH"):
        initialise(small_vgg(), "pretrained")


def test_shipped_weights_are_used_if_they_exist(monkeypatch, tmp_path):
    path = tmp_path / "slim_scenes.safetensors"
    monkeypatch.setitem(origins.SHIPPED, "vgg16_slim", path)
    net = vgg(4, width=0.25, hidden=8, pool=1)
    with pytest.raises(UserError, match="no pretrained weights are shipped for this model yet"):
        initialise(net, "pretrained", origin=origin(net))
    torch.manual_seed(5)
    source = vgg(9, width=0.25, hidden=8, pool=1)
    save_file({name: tensor.half() for name, tensor in source.state_dict().items()}, path)
    report = initialise(net, "pretrained", origin=origin(net))
    assert same_weights(net.half(), source.half(), "features")
    assert report.source == "featevo's slim_scenes"
