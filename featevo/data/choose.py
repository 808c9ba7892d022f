"""The choice of classes, by name, by number, or all; the same for every source."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from featevo.errors import UserError


def choose(
    found: Sequence[str],
    num_classes: int | None,
    classes: Sequence[str] | None,
    where: str,
    find: Callable[[str], int] | None = None,
) -> list[int]:
    """Choose classes.

    Args:
        found: the names of all available classes, at least two.
        num_classes: take the first so many, `data.num_classes`.
        classes: take these, in this order, `data.classes`. With neither, all are taken.
        where: what has these classes, for messages: a folder or the name of a data set.
        find: maps a name in `classes` to an index of `found`; None: by exact name.

    Returns:
        Indices into `found`, at least two, all different.

    Raises:
        UserError: if the number is out of range, a name is unknown, or the two contradict each other.
    """
    if num_classes is not None and not 2 <= num_classes <= len(found):
        raise UserError(f"data.num_classes={num_classes}: {where} allows 2 to {len(found)}, its classes")
    if classes is None:
        return list(range(len(found) if num_classes is None else num_classes))
    if len(classes) < 2:
        raise UserError(f"data.classes: {len(classes)} named, at least 2 are needed; {where} has {listed(found)}")
    chosen = [find(str(name)) if find else by_name(str(name), found, where) for name in classes]
    if len(set(chosen)) < len(chosen):
        twice = sorted({found[index] for index in chosen if chosen.count(index) > 1})
        raise UserError(f"data.classes: {listed(twice)} named more than once")
    if num_classes not in (None, len(chosen)):
        raise UserError(f"data.num_classes={num_classes} but data.classes names {len(chosen)}: give only one")
    return chosen


def by_name(name: str, found: Sequence[str], where: str, key: Callable[[str], str] = str) -> int:
    """The index in `found` of the class with this name.

    Args:
        name: as the user wrote it.
        found: the names of all available classes.
        where: what has these classes, for the message.
        key: two names are equal if their keys are; `bare` for names that are hard to spell.

    Raises:
        UserError: if there is none of this name; it gives the nearest one.
    """
    keys = [key(known) for known in found]
    if key(name) in keys:
        return keys.index(key(name))
    close = difflib.get_close_matches(key(name), keys, n=1)
    hint = f", did you mean {found[keys.index(close[0])]!r}? It" if close else "; it"
    raise UserError(f"data.classes: no class {name!r} in {where}{hint} has {listed(found)}")


def bare(name: str) -> str:
    """Letters and digits only, in lower case: "Colt's foot" and "colts_foot" become equal."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def listed(names: Sequence[str], limit: int = 10) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
