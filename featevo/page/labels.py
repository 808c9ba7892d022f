"""Names of runs and groups of runs on a page, from the differences between their commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from featevo.record.reading import Evolution


def labels(evolutions: Sequence[Evolution]) -> list[str]:
    """A different label for each run: the overrides that not all share.

    If a run has none of these, all have their names, as in figures; if names are equal, also the overrides. Runs that
    are still alike have the names of their folders.
    """
    names, differences = [evolution.name for evolution in evolutions], _differences(evolutions)
    chosen = [", ".join(words) for words in differences]
    if not all(chosen):
        chosen = names
        if len(set(names)) < len(names):
            chosen = [", ".join([name, *words]) for name, words in zip(names, differences, strict=True)]
    count = Counter(chosen)
    chosen = [own if count[own] == 1 else e.folder.resolve().name for own, e in zip(chosen, evolutions, strict=True)]
    count = Counter(chosen)
    return [f"{label} ({place})" if count[label] > 1 else label for place, label in enumerate(chosen, 1)]


def groups(evolutions: Sequence[Evolution]) -> list[int]:
    """A number for each run, from 0; equal for runs that differ only in their seed.

    If that would put all runs into one group, each run has its own number.
    """
    kinds = [tuple(word for word in words if not word.startswith("seed=")) for words in _differences(evolutions)]
    first = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    return [first[kind] for kind in kinds] if len(first) > 1 else list(range(len(kinds)))


def _differences(evolutions: Sequence[Evolution]) -> list[list[str]]:
    given = [_overrides(evolution) for evolution in evolutions]
    shared = set(given[0]).intersection(*given[1:])
    return [[word for word in words if word not in shared] for words in given]


def _overrides(evolution: Evolution) -> list[str]:
    """The overrides of the command, without Hydra's own, which are about the folder of the run."""
    found = evolution.run.get("overrides")
    words = [str(word) for word in found] if isinstance(found, list) else []
    return [word for word in words if not word.startswith("hydra")]
