"""Names in files become the network's, without the names of wrappers."""

import pytest

from featevo.model.weight_names import aligned

OWN = ("features.0.weight", "features.0.bias", "classifier.weight")


@pytest.mark.parametrize(
    "prefix",
    ["", "net.", "model.", "module.", "_orig_mod.", "net._orig_mod.", "model.module.net.", "_orig_mod.module."],
)
def test_wrappers_are_removed(prefix):
    assert list(aligned([prefix + name for name in OWN], OWN).values()) == list(OWN)


def test_a_compiled_submodule_is_recognised():
    assert aligned(["net.features._orig_mod.0.weight"], OWN).popitem()[1] == "features.0.weight"


def test_weights_outside_the_network_are_not_part_of_it():
    names = aligned(["net.features.0.weight", "net.classifier.weight", "loss.weight", "model.features.0.weight"], OWN)
    assert names["loss.weight"] is None
    assert names["model.features.0.weight"] is None, "of two networks in a file, the one that fits better"
    assert names["net.features.0.weight"] == "features.0.weight"


def test_a_network_may_itself_have_such_names():
    own = ("net.model.weight", "net.module.weight", "model.weight")
    assert aligned(own, own) == {name: name for name in own}
    assert list(aligned([f"net.{name}" for name in own], own).values()) == list(own)


def test_foreign_names_are_kept():
    assert aligned(["layer1.0.weight"], OWN) == {"layer1.0.weight": "layer1.0.weight"}
    assert aligned([], OWN) == {}
