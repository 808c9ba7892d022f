"""Map the names of weights in a file to the network's: without the prefixes of wrappers around the network."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import accumulate, takewhile

WRAPPERS = ("_orig_mod", "module", "net", "model")
"""Prefixes that torch.compile, DataParallel, and LightningModules (featevo's, and most others) add."""


def aligned(names: Iterable[str], own: Collection[str]) -> dict[str, str | None]:
    """The network's name for every name in a file.

    One prefix is removed: of all sequences of wrappers that the file's names begin with, the one after which most names
    are the network's. Names without it are not part of the network, for example a loss's own weights. Wrappers of
    torch.compile and DataParallel around a submodule are removed if the name fits then.

    Args:
        names: As in the file.
        own: The network's names.

    Returns:
        By the file's name: the name in the network, None if it is not part of the network.
    """
    names = list(names)
    prefixes = {prefix: None for name in names for prefix in _prefixes(name)}  # in the file's order, which decides ties
    fits = {prefix: sum(_inside(name, prefix, own) in own for name in names) for prefix in prefixes}
    best = max(prefixes, key=lambda prefix: (fits[prefix], len(prefix)), default="") if any(fits.values()) else ""
    return {name: _inside(name, best, own) for name in names}


def _prefixes(name: str) -> list[str]:
    wrappers = takewhile(WRAPPERS.__contains__, name.split(".")[:-1])
    return list(accumulate((f"{wrapper}." for wrapper in wrappers), initial=""))


def _inside(name: str, prefix: str, own: Collection[str]) -> str | None:
    if not name.startswith(prefix):
        return None
    rest = name[len(prefix) :]
    for wrappers in ((), WRAPPERS[:1], WRAPPERS[:2]):
        without = ".".join(part for part in rest.split(".") if part not in wrappers)
        if without in own:
            return without
    return rest
