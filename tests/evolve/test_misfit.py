"""What does not fit is one line before training; what fits is left alone."""

import pytest
import torch
from torch import nn

from featevo import FeatureEvolutionCallback
from featevo.evolve.misfit import check_network, strange_range
from featevo.views.view import Network
from tests.evolve.parts import CLASSES, SIZE, Module, fit

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


def network(module, classes=CLASSES, **settings):
    return Network(module, tuple(classes), SIZE, **settings)


class Grey(Module):
    def __init__(self):
        super().__init__()
        self.net[0] = nn.Conv2d(1, 6, 3)


@pytest.mark.parametrize(
    ("module", "settings", "message"),
    [
        (Module(), {"classes": "abcdefghijk"}, "classes: 11 names, but the module returns 3 logits"),
        (Module(), {"classes": "ab"}, "classes: 2 names, but the module returns 3 logits"),
        (
            Grey(),
            {"channels": 3},
            "the module cannot take images of 3 x 12 x 12 .* expected input.* to have 1 channels",
        ),
        (nn.Conv2d(3, 4, 3), {}, r"returns a tensor of shape \(1, 4, 10, 10\) for one image, not logits \(1, 3\)"),
        (type("Wrapped", (nn.Module,), {"forward": lambda self, x: {"scores": x}})(), {}, "with scores for"),
        (
            type("Cut", (Module,), {"forward": lambda self, x: self.net(x).detach()})(),
            {},
            "has no gradient with respect to its input",
        ),
    ],
    ids=["more names", "fewer names", "channels", "maps", "a dictionary", "no gradient"],
)
def test_a_misfit_is_one_line(module, settings, message):
    with pytest.raises(ValueError, match=message) as caught:
        check_network(network(module, **settings), are_logits=True)
    assert "\n" not in str(caught.value)


def test_what_fits_is_left_alone():
    module = Module().train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    stream = torch.get_rng_state()
    check_network(network(module), are_logits=True)
    assert torch.equal(torch.get_rng_state(), stream)
    assert module.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in module.parameters())


def test_weights_that_the_first_batch_makes_are_not_checked():
    check_network(network(nn.Sequential(nn.Flatten(), nn.LazyLinear(5))), are_logits=True)


def test_a_misfit_stops_training_before_it_begins(tmp_path):
    module = Module()
    with pytest.raises(ValueError, match="classes: 2 names"):
        fit(tmp_path, [FeatureEvolutionCallback(["a", "b"], SIZE, folder=tmp_path / "run")], module)
    assert module.losses == []
    assert not (tmp_path / "run").exists()


BATCH = torch.rand(8, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("batch", "mean", "std", "is_strange"),
    [
        ((BATCH, None), 0.0, 1.0, False),
        ({"x": (BATCH - 0.5) / 0.25}, 0.5, 0.25, False),
        (BATCH, 0.0, 1.0, False),
        ([(BATCH - 0.5) / 0.25], 0.0, 1.0, True),
        ([(BATCH - 0.5) / 0.5], 0.0, 1.0, True),
        ([255 * BATCH], 0.0, 1.0, True),
        ([(255 * BATCH).byte()], 0.0, 1.0, True),
        ([(255 * BATCH).byte()], 0.0, 1 / 255, False),
        ("no images", 0.0, 1.0, False),
        ([torch.full((2, 1, 4, 4), 99.0)], 0.0, 1.0, False),  # other channels: not the images
    ],
)
def test_batches_show_whether_the_normalisation_is_that_of_the_data(batch, mean, std, is_strange):
    line = strange_range(batch, network(Module(), mean=(mean,), std=(std,)))
    assert (line is not None) == is_strange
    assert line is None or "give this callback the mean and std of the data" in line


def test_a_strange_range_is_logged_once(tmp_path, caplog):
    fit(tmp_path / "fits", [callback(tmp_path / "fits")])
    assert "Training images" not in caplog.text
    fit(tmp_path / "strange", [callback(tmp_path / "strange", std=(5.0,), mean=(-2.0,))])
    assert caplog.text.count("Training images times std plus mean have values -2 to 3, not about 0 to 1") == 1


def callback(folder, **settings):
    return FeatureEvolutionCallback(CLASSES, SIZE, folder=folder, steps=2, **settings)
