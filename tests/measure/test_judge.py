"""Judges: files of any width and depth, calibration, independence of the batch, and files that do not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from featevo.measure.gate.rungs import scenes
from featevo.measure.judge import MEAN, STD, features_hash, judge
from featevo.model.origins import SHIPPED
from featevo.model.vgg import vgg
from featevo.model.weight_files import read_weights


@pytest.fixture(scope="module")
def pictures():
    return scenes(64, 6)


def test_features_are_the_plain_forward_pass_of_the_shipped_tensors(pictures):
    state = {name: tensor.float() for name, tensor in read_weights(SHIPPED["vgg16_slim"]).items()}
    activations = (pictures - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    for place in (0, 2, "pool", 5, 7, "pool", 10, 12, 14):
        if place == "pool":
            activations = F.max_pool2d(activations, 2)
        else:
            weight, bias = state[f"features.{place}.weight"], state[f"features.{place}.bias"]
            activations = F.conv2d(activations, weight, bias, padding=1).relu()
    features = judge(layer="conv3_3").features(pictures)
    assert features.shape == (6, 64, 16, 16)
    assert not features.requires_grad
    torch.testing.assert_close(features, activations)


def test_features_do_not_depend_on_the_rest_of_the_batch(pictures):
    one = judge()
    torch.testing.assert_close(one.features(pictures)[2:3], one.features(pictures[2:3]), rtol=1e-4, atol=1e-5)


def test_more_images_than_a_chunk_and_no_images(pictures):
    one = judge(layer="conv1_1")
    many = one.features(pictures.repeat(12, 1, 1, 1))
    torch.testing.assert_close(many[66:], one.features(pictures), rtol=1e-4, atol=1e-5)
    assert one.features(pictures[:0]).shape == (0, 16, 64, 64)


def test_calibration_keeps_deviation_and_median_maximum(pictures):
    calibrated = judge().calibrated(pictures)
    assert calibrated.deviation is not None
    assert calibrated.maximum is not None
    features = calibrated.features(pictures).double().numpy()
    np.testing.assert_allclose(
        calibrated.deviation.numpy(), features.transpose(1, 0, 2, 3).reshape(64, -1).std(1), rtol=1e-6
    )
    np.testing.assert_allclose(calibrated.maximum.numpy(), np.median(features.max((2, 3)), axis=0), rtol=1e-6)
    assert judge().deviation is None


@pytest.mark.parametrize(("depth", "batch_norm", "width"), [(11, False, 0.125), (13, True, 0.25), (19, False, 0.0625)])
def test_depth_width_and_norm_are_found_in_the_file(tmp_path, pictures, depth, batch_norm, width):
    torch.manual_seed(0)
    net = vgg(3, depth, batch_norm, width=width, hidden=4, pool=1).eval()
    save_file(net.state_dict(), tmp_path / "net.safetensors")
    one = judge(tmp_path / "net.safetensors", "conv5_2")
    last = [place for place, layer in enumerate(net.features) if isinstance(layer, torch.nn.MaxPool2d)][-1]
    places = [p for p, layer in enumerate(net.features[:last]) if isinstance(layer, torch.nn.ReLU)]
    normalised = (pictures - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    with torch.no_grad():
        expected = net.features[: places[-3 if depth == 19 else -1] + 1](normalised)
    torch.testing.assert_close(one.features(pictures), expected)
    assert one.weights == features_hash(net.state_dict())


def test_the_hash_identifies_a_network_with_the_judges_weights():
    state = read_weights(SHIPPED["vgg16_slim"])
    assert judge().weights == features_hash({name: tensor.float() for name, tensor in state.items()})
    state["features.0.bias"] = state["features.0.bias"] + 1
    assert judge().weights != features_hash(state)


def test_files_that_do_not_fit_are_one_line(tmp_path):
    state = {name: tensor.contiguous() for name, tensor in read_weights(SHIPPED["vgg16_slim"]).items()}
    cases = {
        "few": {name: tensor for name, tensor in state.items() if "features.28" not in name},
        "shape": {**state, "features.7.weight": torch.zeros(5, 32, 3, 3)},
        "bias": {name: tensor for name, tensor in state.items() if name != "features.7.bias"},
        "grey": {**state, "features.0.weight": torch.zeros(16, 1, 3, 3)},
        "other": {"weight": torch.zeros(3)},
    }
    for name, tensors in cases.items():
        save_file(tensors, tmp_path / f"{name}.safetensors")
        with pytest.raises(ValueError, match=rf"^judge {name}\.safetensors: ") as error:
            judge(tmp_path / f"{name}.safetensors")
        assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match="no such file"):
        judge(tmp_path / "missing.safetensors")
    with pytest.raises(ValueError, match=r"no layer 'conv6_1'; use one of conv1_1"):
        judge(layer="conv6_1")


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 1, 64, 64), (1, 3, 3, 64)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"the judge takes \(B, 3, H, W\)"):
        judge().features(torch.zeros(shape))
