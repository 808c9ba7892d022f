"""Random schemes: the statistics they promise, the global seed, and foreign networks left as they were built."""

import pytest
import torch
import torchvision
from torch import nn

from featevo.errors import UserError
from featevo.model.schemes import draw
from tests.model.parts import same_weights, small_vgg


@pytest.mark.parametrize(
    ("scheme", "variance"),
    [("auto", 2 / 576), ("kaiming", 2 / 576), ("xavier", 2 / (576 + 576)), ("torch", 1 / (3 * 576))],
)
def test_schemes_have_their_documented_variance(scheme, variance):
    torch.manual_seed(0)
    net = small_vgg()
    draw(net, scheme)
    weight = net.features[28].weight  # 64 -> 64 channels of 3 x 3
    assert weight.var().item() == pytest.approx(variance, rel=0.05)
    biased = [name for name, bias in net.named_parameters() if name.endswith("bias") and bias.any()]
    assert bool(biased) == (scheme == "torch")


def test_torchvisions_scheme_counts_the_outputs():
    torch.manual_seed(0)
    net = small_vgg(hidden=256)
    draw(net, "torchvision")
    assert net.features[10].weight.var().item() == pytest.approx(2 / (32 * 9), rel=0.05)  # 16 -> 32 channels
    assert net.classifier[3].weight.std().item() == pytest.approx(0.01, rel=0.05)


def test_orthogonal_rows_are_orthogonal():
    net = small_vgg()
    draw(net, "orthogonal")
    rows = net.features[28].weight.flatten(1)
    assert torch.allclose(rows @ rows.T, 2 * torch.eye(64), atol=1e-4)


def test_random_follows_the_global_seed():
    nets = [small_vgg() for _ in range(3)]
    for net, seed in zip(nets, (1, 1, 2), strict=True):
        torch.manual_seed(seed)
        draw(net)
    assert same_weights(nets[0], nets[1])
    assert not same_weights(nets[0], nets[2], "features.0.weight")


def test_other_networks_start_as_they_were_built():
    net = torchvision.models.resnet18(num_classes=3)
    before = torchvision.models.resnet18(num_classes=3)
    before.load_state_dict(net.state_dict())
    assert draw(net, "auto") == "own"
    assert same_weights(net, before)
    assert draw(net, "xavier") == "xavier"
    assert not same_weights(net, before, "fc.weight")


def test_a_wrong_name_is_an_error_with_the_allowed_ones():
    expected = "init.scheme=he: there are kaiming, xavier, torch, torchvision, orthogonal, own, auto"
    with pytest.raises(UserError, match=expected):
        draw(small_vgg(), "he")


def test_what_is_new_beside_trained_weights_starts_small():
    """Kaiming's weights of a last layer are 2.4 times as large, and its logits tear trained features apart."""
    torch.manual_seed(0)
    net = small_vgg()
    assert draw(net, alone=False) == "torch"
    new = net.classifier[6].weight.std()
    assert draw(net) == "kaiming"
    assert net.classifier[6].weight.std() > 2 * new
    other = nn.Sequential(nn.Linear(3, 3))
    assert draw(other, alone=False) == "own"
