"""The settings of an ascent: one place for their defaults, and their errors."""

import inspect
from dataclasses import fields

import pytest

from featevo.visualize import maximize
from featevo.visualize.settings import AscentSettings


def test_maximize_has_these_defaults():
    parameters = inspect.signature(maximize).parameters
    assert {field.name: parameters[field.name].default for field in fields(AscentSettings)} == vars(AscentSettings())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps=0: must be above 0"),
        ({"copies": 0}, "copies=0: must be above 0"),
        ({"chunk_size": 0}, "chunk_size=0: must be above 0"),
        ({"memory_gb": float("nan")}, "memory_gb=nan: must be above 0"),
        ({"keep": "first"}, "keep='first': use one of last, best"),
        ({"steps": 4, "snapshots": frozenset({2, 5})}, r"snapshots=\[2, 5\]: steps are 1 to 4"),
        ({"snapshots": frozenset({0})}, r"snapshots=\[0\]: steps are 1 to 128"),
    ],
)
def test_values_out_of_range_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        AscentSettings(**settings)
