"""Patterns of a coat: the blend of two colours at each point, with coordinates in periods."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Arguments: x and y in periods, the share of the second colour, 0..1. Returns 0 (first colour) to 1 (second colour).
Pattern = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def _plain(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return np.zeros_like(x)


def _stripes(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return x % 1.0 < share


def _waves(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return (x + 0.3 * np.sin(y * 4.0)) % 1.0 < share


def _zigzag(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return (x + np.abs(y % 1.0 - 0.5)) % 1.0 < share


def _spots(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    shifted = x + 0.5 * (np.floor(y) % 2)
    return (shifted % 1.0 - 0.5) ** 2 + (y % 1.0 - 0.5) ** 2 < 0.05 + 0.17 * share


def _checker(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return (np.floor(2 * x) + np.floor(2 * y)) % 2


def _scales(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    shifted = x + 0.5 * (np.floor(y) % 2)
    return (shifted % 1.0 - 0.5) ** 2 + (0.7 * (y % 1.0)) ** 2 > 0.1 + 0.25 * (1.0 - share)


def _patches(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    field = np.sin(4.3 * x + 1.1 * np.sin(2.9 * y)) + np.sin(3.7 * y + 1.3 * np.sin(3.1 * x))
    return field > 1.0 - 1.6 * share


def _rings(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return np.sqrt(x * x + y * y) % 1.0 < share


def _net(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return np.minimum(x % 1.0, y % 1.0) < 0.45 * share


def _fade(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return np.clip(0.5 + 0.45 * y, 0.0, 1.0)


def _saddle(x: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
    return np.abs(x) < 0.3 + 0.8 * share


PATTERNS: dict[str, Pattern] = {
    "plain": _plain,
    "stripes": _stripes,
    "waves": _waves,
    "zigzag": _zigzag,
    "spots": _spots,
    "checker": _checker,
    "scales": _scales,
    "patches": _patches,
    "rings": _rings,
    "net": _net,
    "fade": _fade,
    "saddle": _saddle,
}
