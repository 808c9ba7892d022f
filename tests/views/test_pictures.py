"""Fixed validation images: their order, their numbers, and what is refused."""

from dataclasses import replace

import pytest
import torch

from featevo.views.pictures import fixed_pictures
from featevo.views.view import Context
from tests.views.fixed import LABELS, context, real, small_network


def test_images_are_in_the_order_of_classes_with_their_numbers():
    found = fixed_pictures(small_network(), context(), 2, "inversion")
    assert found.names == (
        *("frog 0", "frog 1", "table 0", "table 1"),
        *("burger 0", "bird 0", "cup 0", "cup 1"),
    )
    assert found.labels == (0, 0, 1, 1, 2, 3, 4, 4)
    everything, _ = real(9)
    first = {label: LABELS.tolist().index(label) for label in range(5)}
    for place, (name, label) in enumerate(zip(found.names, found.labels, strict=True)):
        if name.endswith("0"):
            assert torch.equal(found.images[place], everything[first[label]])


def test_more_images_than_wished_are_cut():
    found = fixed_pictures(small_network(), Context(real=lambda each: real(9)), 1, "inversion")
    assert found.names == ("frog 0", "table 0", "burger 0", "bird 0", "cup 0")
    assert torch.equal(found.images, fixed_pictures(small_network(), context(), 1, "inversion").images)


def test_without_fitting_images_there_is_one_clear_line():
    network = small_network()
    with pytest.raises(
        ValueError, match=r"^inversion needs validation images: give the snapshotter or callback `real`$"
    ):
        fixed_pictures(network, Context(), 1, "inversion")
    message = r"^inversion: the validation images are \(5, 3, 16, 16\), not \(N, 3, 24, 24\)$"
    with pytest.raises(ValueError, match=message):
        fixed_pictures(replace(network, image_size=24), context(), 1, "inversion")
    with pytest.raises(ValueError, match=r"not \(N, 1, 16, 16\)"):
        fixed_pictures(replace(network, channels=1), context(), 1, "inversion")
