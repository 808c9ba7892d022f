"""Layers that fit are loaded whole; others are an error, or are in the report."""

import pytest
import torch
import torchvision
from torch import nn

from featevo.errors import UserError
from featevo.model.load_layers import last_layer, load_layers
from tests.model.parts import same_weights, small_vgg


def states(layers):
    return {layer.name: layer.state for layer in layers}


def load(net, state, last=False, strict=True):
    return load_layers(net, state, "init.weights=w", last=last, strict=strict)


def test_all_but_the_last_layer_or_all():
    source, net = small_vgg(seed=1), small_vgg(seed=2)
    layers = load(net, source.state_dict())
    assert same_weights(net, source, "features", "classifier.0", "classifier.3")
    assert not same_weights(net, source, "classifier.6")
    assert [layer.name for layer in layers if layer.state == "new"] == ["classifier.6"]
    assert {layer.state for layer in load(net, source.state_dict(), last=True)} == {"loaded"}
    assert same_weights(net, source)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_numbers_take_the_networks_precision(dtype):
    source, net = small_vgg(seed=1), small_vgg(seed=2)
    load(net, {name: tensor.to(dtype) for name, tensor in source.state_dict().items()})
    assert net.features[0].weight.dtype == torch.float32
    assert torch.equal(net.features[0].weight, source.features[0].weight.to(dtype).float())


def test_features_are_enough_for_pretrained_but_not_for_a_checkpoint():
    source, net = small_vgg(seed=1), small_vgg(seed=2)
    features = {name: tensor for name, tensor in source.state_dict().items() if name.startswith("features")}
    found = states(load(net, features))
    assert (found["features.0"], found["classifier.0"]) == ("loaded", "new")
    with pytest.raises(UserError, match=r"classifier.0 is not in the file .*\(and 2 more\)"):
        load(net, features, last=True)
    assert states(load(net, features, last=True, strict=False))["classifier.0"] == "new"


def test_batch_norm_needs_its_statistics_but_not_its_counter():
    source, net = small_vgg(seed=1, batch_norm=True), small_vgg(seed=2, batch_norm=True)
    source.features[1].running_mean.fill_(3.0)
    state = {n: t for n, t in source.state_dict().items() if not n.endswith("num_batches_tracked")}
    load(net, state)
    assert net.features[1].running_mean.eq(3).all()
    del state["features.1.running_var"]
    with pytest.raises(UserError, match=r"features.1.running_var is not in the file, though its layer is"):
        load(net, state)


def test_a_layer_that_does_not_fit_is_left_out_completely():
    source, net, before = small_vgg(seed=1, hidden=8), small_vgg(seed=2), small_vgg(seed=2)
    source.classifier[0] = nn.Linear(256, 16, bias=True)
    source.classifier[3] = nn.Linear(8, 16)  # its bias would fit
    layers = load(net, source.state_dict(), strict=False)
    (left_out,) = (layer for layer in layers if layer.state == "left out")
    assert (left_out.name, left_out.shape, left_out.in_file) == ("classifier.3", (16, 16), (16, 8))
    assert same_weights(net, before, "classifier.3")
    assert same_weights(net, source, "features", "classifier.0")


def test_the_last_layer_of_a_checkpoint_for_other_classes():
    source, net = small_vgg(7, seed=1), small_vgg(4, seed=2)
    with pytest.raises(UserError, match=r"classifier.6.weight is \(7, 16\), the network has \(4, 16\)"):
        load(net, source.state_dict(), last=True)
    assert states(load(net, source.state_dict(), last=True, strict=False))["classifier.6"] == "left out"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (lambda: small_vgg(width=0.25), r"features.0.weight is \(16, 3, 3, 3\), the network has \(8, 3, 3, 3\)"),
        (
            lambda: small_vgg(in_channels=1),
            r"features.0.weight is for images of 1 channels, the network for 3 \(data",
        ),
        (lambda: small_vgg(depth=19), r"features.\d+.weight is .*choose the model these weights were trained with"),
        (lambda: small_vgg(batch_norm=True), r"\(and \d+ more\); choose the model"),
        (
            lambda: torchvision.models.resnet18(num_classes=4),
            r"conv1.weight is \(64, 3, 7, 7\), the network has no suc",
        ),
    ],
)
def test_another_architecture_is_one_clear_line_and_changes_nothing(source, message):
    net, before = small_vgg(seed=2), small_vgg(seed=2)
    with pytest.raises(UserError, match=message) as error:
        load(net, source().state_dict())
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("init.weights=w: ")
    assert "init.strict=false" in str(error.value)
    assert same_weights(net, before)


def test_no_common_layer_is_an_error_even_if_not_strict():
    resnet = torchvision.models.resnet18(num_classes=4)
    for state in (resnet.state_dict(), {"classifier.6.bias": torch.zeros(4)}):
        with pytest.raises(UserError, match="holds no layer of this network"):
            load(small_vgg(), state, strict=False)


def test_other_tensors_of_a_lightning_module_are_reported():
    source, net = small_vgg(seed=1), small_vgg(seed=2)
    state = {f"net.{name}": tensor for name, tensor in source.state_dict().items()} | {"loss.weight": torch.ones(4)}
    layers = load(net, state)
    assert same_weights(net, source, "features")
    assert layers[-1].name == "loss"
    assert (layers[-1].state, layers[-1].shape, layers[-1].in_file) == ("left out", None, (4,))


def test_the_files_last_layer_may_have_other_parts():
    source, net = small_vgg(seed=1), small_vgg(seed=2)
    net.classifier[6] = nn.Linear(16, 4, bias=False)
    assert "left out" not in states(load(net, source.state_dict())).values()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (torch.full((8, 3, 3, 3), torch.nan), "features.0.weight has values that are not finite"),
        (torch.ones((8, 3, 3, 3), dtype=torch.int8), "features.0.weight holds int8 numbers, as after quantization"),
    ],
)
def test_tensors_that_are_not_weights_are_refused(value, message):
    state = {**small_vgg().state_dict(), "features.0.weight": value}
    with pytest.raises(UserError, match=message):
        load(small_vgg(), state)


def test_the_last_layer_gives_the_logits():
    assert last_layer(small_vgg()) == "classifier.6"
    assert last_layer(torchvision.models.resnet18()) == "fc"
    assert last_layer(torchvision.models.squeezenet1_1()) == "classifier.1"
    assert last_layer(nn.ReLU()) is None
