"""A configuration from somebody else's folder builds parts of featevo, optimizers and networks, and nothing else."""

import re

import pytest
from omegaconf import OmegaConf

from featevo.app.paths import CONF
from featevo.app.trust import check_targets
from featevo.errors import UserError
from tests.data.parts import composed

OWN = (
    "featevo.visualize.Clip",
    "featevo.measure.pieces.Pieces",
    "featevo.data.folder.FolderSource",
    "torch.optim.NAdam",
    "torchvision.models.resnet50",
    "torchvision.models.vision_transformer.VisionTransformer",
)
FOREIGN = {
    "another package": "os.system",
    "unpickles": "torch.load",
    "runs a folder's code": "torch.hub.load",
    "no such module": "featevo.x.os.system",
    "imported by a module of featevo": "featevo.app.instantiate.instantiate",
    "a module inside a module": "featevo.app.training.pl.Trainer",
    "a function that writes": "featevo.record.files.write_text",
    "a class that writes": "featevo.record.store.RunFolder",
    "a function that runs a file": "featevo.sweep.job.main",
    "a method": "featevo.data.module.ImageDataModule.setup",
    "a data set, by featevo's name": "featevo.data.torchvision_source.Imagenette",
    "loads weights from any address": "torchvision.models._api.Weights",
    "a builder that takes such weights": "torchvision.models.resnet._resnet",
    "imported by torchvision": "torchvision.models.resnet.nn.Linear",
    "no optimizer": "torch.optim.lr_scheduler.StepLR",
    "empty": "",
    "no text": 3,
}
PLACES = {
    "section": lambda spec: {"model": spec},
    "argument": lambda spec: {"model": {"_target_": "torchvision.models.resnet50", "norm_layer": spec}},
    "list": lambda spec: {"trainer": {"callbacks": [spec]}},
    "positional": lambda spec: {"model": {"_target_": "torchvision.models.resnet50", "_args_": [[1, {"a": [spec]}]]}},
    "partial": lambda spec: {"optimizer": {"_partial_": True, **spec}},
}


@pytest.mark.parametrize("target", OWN)
def test_own_parts_may_be_built(target):
    check_targets({"a": [{"_target_": target}]}, "config.yaml", trusted=False)


@pytest.mark.parametrize("target", FOREIGN.values(), ids=FOREIGN)
def test_anything_else_is_refused_by_name_in_a_line_that_says_how_to_lift_it(target):
    config = OmegaConf.create({"model": {"_target_": target}})
    with pytest.raises(UserError) as caught:
        check_targets(config, "run/config.yaml", trusted=False)
    line = str(caught.value)
    assert line.startswith(f"run/config.yaml: model._target_={target}: is not a part of featevo, torch.optim or ")
    assert line.endswith("if you trust the folder, add --trust (featevo.measure) or trust=true (featevo.train)")
    check_targets(config, "run/config.yaml", trusted=True)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_every_depth_is_checked(place):
    for make in (dict, OmegaConf.create):
        with pytest.raises(UserError, match=r"_target_=torch\.load"):
            check_targets(make(place({"_target_": "torch.load", "f": "x"})), "config.yaml", trusted=False)


def test_a_module_that_is_refused_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"_target_=evil\.Network"):
        check_targets({"model": {"_target_": "evil.Network"}}, "config.yaml", trusted=False)
    assert not (tmp_path / "imported").exists()


RESOLVED = {
    "environment": {"a": "${oc.env:HOME}"},
    "spaces": {"a": "x ${ oc.env : HOME}"},
    "inside one that is allowed": {"a": "${featevo.times:4,${oc.env:HOME}}"},
    "its name from a key": {"a": "${${b}:HOME}", "b": "oc.env"},
    "escaped": {"a": r"\${oc.env:HOME}"},
    "from pieces": {"a": "${x}${y}${z}", "x": "$", "y": "{oc.env", "z": ":HOME}"},
    "makes a mapping": {"a": "${oc.decode:'{b: 1}'}"},
    "in a list": {"a": [["${hydra:runtime.cwd}"]]},
}


@pytest.mark.parametrize("config", RESOLVED.values(), ids=RESOLVED)
def test_interpolations_refer_to_keys_only(config):
    with pytest.raises(UserError, match=r"config.yaml: a.* interpolates more than another key; if you trust"):
        check_targets(OmegaConf.create(config), "config.yaml", trusted=False)


def test_a_reference_is_followed_and_a_broken_one_is_an_error():
    with pytest.raises(UserError, match=r"model\._target_=os\.system: is not"):
        check_targets(OmegaConf.create({"model": {"_target_": "${b}"}, "b": "os.system"}), "c", trusted=False)
    for text in ("${nowhere}", "${a}", "${a"):
        with pytest.raises(UserError, match=r"^c: "):
            check_targets({"a": text}, "c", trusted=False)


def test_an_error_is_one_line():
    with pytest.raises(UserError) as caught:
        check_targets({"a": {"_target_": "x\ny\x1b[31m"}}, "c", trusted=False)
    assert str(caught.value).isprintable()


def test_everything_that_conf_names_may_be_built():
    texts = {file: file.read_text() for file in CONF.rglob("*.yaml")}
    named = [(file, target) for file, text in texts.items() for target in re.findall(r"_target_: ([\w.]+)", text)]
    assert len(named) > 50
    for file, target in named:
        check_targets({"a": {"_target_": target}}, str(file), trusted=False)


@pytest.mark.parametrize(
    "words", [[], ["experiment=study/eight"], ["experiment=paper_random", "model=vit", "logger=mlflow"]]
)
def test_whole_configurations_may_be_built(words):
    check_targets(composed("scenes", *words), "config.yaml", trusted=False)
