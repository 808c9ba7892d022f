"""Path similarity: real images of the class are at 1, of other classes at 0; a computation by hand agrees."""

import pytest
import torch
from torch import nn

from featevo.measure.equalise import equalised
from featevo.measure.layer_change import grams
from featevo.measure.path import Path
from featevo.measure.subject import Real, Subject


def striped(classes=3, per_class=20, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(classes).repeat(per_class)
    images = 0.3 + 0.25 * torch.rand((len(labels), 3, 24, 24), generator=generator)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[:, 6 * label + 2 : 6 * label + 7] += 0.4
    return images, labels


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 12, 3)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(6)).eval()


def subject(net, images):
    real, labels = striped()
    return Subject(images, None, real=Real(real, real, labels), grams=lambda shown: grams(net, shown))


def value(net, images, part):
    found = Path(part)(subject(net, images))
    assert found is not None
    return found


def test_images_of_the_class_are_near_1_and_of_others_near_0(net):
    fresh, _ = striped(seed=5)
    for part in ("early", "middle", "late"):
        assert value(net, fresh[:3], part).mean() == pytest.approx(1, abs=0.15)
        assert value(net, fresh[[1, 2, 0]], part).mean() < 0
        noise = torch.rand(3, 3, 24, 24, generator=torch.Generator().manual_seed(1))
        assert value(net, noise, part).abs().max() < 0.4


def test_contrast_and_mean_colour_change_nothing(net):
    fresh, _ = striped(seed=5)
    torch.testing.assert_close(
        value(net, 0.4 + 0.2 * fresh[:3], "late"), value(net, fresh[:3], "late"), atol=1e-2, rtol=0
    )


def test_the_number_is_that_of_a_computation_by_hand(net):
    fresh, _ = striped(seed=5)
    seen = subject(net, fresh[:3])
    assert seen.real is not None
    images, labels = seen.real.references(3, 21)
    with torch.no_grad():
        shown = net[0](equalised(torch.cat([images, fresh[:3]]))).flatten(1)
    shown = nn.functional.normalize(shown - shown.mean(0), dim=1).double()
    real, render = shown[:-3], shown[-3]
    cosines = real @ real.T
    pairs = ~torch.eye(len(real), dtype=torch.bool)
    zero = labels == 0
    own = cosines[zero][:, zero][pairs[zero][:, zero]].mean()
    other = cosines[zero][:, ~zero].mean()
    near = (real[zero] @ render).mean() - (real[~zero] @ render).mean()
    found = Path("early")(seen)
    assert found is not None
    assert float(found[0]) == pytest.approx(float(near / (own - other)), rel=1e-3)


def test_without_network_there_is_no_value():
    images, labels = striped()
    assert Path("early")(Subject(images[:3], None, real=Real(images, images, labels))) is None
    with pytest.raises(ValueError, match="part=end: allowed are early, middle, late"):
        Path("end")
