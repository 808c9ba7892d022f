"""From when on a class is there."""

import pytest

from featevo.measure.emergence import emergence


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([0.1, 0.2, 0.6, 0.9, 1.0], 2),
        ([0.1, 0.8, 0.2, 0.9, 1.0], 3),  # it was gone again
        ([0.1, None, 0.6, 0.9], 2),
        ([0.9, 0.9], 0),
        ([0.1, 1.0, 0.2], None),
        ([None, None], None),
        ([0.0, 0.0], None),
        ([], None),
    ],
)
def test_a_class_emerges_where_it_stays(values, first):
    assert emergence(values) == first
