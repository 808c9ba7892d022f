"""VGG-16 at any width has torchvision's names and, at full width, torchvision's very shapes and answers."""

import pytest
import torch
import torchvision

from featevo.model.vgg import vgg16


def test_full_width_is_torchvisions_with_its_last_layer_replaced():
    with torch.device("meta"):
        reference = torchvision.models.vgg16(num_classes=4)
    net = vgg16(4)
    assert {k: v.shape for k, v in net.state_dict().items()} == {k: v.shape for k, v in reference.state_dict().items()}
    assert not any(tensor.is_meta for tensor in net.state_dict().values())


def test_computes_what_torchvisions_builder_computes():
    torch.manual_seed(0)
    net = vgg16(3, width=0.125, hidden=10, pool=2).eval()
    channels = [layer if layer == "M" else int(layer) // 8 for layer in torchvision.models.vgg.cfgs["D"]]
    features = torchvision.models.vgg.make_layers(channels)
    features.load_state_dict(net.features.state_dict())
    pictures = torch.rand(2, 3, 64, 64)
    hidden = net.classifier(features(pictures).flatten(1))  # 64 pixels leave 2 x 2: pooling to 2 is the identity
    assert torch.allclose(net(pictures), hidden)


def test_quarter_width_has_sixteen_layers_a_quarter_as_wide():
    net = vgg16(4, width=0.25, hidden=256, pool=2)
    layers = [module for module in net.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == 16
    assert [layer.out_channels for layer in layers if isinstance(layer, torch.nn.Conv2d)] == [
        *(16, 16, 32, 32, 64, 64, 64),
        *(128,) * 6,
    ]
    assert sum(parameter.numel() for parameter in net.parameters()) < 1_200_000


@pytest.mark.parametrize("wrong", [{"width": 0}, {"hidden": 0}, {"pool": 0}, {"dropout": 1.0}])
def test_wrong_numbers_are_named(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        vgg16(4, **wrong)
