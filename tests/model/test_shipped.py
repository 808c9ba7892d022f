"""The weights in the package are as described in their model card."""

import torch
from safetensors.torch import load_file

from featevo.data.scenes import ScenesSource
from featevo.model.init import initialise
from featevo.model.origins import SHIPPED
from featevo.model.vgg import vgg

PATH = SHIPPED["vgg16_slim"]
SLIM = {"width": 0.25, "hidden": 256, "pool": 2}


def test_small_half_precision_and_documented():
    assert PATH.stat().st_size < 8e6
    assert {tensor.dtype for tensor in load_file(PATH).values()} == {torch.float16}
    card = (PATH.parent / "README.md").read_text()
    for words in (PATH.name, "benchmarks/pretrain_slim.py", "64.2 %", "torch 2.14.1"):
        assert words in card


def test_pretrained_loads_all_but_the_last_layer_offline():
    net = vgg(4, **SLIM)  # type: ignore[arg-type]
    report = initialise(net, "pretrained", origin="vgg16_slim")
    taken = load_file(PATH)
    for name, tensor in net.state_dict().items():
        if not name.startswith("classifier.6"):
            assert torch.equal(tensor, taken[name].float()), name
    assert "vgg16_slim_species" in str(report)


def test_they_classify_their_classes():
    """On images that were not trained on: 128 classes, chance 0.8 %; 64.2 % in the model card."""
    net = vgg(128, **SLIM).eval()  # type: ignore[arg-type]
    initialise(net, "checkpoint", weights=str(PATH))
    scenes = ScenesSource(num_classes=128, skip=1004, seed=0, val_per_class=6, train_per_class=1).splits().val
    images = torch.stack([scenes[index][0] for index in range(len(scenes))]).float() / 255
    labels = torch.tensor([scenes[index][1] for index in range(len(scenes))])
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        predicted = net((images - mean.view(3, 1, 1)) / std.view(3, 1, 1)).argmax(1)
    accuracy = (predicted == labels).float().mean().item()
    assert 0.55 < accuracy < 0.75
