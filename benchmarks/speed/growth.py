"""How a call of featevo grows with the number of classes, which are one batch up to 64 of them."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.speed.cases import Case, network
from benchmarks.speed.ours import ours
from benchmarks.speed.timing import interleaved, spread

STEPS = 5
COUNTS = {"vgg16_slim": (1, 4, 16, 64), "VGG-16": (1, 4, 16)}


def growth(name: str, counts: tuple[int, ...], size: int, rounds: int, seed: int) -> list[dict[str, Any]]:
    """Seconds of a call, and milliseconds per image and further step, for each number of classes."""
    model = network(name, seed)
    tasks = {}
    for count in counts:
        case = Case("growth", name, size, count, STEPS, rounds)
        start = case.start()
        for steps in (1, STEPS):
            tasks[f"{count} {steps}"] = partial(ours, model, case.classes, start, steps)
    tasks[f"{counts[0]} 1"]()  # warms up
    seconds = interleaved(tasks, rounds)
    rows = []
    for count in counts:
        one, all_steps = seconds[f"{count} 1"], seconds[f"{count} {STEPS}"]
        further = [1000 * (many - few) / (STEPS - 1) / count for few, many in zip(one, all_steps, strict=True)]
        rows.append(
            {
                "network": name,
                "size": size,
                "classes": count,
                "rounds": rounds,
                "steps": STEPS,
                "seconds": spread(all_steps),
                "marginal_ms": spread(further),
            }
        )
    return rows
