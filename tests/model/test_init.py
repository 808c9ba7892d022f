"""Where weights come from: statistics of random schemes, exact transfer from files, one line for what does not fit."""

from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from featevo.errors import UserError
from featevo.model import init
from featevo.model.init import initialise, smallest_size, takes
from featevo.model.vgg import vgg16

SMALL: dict[str, Any] = {"width": 0.125, "hidden": 64, "pool": 2}


@pytest.mark.parametrize(("scheme", "variance"), [("kaiming", 2 / 576), ("xavier", 2 / (576 + 576))])
def test_random_schemes_have_the_variance_they_promise(scheme, variance):
    torch.manual_seed(0)
    net = vgg16(4, **SMALL)
    initialise(net, "random", scheme, None)
    weight = net.features[28].weight  # 64 -> 64 channels of 3 x 3
    assert weight.var().item() == pytest.approx(variance, rel=0.05)
    assert all(not bias.any() for name, bias in net.named_parameters() if name.endswith("bias"))


def test_random_follows_the_global_seed():
    nets = [vgg16(4, **SMALL) for _ in range(3)]
    for net, seed in zip(nets, (1, 1, 2), strict=True):
        torch.manual_seed(seed)
        initialise(net, "random", "kaiming", None)
    assert torch.equal(nets[0].features[0].weight, nets[1].features[0].weight)
    assert not torch.equal(nets[0].features[0].weight, nets[2].features[0].weight)


def test_pretrained_takes_everything_but_the_last_layer(tmp_path):
    source, net = vgg16(7, **SMALL), vgg16(4, **SMALL)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    initialise(net, "pretrained", "kaiming", str(tmp_path / "w.safetensors"))
    for name, tensor in net.state_dict().items():
        if not name.startswith("classifier.6"):
            assert torch.equal(tensor, source.state_dict()[name]), name


def test_features_alone_are_enough_and_half_precision_is_widened(tmp_path):
    source, net = vgg16(4, **SMALL), vgg16(4, **SMALL)
    features = {name: tensor.half() for name, tensor in source.state_dict().items() if name.startswith("features")}
    save_file(features, tmp_path / "w.safetensors")
    initialise(net, "pretrained", "kaiming", str(tmp_path / "w.safetensors"))
    assert net.features[0].weight.dtype == torch.float32
    assert torch.equal(net.features[0].weight, source.features[0].weight.half().float())


def write(tmp_path, content):
    path = tmp_path / "w.safetensors"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        save_file(content, path)
    return str(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such file"),
        (b"not a safetensors file", "not a readable safetensors file"),
        ({"features.0.weight": torch.zeros(64, 3, 3, 3)}, r"features.0.weight is \(64, 3, 3, 3\), the network has \(8"),
        ({"layer1.weight": torch.zeros(3)}, r"layer1.weight is \(3,\), the network has no such layer"),
        ({"classifier.6.bias": torch.zeros(4)}, "holds no layer of this network"),
    ],
)
def test_files_that_do_not_fit_are_one_clear_line(tmp_path, content, message):
    with pytest.raises(UserError, match=message) as error:
        initialise(vgg16(4, **SMALL), "pretrained", "kaiming", write(tmp_path, content))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("randon", "kaiming", None), "init.name=randon: there are random, pretrained"),
        (("random", "he", None), "init.scheme=he: there are kaiming, xavier"),
        (("random", "kaiming", "x"), "init.weights=x: random weights come from no file; use init=pretrained"),
        (("pretrained", "kaiming", None), "no pretrained weights are shipped for this model yet; use model=vgg16"),
    ],
)
def test_wrong_names_are_named(arguments, message):
    with pytest.raises(UserError, match=message):
        initialise(vgg16(4, **SMALL), *arguments)


def test_a_failing_download_names_the_alternative(monkeypatch):
    def offline(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(init.VGG16_Weights.IMAGENET1K_V1.__class__, "get_state_dict", offline)
    net = vgg16(4, width=1.0, hidden=8, pool=1)
    with pytest.raises(
        UserError, match=r"cannot be downloaded \(no route to host\); name a file with init.weights=PATH"
    ):
        initialise(net, "pretrained", "kaiming", None)


def test_the_smallest_picture_is_found_by_trying():
    net = vgg16(4, **SMALL).train()
    assert [takes(net, 3, size) for size in (16, 31, 32, 33)] == [False, False, True, True]
    assert not takes(net, 1, 32)
    assert smallest_size(net, 3) == 32
    assert net.training
