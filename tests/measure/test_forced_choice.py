"""Two-alternative forced choice against a computation by hand, with its floor and its ceiling."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from featevo.measure.forced_choice import forced_choice
from featevo.measure.viewers import Viewer, efficientnet_lite0, vgg16
from featevo.model.vgg import vgg


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Conv2d(6, 8, 3, stride=2)).eval()


@pytest.fixture(scope="module")
def viewer(net):
    return Viewer("small", net, ("0", "2"), (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), 12)


def coloured(classes, per_class, seed=0):
    """Noisy images in the colour of their class."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(classes).repeat_interleave(per_class)
    images = 0.6 * torch.rand((len(labels), 3, 12, 12), generator=generator)
    images[torch.arange(len(labels)), labels] += 0.3
    return images, labels


def by_hand(net, one, other):
    """Sum over the two layers of the mean over positions of 1 - cosine."""
    total = 0.0
    for last in (1, 3):
        a, b = (net[:last]((image[None] - 0.5) / 0.25) for image in (one, other))
        total += float((1 - F.cosine_similarity(a, b, dim=1)).mean())
    return total


def test_distances_are_one_minus_the_cosine(net, viewer):
    images, _ = coloured(3, 2)
    features = viewer.features(images)
    with torch.no_grad():
        for i, j in ((0, 1), (0, 5), (2, 3)):
            expected = by_hand(net, images[i], images[j])
            assert float((features[i] - features[j]).square().sum()) / 2 == pytest.approx(expected, rel=1e-4)


def test_the_share_is_that_of_all_pairs(net, viewer):
    real, labels = coloured(3, 4)
    image = coloured(3, 1, seed=9)[0][1]
    with torch.no_grad():
        distances = [by_hand(net, image, other) for other in real]
    pairs = [(distances[i], distances[j]) for i in range(12) for j in range(12) if labels[i] == 1 and labels[j] != 1]
    expected = sum(own < other for own, other in pairs) / len(pairs)
    assert float(forced_choice(viewer.features(image[None]), [1], viewer.features(real), labels)) == pytest.approx(
        expected
    )


def test_floor_and_ceiling(viewer):
    real, labels = coloured(3, 16)
    known = viewer.features(real)
    ceiling = forced_choice(known, labels.tolist(), known, labels, same=True)
    assert ceiling.shape == (48,)
    assert ceiling.mean() > 0.9
    shuffled = [(label + 1) % 3 for label in labels.tolist()]
    assert forced_choice(known, shuffled, known, labels).mean() < 0.35
    grey = viewer.features(torch.full((3, 3, 12, 12), 0.5))
    assert forced_choice(grey, [0, 1, 2], known, labels).mean() == pytest.approx(0.5, abs=0.02)


def test_grey_images_and_small_ones_are_accepted(viewer):
    assert len(viewer.features(torch.rand(2, 1, 12, 12))) == 2
    assert viewer.features(torch.rand(2, 3, 4, 4)).shape == viewer.features(torch.rand(2, 3, 8, 8)).shape


def test_vgg16_reads_convolutions_alone(tmp_path):
    torch.manual_seed(0)
    state = {k: v for k, v in vgg(5, hidden=1, pool=1).state_dict().items() if k.startswith("features.")}
    save_file({name: value.half() for name, value in state.items()}, tmp_path / "vgg.safetensors")
    found = vgg16(Path(tmp_path / "vgg.safetensors"))
    assert torch.allclose(found.net.state_dict()["28.weight"], state["features.28.weight"], atol=1e-3)
    assert len(found.features(torch.rand(1, 3, 32, 32))) == 1


def test_efficientnet_is_trained():
    """Its features tell classes of colours apart almost without errors."""
    found = efficientnet_lite0()
    real, labels = coloured(3, 4)
    known = found.features(real)
    assert forced_choice(known, labels.tolist(), known, labels, same=True).mean() > 0.8
