"""Attribution methods: against Captum called by hand, finite differences, and small networks computed in numpy."""

import copy
import warnings
from dataclasses import replace

import captum.attr
import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from featevo.model.classifier import Classifier
from featevo.views.attribution_methods import GREY, METHODS, NOISE, Case, Logits, attributed, check_method, last_maps
from featevo.views.view import Network
from featevo.visualize.network import frozen_eval
from tests.views.fixed import CLASSES, MEAN, SIZE, STD, assert_unchanged, fingerprint, real, small_network

SAMPLES = 20
STDS = np.array(STD)[:, None, None]


@pytest.fixture
def image():
    images, _ = real(1)
    return images[:1].double()


def attribution(method, network, image, target=2, samples=SAMPLES, noise=(0, 0)):
    with frozen_eval(network.module):
        return attributed(method, Case(Logits(network), image, target, samples, noise)).double().numpy()


def logit(network, image, target=2):
    module = copy.deepcopy(network.module).eval()
    mean, std = (torch.tensor(values, dtype=image.dtype).view(-1, 1, 1) for values in (network.mean, network.std))
    return module((image - mean) / std)[:, target]


def linear(*layers):
    """A network in float64 whose logits the tests compute in numpy, with its parameters as arrays."""
    torch.manual_seed(3)
    module = nn.Sequential(*layers).double()
    weights = [parameter.detach().numpy().copy() for parameter in module.parameters()]
    return Network(module, CLASSES, SIZE, 3, MEAN, STD), weights


def test_linear_networks_by_hand(image):
    """The gradient is the weights over the deviations; integrated gradients are it times the distance to grey."""
    network, (weight, _) = linear(nn.Flatten(), nn.Linear(3 * SIZE**2, 5))
    gradient = weight[2].reshape(3, SIZE, SIZE) / STDS
    expected = gradient.sum(0)
    # A linear function has the same gradient everywhere, whatever the noise.
    for method in ("gradient", "smoothgrad"):
        assert np.allclose(attribution(method, network, image), expected, rtol=1e-5, atol=1e-7)
    expected = (gradient * (image[0].numpy() - GREY)).sum(0)
    assert np.allclose(attribution("integrated_gradients", network, image), expected, rtol=1e-5, atol=1e-6)


def test_occlusion_by_hand(image):
    """Grey squares of an eighth of the side, moved by half of it; a pixel has the mean drop of its squares."""
    network, (weight, _) = linear(nn.Flatten(), nn.Linear(3 * SIZE**2, 5))
    drop = (weight[2].reshape(3, SIZE, SIZE) * (image[0].numpy() - GREY) / STDS).sum(0)
    total, count = np.zeros((2, SIZE, SIZE))
    for y in range(SIZE - 1):
        for x in range(SIZE - 1):
            total[y : y + 2, x : x + 2] += drop[y : y + 2, x : x + 2].sum()
            count[y : y + 2, x : x + 2] += 1
    assert np.allclose(attribution("occlusion", network, image), total / count, rtol=1e-5, atol=1e-6)


def test_guided_backprop_and_deconvolution_by_hand(image):
    layers = nn.Flatten(), nn.Linear(3 * SIZE**2, 32), nn.ReLU(inplace=True), nn.Linear(32, 5)
    network, (first, bias, second, _) = linear(*layers)
    given = ((image[0].numpy() - np.array(MEAN)[:, None, None]) / STDS).reshape(-1)
    is_on = first @ given + bias > 0
    positive = np.maximum(second[2], 0)
    assert ((second[2] < 0) & is_on).any()
    assert ((second[2] > 0) & ~is_on).any()
    for method, hidden in [
        ("gradient", second[2] * is_on),
        ("guided_backprop", positive * is_on),
        ("deconvolution", positive),
    ]:
        expected = ((hidden @ first).reshape(3, SIZE, SIZE) / STDS).sum(0)
        assert np.allclose(attribution(method, network, image), expected, rtol=1e-5, atol=1e-7), method


