"""The fast paths give the model's own values, are named in the record, and leave the model as it was."""

import copy
import threading

import pytest
import torch
from torch import nn
from torchvision.models import resnet18
from torchvision.models.vgg import VGG

from featevo.model.vgg import vgg
from featevo.visualize import Channel, ClassLogit, maximize, network
from featevo.visualize.fast_paths import FOLDED, WINOGRAD, fast_paths
from featevo.visualize.network import constant_weights, frozen_eval, hash_of, tensors, weights_hash


@pytest.fixture(scope="module")
def net() -> VGG:
    torch.manual_seed(0)
    return vgg(4, depth=11, width=0.5, hidden=32).eval()


def value_and_gradient(model, images):
    images = images.clone().requires_grad_(True)
    logits = model(images)
    return logits.detach(), torch.autograd.grad(logits[:, 0].sum(), images)[0]


@pytest.mark.parametrize(("size", "paths"), [(32, {FOLDED}), (64, {FOLDED, WINOGRAD}), (224, {WINOGRAD})])
def test_logits_and_gradients_are_as_near_to_the_exact_ones_as_the_models_own(net, size, paths):
    torch.manual_seed(1)
    images = torch.rand(2, 3, size, size)
    with frozen_eval(net):
        own, own_gradient = value_and_gradient(net, images)
        with fast_paths(net) as taken:
            fast, gradient = value_and_gradient(net, images)
        exact, exact_gradient = value_and_gradient(copy.deepcopy(net).double(), images.double())
    assert paths <= taken
    spread = float(exact.std())
    assert float((fast - exact).abs().max()) < 1e-4 * spread
    assert float((own - exact).abs().max()) < 1e-4 * spread
    assert float(torch.cosine_similarity(gradient.flatten(1).double(), exact_gradient.flatten(1)).min()) > 0.999
    assert float(torch.cosine_similarity(own_gradient.flatten(1).double(), exact_gradient.flatten(1)).min()) > 0.999


def test_the_model_is_as_before_also_after_an_error(net):
    before = {name: dict(vars(module)) for name, module in net.named_modules()}
    with pytest.raises(RuntimeError, match="broken"), fast_paths(net):
        raise RuntimeError("broken")
    assert all("forward" not in vars(module) for module in net.modules())
    assert {name: dict(vars(module)) for name, module in net.named_modules()} == before


def test_a_render_names_its_paths_and_is_the_plain_paths_render_up_to_rounding(net, monkeypatch):
    fast = maximize(net, ClassLogit([1]), image_size=64, steps=8, regularizer="none")[0]
    monkeypatch.setattr("featevo.visualize.fast_paths.tile_of", lambda *layer: None)
    monkeypatch.setattr("featevo.visualize.fast_paths._is_torchvision_vgg", lambda module: False)
    plain = maximize(net, ClassLogit([1]), image_size=64, steps=8, regularizer="none")[0]
    assert fast.settings["fast_paths"] == [FOLDED, WINOGRAD]
    assert plain.settings["fast_paths"] == []
    assert fast.value == pytest.approx(plain.value, rel=0.01)
    assert float((fast.image - plain.image).abs().mean()) < 0.01


def test_units_of_layers_take_the_fast_paths(net):
    render = maximize(net, Channel("features.18", [3]), image_size=64, steps=2)[0]
    assert render.settings["fast_paths"] == [FOLDED, WINOGRAD]


def test_where_the_pooling_is_watched_it_pools(net):
    render = maximize(net, Channel("avgpool", [3]), image_size=64, steps=2)[0]
    assert render.settings["fast_paths"] == [WINOGRAD]


def test_a_hook_of_someone_else_sees_the_shapes_that_it_expects(net):
    shapes = []
    hook = net.classifier[0].register_forward_hook(lambda module, given, output: shapes.append(given[0].shape))
    try:
        render = maximize(net, ClassLogit([1]), image_size=64, steps=1)[0]
    finally:
        hook.remove()
    assert {shape[1] for shape in shapes} == {net.classifier[0].in_features}
    assert FOLDED not in render.settings["fast_paths"]


