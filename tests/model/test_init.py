"""The three kinds of initial weights, and one line for every wrong name."""

import pytest
import pytorch_lightning as pl
import torch
from safetensors.torch import save_file

from featevo.errors import UserError
from featevo.model.classifier import Classifier
from featevo.model.init import initialise
from tests.model.parts import same_weights, small_vgg


def classifier(net):
    return Classifier(net, 4, lambda parameters: torch.optim.SGD(parameters, lr=0.1), [0.5], [0.25])


def test_random_draws_new_weights():
    net, before = small_vgg(seed=1), small_vgg(seed=1)
    report = initialise(net, "random")
    assert not same_weights(net, before, "features.0.weight")
    assert {layer.state for layer in report.layers} == {"new"}
    assert report.scheme == "kaiming"


def test_pretrained_loads_all_but_the_last_layer(tmp_path):
    source, net = small_vgg(7, seed=1), small_vgg(4, seed=2)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    initialise(net, "pretrained", weights=str(tmp_path / "w.safetensors"))
    assert same_weights(net, source, "features", "classifier.0", "classifier.3")


def test_checkpoint_continues_from_a_lightning_checkpoint(tmp_path):
    source, net = small_vgg(seed=1), small_vgg(seed=2)
    module = classifier(source)
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.strategy.connect(module)
    trainer.save_checkpoint(tmp_path / "best.ckpt")
    report = initialise(net, "checkpoint", weights=str(tmp_path / "best.ckpt"))
    assert same_weights(net, source)
    assert {layer.state for layer in report.layers} == {"loaded"}


def test_checkpoint_continues_from_a_compiled_module(tmp_path):
    source, net = small_vgg(seed=1), small_vgg(seed=2)
    module = classifier(torch.compile(source))  # compiles nothing before it is called
    torch.save({"state_dict": module.state_dict()}, tmp_path / "w.ckpt")
    assert any("_orig_mod" in name for name in module.state_dict())
    initialise(net, "checkpoint", weights=str(tmp_path / "w.ckpt"))
    assert same_weights(net, source)


def test_a_path_in_ones_home_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save_file(small_vgg(seed=1).state_dict(), tmp_path / "w.safetensors")
    initialise(small_vgg(), "checkpoint", weights="~/w.safetensors")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "randon"}, "init.name=randon: there are random, pretrained, checkpoint"),
        ({"name": "random", "scheme": "he"}, "init.scheme=he: there are kaiming, xavier"),
        ({"name": "random", "weights": "x"}, "init.weights=x: random weights come from no file; use init=pretrained"),
        ({"name": "checkpoint"}, "init=checkpoint: needs a file, init.weights=PATH"),
        ({"name": "checkpoint", "weights": "/nowhere.pt"}, "init.weights=/nowhere.pt: there is no such file"),
        ({"name": "random", "freeze": "layer1"}, "init.freeze=layer1: there is no such part"),
    ],
)
def test_wrong_names_are_named(arguments, message):
    with pytest.raises(UserError, match=message):
        initialise(small_vgg(), **arguments)
