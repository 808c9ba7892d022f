"""The state of every layer, as in the log and in run.json."""

import json

import torch
from safetensors.torch import save_file

from featevo.model.init import initialise
from tests.model.parts import small_vgg


def started(tmp_path, **arguments):
    torch.manual_seed(0)
    source, net = small_vgg(7, hidden=8), small_vgg(4)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    return initialise(net, "pretrained", weights=str(tmp_path / "w.safetensors"), strict=False, **arguments), net


def test_run_json_has_every_layer_by_its_state(tmp_path):
    report, net = started(tmp_path, freeze=["block1-block2"])
    content = json.loads(json.dumps(report.as_dict()))
    assert content["name"] == "pretrained"
    assert content["source"].endswith("w.safetensors")
    assert (len(content["loaded"]), content["loaded"][0]) == (13, "features.0")
    assert content["new"] == ["classifier.6"]
    assert content["left_out"] == [
        {"layer": "classifier.0", "network": [16, 256], "file": [8, 256]},
        {"layer": "classifier.3", "network": [16, 16], "file": [8, 8]},
    ]
    assert content["freeze"] == ["block1", "block2"]
    assert content["frozen"] == ["features.0", "features.2", "features.5", "features.7"]
    assert content["weights"] == sum(weight.numel() for weight in net.parameters())
    held = sum(net.get_submodule(name).weight.numel() + len(net.get_submodule(name).bias) for name in content["frozen"])
    assert content["weights"] - content["trainable_weights"] == held


def test_the_log_groups_consecutive_layers(tmp_path):
    report, _ = started(tmp_path, freeze="block1")
    first, *table = str(report).splitlines()
    assert first.startswith("Weights: trainable 0.2 of 0.2 million weights; frozen: block1; from ")
    rows = [" ".join(line.split()) for line in table]
    assert "features.0 to features.2 2 loaded frozen" in rows
    assert "features.5 to features.28 11 loaded yes" in rows
    assert any(
        row.startswith("classifier.0 to classifier.3 2 left out: file (8, 256), network (16, 256);") for row in rows
    )
    assert "classifier.6 1 new (torch) yes" in rows


def test_layers_of_one_state_are_one_line():
    assert str(initialise(small_vgg(), "random")) == ("Weights: trainable 0.2 of 0.2 million weights; random (kaiming)")
