"""Measures what grows with a record: python benchmarks/growth.py

Makes records of smooth random images (64 pixels, from a seed) in a temporary folder, with all else as training writes
it, and measures: recording the 1st, 50th and 100th snapshot of 100 classes (`append` alone, and the whole snapshot
without drawing: medians of five neighbours); the film of 240 snapshots of 4 classes; figure and page of 14 snapshots
of 1,000 classes; the page of 100 runs of 10 snapshots of 4 classes. Medians of three calls, in one process with one
thread. Writes docs/growth.json, or the file that is given. Expect `append` to take as long for each snapshot.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from featevo.figures.evolution import save_evolution
from featevo.figures.film import save_film
from featevo.page.page import write_report
from featevo.record.provenance import versions
from featevo.record.reading import read_evolution
from featevo.record.schema import MAIN_VIEW, Image, TrainingState
from featevo.record.store import RunFolder
from featevo.views.keeping import Keeping
from featevo.views.layer_comparison import LayerComparison
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Context, Drawn, Network

SIDE = 64
SEED = 0
REPEATS = 3
LAYERS = 16
OUT = Path(__file__).parent.parent / "docs" / "growth.json"


class Smooth:
    """A view that draws nothing: smooth random images, with as many numbers as an optimised image has."""

    name, goes_on = MAIN_VIEW, False

    def __init__(self) -> None:
        self.random = torch.Generator().manual_seed(SEED)

    def check(self, network: Network) -> None:
        """Any network will do."""

    def units(self, network: Network, context: Context) -> Sequence[int]:
        """All classes."""
        return range(len(network.classes))

    def steps(self, units: Sequence[int]) -> int:
        """None."""
        return 0

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        """One image for each unit."""
        coarse = torch.rand((len(units), 3, 8, 8), generator=self.random)
        pixels = nn.functional.interpolate(coarse, SIDE, mode="bilinear").clamp(0, 1)
        numbers = torch.rand((len(units), 65), generator=self.random).mul(1e4).round().div(1e4).tolist()
        return [
            Drawn(
                Image(
                    view=MAIN_VIEW,
                    unit=unit,
                    file="",
                    name=network.classes[unit],
                    values={"logit": row[0], "probability": row[1]},
                    probabilities=dict(enumerate(row[2:12])),
                    stopped="steps",
                    seed=SEED,
                    seconds=row[12],
                    trace=row,
                    trace_of=129,
                    trace_every=2,
                    measures={f"measure/{number}": value for number, value in enumerate(row[:8])},
                ),
                picture,
            )
            for unit, picture, row in zip(units, pixels, numbers, strict=True)
        ]


class Timed(RunFolder):
    """A run folder that notes the seconds of each `append`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.seconds: list[float] = []

    def append(self, *given: Any, **named: Any) -> Any:
        """Do the same, and note the time."""
        began = time.perf_counter()
        snapshot = super().append(*given, **named)
        self.seconds.append(time.perf_counter() - began)
        return snapshot


def record(folder: Path, classes: int, snapshots: int) -> dict[str, list[float]]:
    """Make a record; the seconds of each `append`, and of each snapshot without its drawing."""
    layers = [nn.Flatten(), nn.Linear(3 * 8 * 8, 32), *(nn.Linear(32, 32) for _ in range(LAYERS - 1))]
    network = Network(nn.Sequential(*layers), tuple(f"class {unit}" for unit in range(classes)), SIDE)
    snapshotter = Snapshotter([Smooth()], keeping=Keeping(snapshots=False), raises=True, layers=_comparison(classes))
    timed, whole = Timed(folder), []
    for epoch in range(1, snapshots + 1):
        state = TrainingState(epoch, 10 * epoch, "every_epoch", val_acc=epoch / (snapshots + 1))
        began = time.perf_counter()
        taken = snapshotter.take(network, state, timed)
        whole.append(time.perf_counter() - began)
        assert taken is not None
        whole[-1] -= taken.snapshot.view_seconds[MAIN_VIEW]
    return {"append": timed.seconds, "snapshot": whole}


def _comparison(classes: int) -> LayerComparison:
    def real(each: int) -> tuple[Tensor, Tensor]:
        labels = torch.arange(classes).repeat(each)
        return torch.rand((len(labels), 3, 8, 8), generator=torch.Generator().manual_seed(SEED)), labels

    return LayerComparison(real, classes)


def growing(folder: Path, classes: int, snapshots: int) -> dict[str, float]:
    """Seconds of the first, the middle and the last snapshot, each the median of five neighbours."""
    found = record(folder, classes, snapshots)
    starts = {1: 0, snapshots // 2: max(0, snapshots // 2 - 3), snapshots: max(0, snapshots - 5)}
    return {
        f"{what} {number} of {snapshots}, {classes} classes": median(seconds[start : start + 5])
        for what, seconds in found.items()
        for number, start in starts.items()
    }


def film(folder: Path, classes: int, snapshots: int) -> dict[str, float]:
    """Seconds of the film of one run."""
    record(folder, classes, snapshots)
    seconds = _median(lambda: save_film(read_evolution(folder), folder / "film.webp"))
    return {f"film of {snapshots} snapshots, {classes} classes": seconds}


def wide(folder: Path, classes: int, snapshots: int) -> dict[str, float]:
    """Seconds of reading, figure and page of one run."""
    record(folder, classes, snapshots)
    what = f"{snapshots} snapshots, {classes} classes"
    evolution = read_evolution(folder)
    return {
        f"reading {what}": _median(lambda: read_evolution(folder)),
        f"figure of {what}": _median(lambda: save_evolution(evolution, folder / "figure.png")),
        f"page of {what}": _median(lambda: write_report([folder], folder / "page.html")),
    }


def many(folder: Path, runs: int, classes: int, snapshots: int) -> dict[str, float]:
    """Seconds of the page of several runs."""
    folders = [folder / f"{number:03d}" for number in range(runs)]
    for one in folders:
        record(one, classes, snapshots)
    seconds = _median(lambda: write_report(folders, folder / "page.html"))
    return {f"page of {runs} runs, {snapshots} snapshots, {classes} classes": seconds}


def _median(act: Callable[[], object]) -> float:
    found = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return median(found)


def main() -> None:
    """Measure and write the numbers."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    seconds: dict[str, float] = {}
    for measure, sizes in ((growing, (100, 100)), (film, (4, 240)), (wide, (1000, 14)), (many, (100, 4, 10))):
        with tempfile.TemporaryDirectory() as folder:
            found = measure(Path(folder) / "run", *sizes)
        print(json.dumps(found), flush=True)
        seconds |= found
    content = {
        "command": "python benchmarks/growth.py",
        "seed": SEED,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} thread, CPU",
        "versions": versions(),
        "seconds": {what: round(value, 4) for what, value in seconds.items()},
    }
    out.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
