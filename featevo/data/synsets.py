"""Names of ImageNet's classes: WordNet ids to names and back.

`imagenet_classes.txt` beside this file lists the 1,000 classes of ILSVRC 2012 in the order of their class index, with
all names of each WordNet synset, in the format of Kaggle's `LOC_synset_mapping.txt`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from featevo.data.choose import bare, listed
from featevo.errors import UserError

_ILSVRC2012 = Path(__file__).with_name("imagenet_classes.txt")

# Names that WordNet does not have: the paper's name of its fourth class, and names that separate classes of the same
# name (two of them are torchvision's).
_MORE = {
    "n07697313": ["hamburger"],
    "n02012849": ["crane bird"],
    "n03126707": ["crane machine"],
    "n03710721": ["maillot tank suit"],
}


class Synsets:
    """Readable names of WordNet ids.

    Args:
        names: the names of each id, the most usual one first.
        where: what has these classes, for messages.

    Attributes:
        ids: all ids, in the order given.
        labels: one name of each id, all different, in the same order: its first name, if no other id has it first.
    """

    def __init__(self, names: Mapping[str, Sequence[str]], where: str) -> None:
        self._where = where
        self._names = {key: [*known, *_MORE.get(key, [])] for key, known in names.items()}
        self._first: dict[str, list[str]] = {}
        self._any: dict[str, list[str]] = {}
        for key, known in self._names.items():
            _add(self._first, known[0], key)
            for name in known:
                _add(self._any, name, key)
        self.ids = list(self._names)
        self.labels = [self._label(key) for key in self.ids]
        for key, label in zip(self.ids, self.labels, strict=True):
            _add(self._any, label, key)

    def find(self, name: str) -> int:
        """The index in `ids` of a name or an id. Letter case, spaces and punctuation do not matter.

        A name that is the first of one synset and the second of another means the first: "crayfish" is n01985128.

        Raises:
            UserError: if no or more than one synset has this name; it gives the nearest name, or all ids.
        """
        if name in self._names:
            return self.ids.index(name)
        found = self._first.get(bare(name)) or self._any.get(bare(name), [])
        if len(found) > 1:
            which = "; ".join(f"{key}: {', '.join(self._names[key])}" for key in found)
            raise UserError(f"data.classes: {name!r} is {len(found)} classes of {self._where}, give one's id ({which})")
        if not found:
            raise UserError(f"data.classes: no class {name!r} in {self._where}{self._hint(name)}")
        return self.ids.index(found[0])

    def _hint(self, name: str) -> str:
        close = [] if is_id(name) else difflib.get_close_matches(bare(name), self._any, n=1)
        if not close:
            return f"; it has {listed(self.labels)}, and allows other names of them and WordNet ids"
        key = self._any[close[0]][0]
        nearest = next((known for known in self._names[key] if bare(known) == close[0]), key)
        return f", did you mean {nearest!r} ({key})? Names and WordNet ids are allowed"

    def _label(self, key: str) -> str:
        known = self._names[key]
        if len(self._first[bare(known[0])]) == 1:
            return known[0]
        return next((name for name in known if len(self._any[bare(name)]) == 1), f"{known[0]} {key}")


def read_synsets(*more: Path) -> dict[str, list[str]]:
    """The names of ILSVRC 2012's classes, in the order of class indices.

    Args:
        *more: files of the same format, with a line `n01644373 tree frog, tree-frog` per id; they add and replace ids.

    Raises:
        UserError: if a line has another format; it names the first one.
    """
    found: dict[str, list[str]] = {}
    for file in (_ILSVRC2012, *more):
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            key, _, rest = line.strip().partition(" ")
            names = [name.strip() for name in rest.split(",") if name.strip()]
            if key and not (is_id(key) and names):
                raise UserError(f"{file}, line {number}: expected a WordNet id and names, as in 'n01644373 tree frog'")
            if key:
                found[key] = names
    return found


def is_id(name: str) -> bool:
    """Whether it has the form of a WordNet id of a noun: n and eight digits."""
    return re.fullmatch(r"n\d{8}", name) is not None


def _add(index: dict[str, list[str]], name: str, key: str) -> None:
    keys = index.setdefault(bare(name), [])
    if key not in keys:
        keys.append(key)