def test_gradcam_by_hand(image):
    """Maps of the ReLU after the last convolution, each times the mean of its gradient, enlarged; signed."""
    torch.manual_seed(1)  # some of its maps count for the class, others against it
    layers = nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(256, 5)
    network, (_, _, head, _) = linear(*layers)
    mean, std = (torch.tensor(values, dtype=torch.float64).view(-1, 1, 1) for values in (MEAN, STD))
    with torch.no_grad():
        maps = np.maximum(network.module[0]((image - mean) / std)[0].numpy(), 0)
    mixed = (head[2].reshape(4, 8, 8).mean((1, 2))[:, None, None] * maps).sum(0)
    expected = F.interpolate(torch.tensor(mixed)[None, None], (SIZE, SIZE), mode="bilinear")[0, 0].numpy()
    found = attribution("gradcam", network, image)
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-8)
    assert found.min() < 0 < found.max()


def test_gradient_is_that_of_finite_differences(image):
    network = small_network()
    found = attribution("gradient", network, image)
    for y, x in [(0, 0), (3, 5), (8, 8), (15, 2)]:
        step = torch.zeros_like(image)
        step[..., y, x] = 1e-6  # all channels together: their gradients are summed
        difference = (logit(network, image + step) - logit(network, image - step)) / 2e-6
        assert found[y, x] == pytest.approx(difference.item(), rel=1e-4, abs=1e-7)


def test_integrated_gradients_are_complete(image):
    """Their sum is the logit of the image minus that of the grey baseline."""
    network = small_network()
    wanted = (logit(network, image) - logit(network, torch.full_like(image, GREY))).item()
    assert abs(wanted) > 0.01
    assert attribution("integrated_gradients", network, image, samples=300).sum() == pytest.approx(wanted, rel=0.01)


def test_smoothgrad_is_the_mean_gradient_of_noisy_images(image):
    network = small_network()
    noise = torch.randn(SAMPLES, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(5 * 1_000_003 + 8))
    noisy = (image + NOISE * noise.double()).requires_grad_(True)
    (gradient,) = torch.autograd.grad(logit(network, noisy).sum(), noisy)
    expected = gradient.mean(0).sum(0).numpy()
    assert np.allclose(attribution("smoothgrad", network, image, noise=(5, 8)), expected, rtol=1e-5, atol=1e-8)
    assert not np.allclose(attribution("smoothgrad", network, image, noise=(5, 9)), expected, rtol=1e-2)


def captum_by_hand(method, network, image):
    """Captum itself, on a copy whose normalisation is a layer and whose ReLUs are not in place."""
    module = copy.deepcopy(network.module).eval()
    for part in module.modules():
        if isinstance(part, nn.ReLU):
            part.inplace = False
    mean, std = (torch.tensor(values, dtype=image.dtype) for values in (network.mean, network.std))

    class Normalise(nn.Module):
        def forward(self, images):
            return (images - mean.view(-1, 1, 1)) / std.view(-1, 1, 1)

    whole = nn.Sequential(Normalise(), module)
    given = image.clone().requires_grad_(True)
    if method == "gradcam":
        maps = captum.attr.LayerGradCam(whole, module.layers[4]).attribute(given, target=2)
        return F.interpolate(maps, image.shape[2:], mode="bilinear")
    if method == "integrated_gradients":
        return captum.attr.IntegratedGradients(whole).attribute(given, GREY, 2, n_steps=SAMPLES)
    if method == "occlusion":
        return captum.attr.Occlusion(whole).attribute(given, (3, 2, 2), (3, 1, 1), GREY, 2)[:, :1]
    if method == "gradient":
        return captum.attr.Saliency(whole).attribute(given, 2, abs=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = {"guided_backprop": captum.attr.GuidedBackprop, "deconvolution": captum.attr.Deconvolution}[method]
        return kind(whole).attribute(given, 2)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"smoothgrad"}))
def test_methods_are_captums(method, image):
    """On a network with batch norm, dropout and ReLUs that work in place, in training mode."""
    network = small_network()
    expected = captum_by_hand(method, network, image).detach()[0].sum(0).numpy()
    found = attribution(method, network, image)
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-7 * np.abs(expected).max())
    assert np.abs(found).max() > 0


@pytest.mark.parametrize("method", METHODS)
def test_training_is_untouched(method, image):
    network = small_network()
    before = fingerprint(network.module)
    first = attribution(method, network, image)
    assert_unchanged(network.module, before)
    assert np.array_equal(attribution(method, network, image), first)


@pytest.mark.parametrize("method", METHODS)
def test_an_error_leaves_no_hook(method, image):
    class Fails(nn.Module):
        def forward(self, values):
            raise RuntimeError("full")

    network = small_network()
    network.module.layers.append(Fails())
    before = fingerprint(network.module)
    with pytest.raises(RuntimeError, match="full"):
        attribution(method, network, image)
    assert_unchanged(network.module, before)


