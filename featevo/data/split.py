"""Which images validate: a seeded share of every class."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

from featevo.data.choose import listed
from featevo.errors import UserError


def split(
    groups: Sequence[Sequence[str]], classes: Sequence[str], val_size: int | float, seed: int
) -> tuple[list[list[str]], list[list[str]]]:
    """Split the images of every class into training and validation.

    Args:
        groups: the names of each class's images, different within a class.
        classes: the classes' names, for messages.
        val_size: a whole number >= 1: how many images validate in all, in proportion to class sizes; a fraction in
            (0, 1): of every class.
        seed: chooses which images. The choice within a class depends only on this and on the names in that class, and a
            larger share contains every smaller one.

    Returns:
        Training and validation names, sorted, a list per class each.

    Raises:
        UserError: if `val_size` would leave a class without an image on either side.
    """
    counts = _val_counts(classes, [len(group) for group in groups], val_size)

    def rank(name: str) -> bytes:
        # A hash of each name instead of a shuffle of the list: adding or removing one image moves no other.
        return hashlib.sha256(f"{seed}/".encode() + os.fsencode(name)).digest()

    ranked = [sorted(group, key=rank) for group in groups]
    train = [sorted(group[count:]) for group, count in zip(ranked, counts, strict=True)]
    val = [sorted(group[:count]) for group, count in zip(ranked, counts, strict=True)]
    return train, val


def _val_counts(classes: Sequence[str], sizes: list[int], val_size: int | float) -> list[int]:
    alone = [name for name, size in zip(classes, sizes, strict=True) if size < 2]
    if alone:
        raise UserError(f"data.val_size={val_size}: at least 2 images are needed in each of: {listed(alone)}")
    if isinstance(val_size, float) and 0 < val_size < 1:
        return [min(max(round(val_size * size), 1), size - 1) for size in sizes]
    least, most = len(sizes), sum(sizes) - len(sizes)
    if type(val_size) is not int or not least <= val_size <= most:  # a bool is an int, but no number of images
        raise UserError(
            f"data.val_size={val_size}: allowed are a fraction between 0 and 1, or {least} to {most} images in all, "
            f"so that each of the {least} classes keeps at least one of {sum(sizes)} images on both sides"
        )
    return _shares(sizes, val_size)


def _shares(sizes: list[int], total: int) -> list[int]:
    """Largest remainder in exact integers, each share held within 1..size-1."""
    everything = sum(sizes)
    shares = [min(max(total * size // everything, 1), size - 1) for size in sizes]
    while (gap := total - sum(shares)) != 0:
        sign = 1 if gap > 0 else -1
        free = [i for i, size in enumerate(sizes) if 1 <= shares[i] + sign <= size - 1]
        shares[max(free, key=lambda i: sign * (total * sizes[i] - everything * shares[i]))] += sign
    return shares
