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
from pathlib import Path

import torch
from PIL import Image, ImageDraw

from featevo.evolve.moment import Moment
from featevo.evolve.record import Record
from featevo.figures.grid import FAINT, GREY, INK, PAPER
from featevo.figures.lettering import sized_font
from featevo.model.vgg import vgg
from featevo.record.provenance import versions
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
    _figure(rows).save(DOCS / "class_count.png")


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


def _figure(rows: list[dict[str, float]]) -> Image.Image:
    """Two panels over the number of classes: seconds with the line of proportional growth, and peak memory."""
    sheet = Image.new("RGB", (1120, 420), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = sized_font(18)
    for left, key, title in (
        (90, "seconds", "seconds per snapshot (grey: proportional)"),
        (660, "peak_mb", "peak memory, MB"),
    ):
        most = max(row[key] for row in rows) * 1.15
        box = (left, 60, left + 420, 350)

        def place(x: float, y: float, box: tuple[int, int, int, int] = box, most: float = most) -> tuple[float, float]:
            return box[0] + (box[2] - box[0]) * x / (COUNTS[-1] * 1.05), box[3] - (box[3] - box[1]) * y / most

        draw.line([(box[0], box[1]), (box[0], box[3]), (box[2], box[3])], fill=INK, width=2)
        draw.text((left, 20), title, fill=INK, font=font)
        for share in (0.5, 1.0):
            value = most / 1.15 * share
            y = place(0, value)[1]
            draw.line([(box[0], y), (box[2], y)], fill=FAINT)
            words = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
            draw.text((left - 8, y), words, fill=GREY, font=font, anchor="rm")
        if key == "seconds":
            per_class = rows[-1][key] / COUNTS[-1]
            draw.line([place(0, 0), place(COUNTS[-1], COUNTS[-1] * per_class)], fill=GREY, width=2)
        points = [place(row["classes"], row[key]) for row in rows]
        draw.line(points, fill="#0072b2", width=3)
        for (x, y), row in zip(points, rows, strict=True):
            draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill="#0072b2")
            draw.text((x, 362), str(row["classes"]), fill=GREY, font=font, anchor="ma")
        draw.text((left + 210, 390), "classes", fill=GREY, font=font, anchor="ma")
    return sheet


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
    else:
        main()
