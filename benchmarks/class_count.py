"""Measures the cost of a snapshot for 4 to 256 classes: python benchmarks/class_count.py

Renders and records one snapshot of 4, 16, 64 and 256 classes (vgg16_slim with random weights, 64 pixels, 32 of the
usual 128 steps, regularizer=paper), each in its own process, with three seeds, and writes docs/class_count.json and
.png: seconds per snapshot and per class, and the peak memory of the process. Expect time proportional to the number of
classes, and constant memory once the batch has its largest size.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import torch
from matplotlib.axes import Axes

from featevo.figures.blocks import Block, beside, cell, plot, stack, words
from featevo.figures.colours import BLUE, FAINT, GREY
from featevo.figures.look import SMALL
from featevo.figures.sheet import save_sheet
from featevo.model.vgg import vgg
from featevo.record.provenance import versions
from featevo.record.schema import TrainingState
from featevo.record.store import RunFolder
from featevo.views.classes import Classes
from featevo.views.keeping import Keeping
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Context, Network
from featevo.visualize import Regularizer

COUNTS = (4, 16, 64, 256)
SEEDS = (0, 1, 2)
STEPS = 32
DOCS = Path(__file__).parent.parent / "docs"


def measure(count: int, seed: int) -> dict[str, float]:
    """Takes one snapshot in this process; returns seconds, peak memory in MB and images per batch."""
    torch.manual_seed(seed)
    net = vgg(count, width=0.25, hidden=256, pool=2, dropout=0.2)
    network = Network(net, tuple(f"class {unit}" for unit in range(count)), 64)
    settings = {"steps": STEPS, "seed": seed, "regularizer": Regularizer.named("paper"), "examples": None}
    view = Classes("logit", "noise", settings)
    view.draw(network, [0], Context())  # so that one-time setup is not measured
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        state = TrainingState(1, 1, "every_epoch")
        taken = Snapshotter([view], keeping=Keeping(snapshots=False)).take(network, state, RunFolder(Path(folder)))
        ended = time.perf_counter()
    assert taken is not None
    drawn = taken.snapshot.seconds or 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    batch = taken.snapshot.provenance["chunk_size"]
    return {"draw_s": drawn, "record_s": ended - began - drawn, "peak_mb": peak, "batch": batch}


def main() -> None:
    """Measure in fresh processes, all counts for each seed in turn; write the table and the figure."""
    results: dict[int, list[dict[str, float]]] = {count: [] for count in COUNTS}
    for seed in SEEDS:
        for count in COUNTS:
            command = [sys.executable, __file__, str(count), str(seed)]
            results[count].append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
            print(count, seed, results[count][-1], flush=True)
    rows = [_row(count, results[count]) for count in COUNTS]
    content = {
        "command": "python benchmarks/class_count.py",
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, CPU",
        "versions": versions(),
        "steps": STEPS,
        "seeds": list(SEEDS),
        "rows": rows,
    }
    (DOCS / "class_count.json").write_text(json.dumps(content, indent=1) + "\n")
    save_sheet(_figure(rows), DOCS / "class_count.png", "Classes")


def _row(count: int, found: list[dict[str, float]]) -> dict[str, float]:
    totals = [one["draw_s"] + one["record_s"] for one in found]
    return {
        "classes": count,
        "seconds": round(statistics.mean(totals), 3),
        "seconds_sd": round(statistics.stdev(totals), 3),
        "seconds_per_class": round(statistics.mean(totals) / count, 4),
        "record_share": round(statistics.mean(one["record_s"] for one in found) / statistics.mean(totals), 3),
        "peak_mb": round(statistics.mean(one["peak_mb"] for one in found)),
        "batch": max(one["batch"] for one in found),
    }


def _figure(rows: list[dict[str, float]]) -> Block:
    """Two plots against the number of classes: seconds with the line of proportional growth, and peak memory."""
    titles = {"seconds": "seconds per snapshot (grey: proportional)", "peak_mb": "peak memory, MB"}
    charts = [
        stack([words(title), cell(plot(220, 120, partial(_chart, rows=rows, key=key)), 250, "right")], 8)
        for key, title in titles.items()
    ]
    return stack([beside(charts, 24), words("classes", colour=GREY)], 18, "center")


def _chart(axes: Axes, rows: list[dict[str, float]], key: str) -> None:
    classes = [row["classes"] for row in rows]
    if key == "seconds":
        axes.plot((0, classes[-1]), (0, rows[-1][key]), color=GREY, linewidth=1)
    axes.plot(classes, [row[key] for row in rows], "o-", color=BLUE, markersize=3.5, linewidth=1.2, clip_on=False)
    axes.set(xlim=(0, 1.05 * classes[-1]), ylim=(0, 1.1 * max(row[key] for row in rows)), xticks=classes)
    axes.grid(axis="y", color=FAINT, linewidth=0.4)
    axes.tick_params(labelsize=SMALL, length=2)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
    else:
        main()
