"""VGG at any width has torchvision's names and, at full width, exactly torchvision's shapes and outputs."""

import pytest
import torch
import torchvision

from featevo.model.vgg import vgg
from tests.model.parts import small_vgg


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("depth", [11, 13, 16, 19])
def test_full_width_is_torchvisions_with_its_last_layer_replaced(depth, batch_norm):
    name = f"vgg{depth}{'_bn' if batch_norm else ''}"
    with torch.device("meta"):
        reference = torchvision.models.get_model(name, num_classes=4)
        net = vgg(4, depth, batch_norm)
    assert {k: v.shape for k, v in net.state_dict().items()} == {k: v.shape for k, v in reference.state_dict().items()}
    assert net.origin == name


def test_the_default_is_the_papers_network_with_real_weights():
    net = vgg(4, hidden=8, pool=1)
    assert net.origin == "vgg16"
    assert not any(tensor.is_meta for tensor in net.state_dict().values())


@pytest.mark.parametrize("batch_norm", [False, True])
def test_outputs_equal_those_of_torchvisions_network(batch_norm):
    net = small_vgg(3, seed=0, batch_norm=batch_norm).eval()
    channels = [layer if layer == "M" else int(layer) // 8 for layer in torchvision.models.vgg.cfgs["D"]]
    features = torchvision.models.vgg.make_layers(channels, batch_norm).eval()
    features.load_state_dict(net.features.state_dict())
    images = torch.rand(2, 3, 64, 64)
    hidden = net.classifier(features(images).flatten(1))  # 64 pixels leave 2 x 2: pooling to 2 is the identity
    assert torch.allclose(net(images), hidden)


def test_quarter_width_has_sixteen_layers_a_quarter_as_wide():
    net = vgg(4, width=0.25, hidden=256, pool=2)
    layers = [module for module in net.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == 16
    assert [layer.out_channels for layer in layers if isinstance(layer, torch.nn.Conv2d)] == [
        *(16, 16, 32, 32, 64, 64, 64),
        *(128,) * 6,
    ]
    assert sum(parameter.numel() for parameter in net.parameters()) < 1_200_000
    assert net.origin == "vgg16_slim"


def test_takes_images_of_any_channels():
    net = small_vgg(in_channels=1)
    assert net.features[0].weight.shape == (8, 1, 3, 3)
    assert net(torch.rand(2, 1, 32, 32)).shape == (2, 4)


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"hidden": 0}, {"pool": 0}, {"dropout": 1.0}, {"in_channels": 0}, {"depth": 12}]
)
def test_wrong_numbers_are_named(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        vgg(4, **wrong)
