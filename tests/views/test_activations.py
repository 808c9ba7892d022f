"""Mean activations against networks computed by hand, and the channels that stand out by them."""

import pytest
import torch
from torch import nn
from torchvision.models import VisionTransformer

from featevo.views.activations import AT_ONCE, LOGITS, activations, changed, firing, mean_activations
from featevo.views.view import Network

MEAN, STD = (0.2, 0.4, 0.5), (0.5, 0.25, 0.3)


def pictures(count, size=12):
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(1))


def normalised(images):
    return (images - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


@pytest.fixture
def network():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(500, 2))
    return Network(net, ("a", "b"), 12, 3, MEAN, STD)


def test_means_over_images_and_positions(network):
    """Of more images than one batch, in eval mode, before the ReLU overwrites them."""
    images, net = pictures(2 * AT_ONCE + 3), network.module
    found = mean_activations(network, ["0", "4", LOGITS], images)
    assert net.training
    with torch.no_grad():
        maps = nn.functional.conv2d(normalised(images), net[0].weight, net[0].bias)
        logits = net[4]((maps / (1 + net[1].eps) ** 0.5).clamp_min(0).flatten(1))
    assert torch.allclose(found["0"], maps.double().mean((0, 2, 3)), atol=1e-6)
    assert torch.allclose(found["4"], logits.double().mean(0), atol=1e-5)
    assert torch.equal(found[LOGITS], found["4"])


def test_the_channels_of_tokens_are_their_width():
    """The hidden neurons of a block's MLP in torchvision's vision transformer, by its parts called one by one."""
    torch.manual_seed(0)
    net = VisionTransformer(12, 4, 2, 2, 8, 20, num_classes=3).eval()
    images, block = pictures(AT_ONCE + 2), net.encoder.layers[0]
    with torch.no_grad():
        patches = net.conv_proj(normalised(images)).flatten(2).transpose(1, 2)
        tokens = torch.cat([net.class_token.expand(len(images), 1, 8), patches], 1) + net.encoder.pos_embedding
        inner = block.ln_1(tokens)
        tokens = tokens + block.self_attention(inner, inner, inner, need_weights=False)[0]
        hidden = nn.functional.linear(block.ln_2(tokens), block.mlp[0].weight, block.mlp[0].bias)
    assert hidden.shape == (AT_ONCE + 2, 10, 20)
    name = "encoder.layers.encoder_layer_0.mlp.0"
    found = mean_activations(Network(net, ("a", "b", "c"), 12, 3, MEAN, STD), [name], images)[name]
    assert torch.allclose(found, hidden.double().mean((0, 1)), atol=1e-6)


def test_activations_that_are_not_finite_are_an_error(network):
    network.module[0].weight.data[3, 0, 0, 0] = torch.inf
    with pytest.raises(ValueError, match="0: activations of real images are not finite"):
        next(activations(network, ["0"], pictures(2)))
    with pytest.raises(ValueError, match="logits: activations of real images are not finite"):
        next(activations(network, [LOGITS], pictures(2)))


def test_the_channels_that_fire_most():
    means = torch.tensor([0.1, 3.0, -5.0, 3.0, 2.0])
    assert firing(means, 1) == [1]
    assert firing(means, 3) == [1, 3, 4]
    assert firing(means, 9) == [0, 1, 2, 3, 4]


def test_the_channels_that_changed_most_between_two_states(network):
    """A filter that turns into its negative changes more than one that stays, in either direction."""
    images = pictures(4)
    before = mean_activations(network, ["0"], images)["0"]
    with torch.no_grad():
        network.module[0].weight[1] += 0.5
        network.module[0].weight[4] -= 0.4
        network.module[0].weight[0] += 0.01
    after = mean_activations(network, ["0"], images)["0"]
    assert changed(before, after, 2) == [1, 4]
    assert changed(before, after, 3) == [0, 1, 4]
    assert changed(after, before, 2) == [1, 4]
