"""Species: determined by their number only, all different, with names that never change."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import pytest

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.species import number_named, species


def alone(number: int, seed: int, size: int = 32) -> np.ndarray:
    """A species alone, on grey, in 0..1."""
    canvas = Canvas(size, np.full((2, 2, 3), 128, np.uint8))
    species(number).draw(canvas, np.random.default_rng([number, seed]))
    return canvas.pixels() / 255


def smallest_distance(images: np.ndarray) -> float:
    """Root mean square difference of the closest two of (n, ...)."""
    flat = images.reshape(len(images), -1)
    square = (flat**2).sum(axis=1)
    between = (square[:, None] + square - 2 * flat @ flat.T) / flat.shape[1]
    np.fill_diagonal(between, np.inf)
    return float(np.sqrt(between.min()))


def printed(code: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def test_names_never_change() -> None:
    # Data sets and trained weights refer to these names, so they must not change.
    assert [species(number).name for number in (0, 1, 2, 3, 999)] == [
        "modu runner",
        "vadax fan",
        "gidel sled",
        "pudan finner",
        "gedor wisp",
    ]


def test_genes_never_change() -> None:
    # Other genes change the images of all names. This test does not detect changes in how genes are drawn.
    genes = "\n".join(repr(species(number)) for number in range(64))
    assert sha256(genes.encode()).hexdigest() == "68e42b95e9d2f7e4b05f7169e8a969cfb5a2fd06ecec240366475b7ca190bfe4"


def test_names_of_the_first_two_thousand_are_unique_and_plain_and_give_their_number() -> None:
    names = [species(number).name for number in range(2_000)]
    assert len(set(names)) == 2_000
    for number, name in enumerate(names):
        assert name == name.lower()
        assert name.replace(" ", "").isascii()
        assert name.replace(" ", "").isalpha()
        assert name.count(" ") == 1
        assert 6 <= len(name) <= 20
        assert number_named(name) == number


@pytest.mark.parametrize("name", ["flamingo", "modu", "modu jelly", "modu  runner", "", "Modu runner"])
def test_other_names_have_no_number(name: str) -> None:
    assert species(0).name == "modu runner"
    assert number_named(name) is None


def test_two_processes_make_the_same_species_and_images() -> None:
    code = (
        "import hashlib, numpy as np\n"
        "from featevo.data.scenes import Scenes, class_names\n"
        "from featevo.data.scenes.species import species\n"
        "images = Scenes(class_names(12, 3), 1, 32, 5, 'train')\n"
        "drawn = b''.join(images[i][0].numpy().tobytes() for i in range(12))\n"
        "print([species(k) for k in (700, 3, 41)], hashlib.sha256(drawn).hexdigest())\n"
    )
    first, second = printed(code, "1"), printed(code, "2")
    assert len(first) > 1_000
    assert first == second


def test_no_two_of_the_first_three_hundred_are_nearly_equal() -> None:
    images = np.stack([np.mean([alone(number, seed) for seed in range(2)], axis=0) for number in range(300)])
    assert smallest_distance(images) > 0.05
    assert smallest_distance(images.mean(axis=3)) > 0.03


def test_outlines_distinguish_most_species() -> None:
    count = 64

    def covered(number: int, seeds: Sequence[int]) -> np.ndarray:
        return np.mean([np.abs(alone(number, seed) - 128 / 255).max(axis=2) > 0.02 for seed in seeds], axis=0)

    known = np.stack([covered(number, range(4)) for number in range(count)])
    seen = np.stack([covered(number, [9]) for number in range(count)])
    nearest = [int(np.abs(known - one).mean(axis=(1, 2)).argmin()) for one in seen]
    assert np.mean(np.array(nearest) == np.arange(count)) > 0.8


def test_colours_of_species_overlap() -> None:
    rng = np.random.default_rng(0)
    seen = np.array([[species(number).colour(rng) for _ in range(20)] for number in range(64)]) // 52
    shared = [{tuple(colour) for colour in one.tolist()} for one in seen]
    unshared = [one - set().union(*(other for other in shared if other is not one)) for one in shared]
    assert np.mean([len(own) > 0.5 * len(one) for own, one in zip(unshared, shared, strict=True)]) < 0.05
