"""Drawing again what a record has: whether the same settings and weights give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from featevo.app.render_run import OVERRIDES, Renderer, Task
from featevo.record.images import decoded, to_uint8
from featevo.record.provenance import versions
from featevo.record.reading import read_evolution
from featevo.record.schema import Image, Snapshot
from featevo.views.view import Drawn


@dataclass(frozen=True)
class Checked:
    """A view of a snapshot, drawn again.

    Attributes:
        snapshot: Of the record.
        view: Name of the view.
        images: The number of its images in the record.
        differences: One line for each image that differs, or for the whole view if it was not drawn.
        drawn: Whether it was drawn; not without weights.
        other: What is not as it was, such as a version; a reason for differences.
    """

    snapshot: Snapshot
    view: str
    images: int
    differences: list[str]
    drawn: bool = True
    other: tuple[str, ...] = ()


def check_run(folder: Path, trusted: bool = False) -> Iterator[Checked]:
    """Draw every image of a record again, with the recorded settings, and compare the values of its file.

    Args:
        folder: The run folder.
        trusted: Whether its configuration may build anything, see `featevo.app.trust`.

    Raises:
        UserError: When the network, data or views cannot be built or drawn.
    """
    renderers: dict[tuple[str, ...], Renderer] = {}
    threads = torch.get_num_threads()
    try:
        for snapshot in read_evolution(folder).snapshots:
            for view in dict.fromkeys(image.view for image in snapshot.images):
                about = snapshot.provenance_of(view)
                images = snapshot.of_view(view)
                if not (folder / snapshot.weights_file).is_file():
                    yield Checked(snapshot, view, len(images), [], drawn=False)
                    continue
                torch.set_num_threads(_whole(about.get("threads"), threads))  # it changes rounding
                words = _words(about)
                if words not in renderers:
                    renderers[words] = Renderer(folder, words, trusted, recorded=True)
                differences, other = _differences(folder, renderers[words], snapshot, view), _other(about)
                yield Checked(snapshot, view, len(images), differences, other=other)
    finally:
        torch.set_num_threads(threads)


def _differences(folder: Path, renderer: Renderer, snapshot: Snapshot, view: str) -> list[str]:
    if view not in renderer.views:
        return [f"{snapshot.folder}: the configuration has no view {view!r}"]
    images = snapshot.of_view(view)
    known = {view: [image.unit for image in images]}
    (rendered,) = renderer.draw(Task(snapshot, (view,), known))
    drawn = {one.image.unit: one for one in rendered.drawn}
    return [line for image in images for line in _compared(folder, image, drawn.get(image.unit))]


def _compared(folder: Path, image: Image, drawn: Drawn | None) -> Sequence[str]:
    if drawn is None:
        return [f"{image.file}: this unit is not drawn"]
    try:
        found = np.asarray(decoded(folder, image.file))
    except OSError:
        return [f"{image.file}: is missing"]
    expected = to_uint8(drawn.pixels).squeeze()
    if found.shape != expected.shape:
        return [f"{image.file}: has the size {found.shape}, drawn again {expected.shape}"]
    distance = np.abs(found.astype(int) - expected.astype(int))
    if not distance.any():
        return []
    return [f"{image.file}: {(distance > 0).sum()} of {distance.size} bytes differ, by at most {distance.max()}"]


def _other(about: dict[str, Any]) -> tuple[str, ...]:
    recorded, now = about.get("versions"), versions()
    if not isinstance(recorded, dict):
        return ()
    names = ("torch", "featevo")
    return tuple(f"{name} {recorded.get(name)}, now {now[name]}" for name in names if recorded.get(name) != now[name])


def _words(about: dict[str, Any]) -> tuple[str, ...]:
    words = about.get(OVERRIDES, [])
    return tuple(words) if isinstance(words, list) and all(isinstance(word, str) for word in words) else ()


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and 1 <= value <= 1024 else otherwise
