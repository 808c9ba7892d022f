"""What a snapshot costs as classes grow: python benchmarks/class_count.py

Draws and records one snapshot of 4, 16, 64 and 256 classes (vgg16_slim with random weights, 64 pixels, 32 of the usual
128 steps, regularizer=paper), each in a process of its own, three seeds, and writes docs/class_count.json and .png:
seconds per snapshot and per class, and the peak memory of the process. Expect a straight line through time, and memory
that stops growing with the largest batch.
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

from featevo.evolve.moment import Moment
from featevo.figures.blocks import Block, beside, cell, plot, stack, words
from featevo.figures.colours import BLUE, FAINT, GREY
from featevo.figures.look import SMALL
from featevo.figures.sheet import save_sheet
from featevo.model.vgg import vgg
from featevo.record.provenance import versions
from featevo.record.store import Record
from featevo.visualize import ClassLogit, maximize

COUNTS = (4, 16, 64, 256)
SEEDS = (0, 1, 2)
STEPS = 32
DOCS = Path(__file__).parent.parent / "docs"


def measure(count: int, seed: int) -> dict[str, float]:
    """One snapshot in this process: seconds, peak memory in MB, pictures per batch."""
    torch.manual_seed(seed)
    net = vgg(count, width=0.25, hidden=256, pool=2, dropout=0.2)
    maximize(net, ClassLogit([0]), image_size=64, steps=2)  # what is set up once
    with tempfile.TemporaryDirectory() as folder:
        record = Record(Path(folder), tuple(f"class {unit}" for unit in range(count)))
        began = time.perf_counter()
        renders = maximize(net, ClassLogit(range(count)), image_size=64, steps=STEPS, seed=seed)
        drawn = time.perf_counter()
        record.write(Moment(1, 1, "every_epoch"), renders, {}, 0.0)
        ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    batch = renders[0].settings["chunk_size"]
    return {"draw_s": drawn - began, "record_s": ended - drawn, "peak_mb": peak, "batch": batch}


def main() -> None:
    """Measure in fresh processes, interleaved over seeds; write the table and the figure."""
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
    """Two charts over the number of classes: seconds with the line of proportional growth, and peak memory."""
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
