"""Every layer is in one part, in its order."""

import pytest
import torch

from featevo.measure.layer_parts import PARTS, check_part, of_part


@pytest.mark.parametrize("count", [3, 4, 11, 16])
def test_parts_are_all_layers_in_their_order(count):
    layers = list(range(count))
    parts = [of_part(layers, part) for part in PARTS]
    assert [layer for part in parts for layer in part] == layers
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert of_part(torch.arange(count), "middle").tolist() == parts[1]


def test_another_part_is_named():
    with pytest.raises(ValueError, match="part=end: allowed are early, middle, late"):
        check_part("end")
