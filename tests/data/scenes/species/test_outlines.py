"""Outlines: their sizes and their rotation."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from featevo.data.scenes.species.outlines import blade, lathe, oval, star, turned


@pytest.mark.parametrize("kind", ["leaf", "petal", "heart", "spike", "strap", "saw"])
def test_a_blade_starts_at_its_base_and_reaches_its_length(kind: str) -> None:
    down = blade((0.2, 0.1), pi / 2, 0.5, 0.1, kind)
    assert down[:, 1].min() == pytest.approx(0.1)
    assert 0.5 <= down[:, 1].max() <= 0.6 + 1e-9
    assert np.abs(down[:, 0] - 0.2).max() <= 0.13
    base = np.array([0.2, 0.1])
    right = blade((0.2, 0.1), 0.0, 0.5, 0.1, kind)
    np.testing.assert_allclose(turned(right - base, pi / 2) + base, down, atol=1e-12)


def test_an_oval_has_its_radii_and_a_higher_power_more_area() -> None:
    areas = []
    for power in (1.0, 2.0, 8.0):
        x, y = oval((0.1, -0.2), (0.6, 0.3), power=power).T
        np.testing.assert_allclose([x.min(), x.max(), y.min(), y.max()], [-0.5, 0.7, -0.5, 0.1], atol=1e-12)
        areas.append(0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))
    assert areas == sorted(areas)
    assert areas[1] == pytest.approx(pi * 0.18, rel=0.02)


def test_a_lathe_is_symmetric_and_has_the_given_widths() -> None:
    outline = lathe([-0.5, 0.0, 0.5], [0.2, 0.6, 0.1])
    half = len(outline) // 2
    np.testing.assert_allclose(outline[:half] * (-1, 1), outline[half:][::-1])
    assert [outline[0, 0], outline[4, 0], outline[half - 1, 0]] == pytest.approx([0.2, 0.6, 0.1])


def test_a_star_alternates() -> None:
    reach = np.linalg.norm(star((0, 0), 5, 0.8, 0.3), axis=1)
    np.testing.assert_allclose(reach, [0.8, 0.3] * 5)
