"""Drawing in unit coordinates: positions with a pose, thin lines, round shapes and opacity."""

from __future__ import annotations

from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas, Pose, curve

WHITE = (255, 255, 255)


def blank(size: int = 40) -> Canvas:
    return Canvas(size, np.zeros((2, 2, 3), np.uint8))


def centre(image: np.ndarray) -> tuple[float, float]:
    """The centre of the light part, x and y in -1..1."""
    weight = image[..., 0].astype(float)
    spots = (np.arange(len(image)) + 0.5) / len(image) * 2 - 1
    return float((weight.sum(0) * spots).sum() / weight.sum()), float((weight.sum(1) * spots).sum() / weight.sum())


def test_the_frame_spans_the_image() -> None:
    canvas = blank()
    canvas.polygon([(-1, -1), (1, -1), (1, 1), (-1, 1)], WHITE)
    assert canvas.pixels().min() == 255


def test_a_pose_moves_turns_and_flips() -> None:
    spot = (0.5, 0.0)
    for pose, expected in [
        (Pose(), (0.5, 0.0)),
        (Pose(flip=True), (-0.5, 0.0)),
        (Pose(angle=pi / 2), (0.0, 0.5)),
        (Pose(x=-0.2, y=0.3, scale=0.5), (0.05, 0.3)),
        (Pose(stretch=1.2), (0.6, 0.0)),
    ]:
        canvas = blank(80)
        canvas.place(pose)
        canvas.ellipse(spot, (0.15, 0.15), WHITE)
        np.testing.assert_allclose(centre(canvas.pixels()), expected, atol=0.03)


def test_an_ellipse_covers_its_area_and_a_higher_power_more() -> None:
    shares = []
    for power in (2.0, 8.0):
        canvas = blank(100)
        canvas.ellipse((0, 0), (0.6, 0.4), WHITE, power=power)
        shares.append(float(canvas.pixels().mean()) / 255)
    assert abs(shares[0] - pi * 0.24 / 4) < 0.02
    assert shares[0] < shares[1] < 0.6 * 0.4 + 0.02


def test_opacity_blends_with_the_background() -> None:
    canvas = blank()
    canvas.ellipse((0, 0), (0.5, 0.5), WHITE, opacity=0.5)
    assert 120 <= canvas.pixels()[20, 20, 0] <= 135


def test_a_hairline_stays_visible_when_small() -> None:
    canvas = blank(32)
    canvas.stroke([(-0.9, 0.03), (0.9, 0.03)], 0.001, WHITE)
    assert canvas.pixels()[..., 0].max(axis=0)[4:28].min() > 60


def test_a_tapering_stroke_is_wide_at_its_start() -> None:
    canvas = blank(80)
    canvas.stroke(curve([(-0.8, 0), (0, 0), (0.8, 0)]), (0.5, 0.1), WHITE)
    widths = (canvas.pixels()[..., 0] > 128).sum(axis=0)
    assert widths[12] > 2.5 * widths[68] > 0


def test_a_curve_passes_through_its_points() -> None:
    points = [(0.0, 0.0), (0.5, -0.5), (1.0, 0.3), (0.2, 0.9)]
    np.testing.assert_allclose(curve(points, 5)[::5], points, atol=1e-12)


def test_a_weave_fills_its_outline_with_the_colours_of_the_frame() -> None:
    def by_sign(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.stack([(x > 0) * 200, (y > 0) * 200, np.full(x.shape, 50)], axis=-1).astype(np.uint8)

    canvas = blank(80)
    canvas.place(Pose(x=0.2, y=-0.1, scale=0.5, flip=True))
    canvas.weave([(-1, -1), (1, -1), (1, 1), (-1, 1)], by_sign)
    image = canvas.pixels()
    # The frame's centre is at pixel (48, 36), and its x axis points to the left.
    assert image[26, 38].tolist() == [200, 0, 50]
    assert image[46, 58].tolist() == [0, 200, 50]
    assert image[36, 22].max() == 0
    covered = image[..., 2].astype(bool)
    assert covered.sum() in range(39 * 39, 42 * 42)
    # After a quarter turn, the frame's x axis points down and its y axis to the left.
    canvas.place(Pose(angle=pi / 2))
    canvas.weave([(-1, -1), (1, -1), (1, 1), (-1, 1)], by_sign)
    image = canvas.pixels()
    assert image[60, 60].tolist() == [200, 0, 50]
    assert image[20, 20].tolist() == [0, 200, 50]


def test_a_weave_outside_the_image_draws_nothing() -> None:
    canvas = blank()
    canvas.weave([(1.2, 0), (1.5, 0.2), (1.4, 0.5)], lambda x, y: np.full((*x.shape, 3), 255, np.uint8))
    assert canvas.pixels().max() == 0