@pytest.mark.parametrize("method", METHODS)
def test_a_lightning_module_with_its_own_normalisation_gives_the_same(method, image):
    plain = small_network()
    classifier = Classifier(copy.deepcopy(plain.module), 5, torch.optim.SGD, MEAN, STD)
    own = Network(classifier.double(), CLASSES, SIZE)
    found = attribution(method, own, image)
    assert np.allclose(found, attribution(method, plain, image), rtol=1e-4, atol=1e-6 * np.abs(found).max())


class ChangedGradient(torch.autograd.Function):
    """A ReLU whose gradient is that of guided backpropagation or deconvolution."""

    @staticmethod
    def forward(context, values, guided):
        context.save_for_backward(values)
        context.guided = guided
        return values.clamp_min(0)

    @staticmethod
    def backward(context, gradient):
        (values,) = context.saved_tensors
        positive = gradient.clamp_min(0)
        return (positive * (values > 0) if context.guided else positive), None


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution"])
def test_relus_that_are_used_several_times(method, image):
    """A ResNet calls one ReLU twice in each block."""
    torch.manual_seed(0)
    network = Network(torchvision.models.resnet18(num_classes=5).double(), CLASSES, SIZE, 3, MEAN, STD)

    class Changed(nn.Module):
        def forward(self, values):
            return ChangedGradient.apply(values, method == "guided_backprop")

    module = copy.deepcopy(network.module)
    for part in list(module.modules()):
        for name, child in part.named_children():
            if isinstance(child, nn.ReLU):
                setattr(part, name, Changed())
    given = image.clone().requires_grad_(True)
    (expected,) = torch.autograd.grad(logit(replace(network, module=module), given).sum(), given)
    scale = expected.abs().max().item()
    found = attribution(method, network, image)
    assert np.allclose(found, expected[0].sum(0).numpy(), rtol=1e-4, atol=1e-6 * scale)


def test_gradcam_takes_the_last_maps_of_the_last_convolutions_size(image):
    residual = torchvision.models.resnet18(num_classes=5).double()
    vgg = torchvision.models.vgg11(num_classes=5).double()
    for module, size, expected in [(residual, 64, residual.layer4), (vgg, 64, vgg.features[19])]:
        images = torch.rand(1, 3, size, size, dtype=torch.float64)
        with frozen_eval(module):
            assert last_maps(Logits(Network(module, CLASSES, size)), images) is expected


class Functional(nn.Module):
    def __init__(self, own):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3, stride=2), nn.Linear(196, 5)
        self.relu = nn.ReLU() if own else None

    def forward(self, images):
        features = F.relu(self.conv(images))
        if self.relu is not None:
            features = self.relu(features - 0.1)
        return self.head(features.flatten(1))


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution"])
@pytest.mark.parametrize("own", [False, True])
def test_functional_relus_are_refused_by_methods_that_would_miss_them(method, own, image):
    network = Network(Functional(own).double(), CLASSES, SIZE)
    before = fingerprint(network.module)
    message = (
        f"methods: {method} needs every ReLU to be an nn.ReLU module; "
        f"the forward pass has {int(own)} of these and 1 functional ReLUs"
    )
    with frozen_eval(network.module), pytest.raises(ValueError, match=message):
        check_method(method, Logits(network), image)
    assert_unchanged(network.module, before)
    with frozen_eval(network.module):
        for other in set(METHODS) - {"guided_backprop", "deconvolution"}:
            check_method(other, Logits(network), image)


def test_networks_without_what_a_method_needs_are_refused(image):
    network, _ = linear(nn.Flatten(), nn.Linear(3 * SIZE**2, 5))
    with frozen_eval(network.module):
        with pytest.raises(ValueError, match="methods: gradcam needs a convolution; Sequential uses none"):
            check_method("gradcam", Logits(network), image)
        with pytest.raises(ValueError, match=r"guided_backprop needs every ReLU .* has 0 of these and 0 functional"):
            check_method("guided_backprop", Logits(network), image)
    maps, _ = linear(nn.Conv2d(3, 5, 1))
    with frozen_eval(maps.module), pytest.raises(ValueError, match=r"returns \(1, 5, 16, 16\) for 1 images"):
        Logits(maps)(image)
