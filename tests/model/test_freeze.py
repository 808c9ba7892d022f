"""Freezing by block, range and name; its effect on the optimizer and on batch norm; errors for mistakes."""

import pytest
import torch
import torchvision
from torch import nn

from featevo.errors import UserError
from featevo.model.freeze import blocks, freeze, hold_statistics
from tests.model.parts import small_vgg


def frozen(net):
    return {name.rpartition(".")[0] for name, weight in net.named_parameters() if not weight.requires_grad}


@pytest.mark.parametrize(("depth", "sizes"), [(11, [1, 1, 2, 2, 2]), (16, [2, 2, 3, 3, 3]), (19, [2, 2, 4, 4, 4])])
def test_blocks_are_the_convolutions_between_max_pools(depth, sizes):
    found = blocks(small_vgg(depth=depth))
    assert list(found) == ["block1", "block2", "block3", "block4", "block5"]
    assert [len(names) for names in found.values()] == sizes
    assert found["block1"][0] == "features.0"
    with_norm = blocks(small_vgg(depth=depth, batch_norm=True))
    assert [len(names) for names in with_norm.values()] == [2 * size for size in sizes]


@pytest.mark.parametrize(
    ("parts", "expected", "named"),
    [
        (None, set(), ()),
        ("none", set(), ()),
        ([], set(), ()),
        ("block1", {"features.0", "features.2"}, ("block1",)),
        ("block1-block2", {"features.0", "features.2", "features.5", "features.7"}, ("block1", "block2")),
        (["block2", "features.0"], {"features.0", "features.5", "features.7"}, ("block2", "features.0")),
        ("features.2", {"features.2"}, ("features.2",)),  # and not features.24
        ("classifier.0", {"classifier.0"}, ("classifier.0",)),
    ],
)
def test_parts_by_name(parts, expected, named):
    net = small_vgg()
    assert freeze(net, parts) == named
    assert frozen(net) == expected


def test_features_are_all_convolutions():
    net = small_vgg(batch_norm=True)
    freeze(net, "features")
    assert all(name.startswith("features") != weight.requires_grad for name, weight in net.named_parameters())


def test_any_module_of_any_network():
    net = torchvision.models.resnet18(num_classes=2)
    assert blocks(net) == {}
    freeze(net, ["conv1", "layer1", "layer2.0.bn1", "fc.bias"])
    assert {name.split(".")[0] for name in frozen(net)} == {"conv1", "layer1", "layer2", "fc"}
    assert net.fc.weight.requires_grad
    assert net.layer2[0].conv1.weight.requires_grad


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("blok1", r"init.freeze=blok1: there is no such part.*did you mean block1.*; there are block1, block2.*class"),
        ("block6", "init.freeze=block6: there is no such part"),
        ("block2-block6", "init.freeze=block2-block6: is not a range of blocks; there are block1 to block5"),
        ("block3-block1", "is not a range of blocks"),
        ("features.1", "init.freeze=features.1: has no weights to freeze"),
        ("feature", r"did you mean features"),
        ([3], "init.freeze: 3 is not a name"),
        (True, "init.freeze: True is not a name"),
        (["features", "classifier"], r"init.freeze=\[features,classifier\]: no trainable weights would be left"),
    ],
)
def test_a_mistake_is_one_line_with_the_names_there_are(parts, message):
    with pytest.raises(UserError, match=message) as error:
        freeze(small_vgg(), parts)
    assert "\n" not in str(error.value)


def test_a_range_in_a_network_without_blocks():
    with pytest.raises(UserError, match="this network has no blocks"):
        freeze(torchvision.models.resnet18(num_classes=2), "block1-block2")


def test_only_frozen_batch_norm_stays_in_eval_mode():
    net = small_vgg(batch_norm=True).train()
    freeze(net, "block1")
    hold_statistics(net)
    norms = {n: m.training for n, m in net.named_modules() if isinstance(m, nn.BatchNorm2d)}
    assert {name for name, training in norms.items() if not training} == {"features.1", "features.4"}
    assert net.features.training
    assert net.classifier[2].training, "dropout goes on"


def test_batch_norm_without_weights_is_frozen_with_the_module_around_it():
    norm = nn.BatchNorm2d(4, affine=False)
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 1), norm), nn.Conv2d(4, 2, 1))
    freeze(net, "0")
    hold_statistics(net)
    assert not norm.training
    net(torch.rand(2, 3, 4, 4))
    assert norm.running_mean is not None
    assert not norm.running_mean.any(), "as it started"