def test_any_other_network_is_called_as_it_is():
    class Other(VGG):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.classifier(torch.flatten(self.avgpool(self.features(x)) * 2, 1))

    with torch.device("meta"):
        other = Other(nn.Identity(), init_weights=False)
    other.features, other.avgpool, other.classifier = nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(7), nn.Linear(98, 2)
    with frozen_eval(other), fast_paths(other) as taken:
        other(torch.rand(1, 3, 8, 8))
    assert not taken


def test_a_model_that_calls_the_parts_of_a_vgg_itself_gets_what_it_expects(net):
    class Extractor(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.vgg = net

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.vgg.avgpool(self.vgg.features(images)).flatten(1)

    model, images = Extractor(), torch.rand(1, 3, 64, 64)
    with frozen_eval(model):
        plain = model(images)
        with fast_paths(model) as taken:
            fast = model(images)
    assert fast.shape == plain.shape
    assert torch.allclose(fast, plain, rtol=0, atol=1e-5)
    assert taken == {WINOGRAD}


def _double(module: nn.Conv2d, given: object) -> None:
    module.weight.mul_(2)


def test_weights_that_a_hook_changes_before_each_call_are_used_as_they_are():
    layer = nn.Conv2d(128, 128, 3, padding=1, bias=False).requires_grad_(False)
    layer.register_forward_pre_hook(_double)
    model, images = nn.Sequential(layer), torch.rand(1, 128, 8, 8)
    with frozen_eval(model), fast_paths(model) as taken:
        first, second = (model(images) for _ in range(2))
    assert torch.allclose(second, 2 * first, rtol=1e-4, atol=1e-5)
    assert not taken


def test_a_compiled_network_stays_as_it_is(net):
    compiled = copy.deepcopy(net)
    compiled.compile(backend="eager")
    with fast_paths(compiled):
        assert all("forward" not in vars(module) for module in compiled.modules())


def test_trainable_weights_get_their_gradients(net):
    trained = copy.deepcopy(net)
    with fast_paths(trained) as taken:
        trained(torch.rand(1, 3, 64, 64))[0, 0].backward()
    assert not taken
    assert all(parameter.grad is not None for parameter in trained.parameters())


def test_other_convolutional_networks_take_winograd():
    render = maximize(resnet18(num_classes=3), ClassLogit([1]), image_size=64, steps=1)[0]
    assert render.settings["fast_paths"] == [WINOGRAD]


def test_while_weights_are_constant_they_are_hashed_and_transformed_once(net, monkeypatch):
    calls = []

    def counted(parts):
        calls.append(parts)
        return digest(parts)

    digest = network._digest
    monkeypatch.setattr(network, "_digest", counted)
    with constant_weights(net), constant_weights(net):
        first, again = (maximize(net, ClassLogit([1]), image_size=64, steps=1)[0] for _ in range(2))
    assert len(calls) == 1
    assert first.weights == again.weights == weights_hash(tensors(net))
    hash_of(net)
    assert len(calls) == 3


def test_hashing_beside_the_steps_calls_no_torch_in_another_thread(net, monkeypatch):
    """A second thread that calls PyTorch gets an OpenMP team of its own, which slows down all later steps."""
    kinds: list[type] = []

    def seen(parts):
        kinds.extend(type(part) for part in parts)
        assert threading.current_thread() is not threading.main_thread()
        return digest(parts)

    digest = network._digest
    monkeypatch.setattr(network, "_digest", seen)
    monkeypatch.setattr(network, "AT_ONCE", 0)
    maximize(net, ClassLogit([1]), image_size=64, steps=1)
    assert set(kinds) == {bytes, memoryview}


def test_changed_weights_are_seen_by_the_next_call(net):
    changed = copy.deepcopy(net)
    before = maximize(changed, ClassLogit([1]), image_size=64, steps=1)[0]
    with torch.no_grad():
        changed.classifier[0].weight.mul_(2)
        changed.features[6].weight.mul_(2)
    after = maximize(changed, ClassLogit([1]), image_size=64, steps=1)[0]
    assert before.weights != after.weights
    assert after.value != before.value
