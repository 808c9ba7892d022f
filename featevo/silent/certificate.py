"""The result of a comparison: what differs first, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featevo.silent.hooks import PASSED
from featevo.silent.witness import Place, Witness

SHOWN = 3
"""Most kinds of names in a text."""


@dataclass(frozen=True)
class Difference:
    """The first difference of two trainings.

    Attributes:
        names: What differs, weights first: all that the hook changed, or all that differs at the place.
        place: The hook or event after which it differs.
        is_direct: Whether a hook of the callback itself changed this; otherwise only the trainings differ.
    """

    names: tuple[str, ...]
    place: Place
    is_direct: bool

    @property
    def what(self) -> str:
        """The first name of each kind, such as gradients, and how many more there are."""
        kinds: dict[str, list[str]] = {}
        for name in self.names:
            kinds.setdefault(_kind(name), []).append(name)
        shown = list(kinds.values())[:SHOWN]
        texts = [_and_more(names[0], len(names) - 1) for names in shown]
        others = len(self.names) - sum(map(len, shown))
        return _and_more(", ".join(texts), others, "others" if others > 1 else "other")


def _kind(name: str) -> str:
    """What comes before `of`; only names of parameters and buffers have no space."""
    kind, of, _ = name.rpartition(" of ")
    return kind if of else name if " " in name else ""


def _and_more(text: str, number: int, word: str = "more") -> str:
    return f"{text} and {number} {word}" if number else text


@dataclass(frozen=True)
class Certificate:
    """Whether a callback is silent: true if training with it is bit for bit training without it.

    Attributes:
        steps: Training batches without the callback.
        tensors: Most parameters, buffers, gradients and tensors of optimizers compared at once.
        streams: Random streams compared.
        is_repeatable: Whether two trainings without the callback are equal; if not, nothing is known about it.
        difference: The first one; None: there is none.
        weights_differ: Whether parameters or buffers differ after the training.
        losses_differ: Whether any loss differs.
    """

    steps: int
    tensors: int
    streams: int
    is_repeatable: bool = True
    difference: Difference | None = None
    weights_differ: bool = False
    losses_differ: bool = False

    @classmethod
    def of(cls, without: Witness, other: Witness, is_repeatable: bool = True) -> Certificate:
        """Compare a training without the callback with another one."""
        return cls(
            steps=without.steps,
            tensors=max(moment.state.tensors for moment in without.moments),
            streams=without.moments[-1].state.streams,
            is_repeatable=is_repeatable,
            difference=first_difference(without, other),
            weights_differ=without.weights != other.weights,
            losses_differ=without.losses != other.losses,
        )

    def __bool__(self) -> bool:
        return self.difference is None

    def __str__(self) -> str:
        found = self.difference
        if found is None:
            counts = f"{self.steps} steps, {self.tensors} tensors, {self.streams} random streams"
            return f"silent: {counts}: equal bit for bit"
        if not self.is_repeatable:
            return (
                f"not repeatable: two trainings without the callback differ at {found.place} in {found.what}; "
                "make_trainer must build everything anew, with all randomness from the seed"
            )
        if found.is_direct:
            return f"not silent: {found.place} changed {found.what}; {self._end}"
        return f"not silent: difference at {found.place} in {found.what}, made outside its hooks; {self._end}"

    @property
    def _end(self) -> str:
        if self.weights_differ == self.losses_differ:
            return f"losses and final weights {'differ' if self.weights_differ else 'are equal'}"
        words = ("differ", "are equal") if self.losses_differ else ("are equal", "differ")
        return f"losses {words[0]}, final weights {words[1]}"


def first_difference(without: Witness, other: Witness) -> Difference | None:
    """The first difference of two trainings; None: they are equal.

    It is that of the first moment at which they differ. If, since the moment before, a hook of the callback has changed
    any of what differs, or what it was called with, then the first such hook is the cause.
    """
    for moment, (one, two) in enumerate(zip(without.moments, other.moments, strict=False)):
        if one.place != two.place:
            names: tuple[str, ...] = ("the course of the training",)
        elif not (names := one.state.differences(two.state)):
            continue
        for change in other.changes:
            if change.moment == moment and _is_seen(change.names, names):
                return Difference(change.names, change.place, is_direct=True)
        return Difference(names, two.place, is_direct=False)
    return None


def _is_seen(changed: Sequence[str], differing: Sequence[str]) -> bool:
    return not {*changed}.isdisjoint({*differing, *PASSED.values()})
