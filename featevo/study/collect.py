"""Find and read the runs of a study, and leave out, with a reason, those that cannot be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.find import LeftOut, find_runs
from featevo.study.runs import Run, as_run_of_study

MAY_DIFFER = (
    "seed",
    "name",
    "logger",
    "data.num_classes",
    "data.classes",
    "data.batch_size",
    "data.num_workers",
    "data.cache_gb",
    "evolution.chunk_size",
    "evolution.save_weights",
    "evolution.layer_change",
    "evolution.on_error",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.enable_progress_bar",
)
"""Keys, with all keys below them, that may differ between runs; those of `init` may differ between inits."""


def collect(paths: Sequence[Path]) -> tuple[list[Run], list[LeftOut]]:
    """Read all usable runs, and name those left out.

    Args:
        paths: Run folders, sweep folders, or folders with runs anywhere below.

    Raises:
        UserError: No run can be used.
    """
    found = find_runs(paths, deep=True)
    runs, left_out = [], found.left_out
    for evolution in found.evolutions:
        try:
            runs.append(as_run_of_study(evolution))
        except UserError as error:
            left_out.append(LeftOut(evolution.folder, str(error)))
    for refuse in (_unlike, _twice, _odd_cells):
        reasons = refuse(runs)
        left_out += [LeftOut(run.folder, reasons[run.folder]) for run in runs if run.folder in reasons]
        runs = [run for run in runs if run.folder not in reasons]
    if not runs:
        raise UserError(f"none of the {len(left_out)} runs can be used; {left_out[0]}")
    return runs, left_out


def _twice(runs: Sequence[Run]) -> dict[Path, str]:
    first: dict[tuple[int, tuple[str, int]], Path] = {}
    same = {run.folder: first.setdefault((run.seed, run.cell), run.folder) for run in runs}
    return {
        folder: f"same seed, init and number of classes as {other}" for folder, other in same.items() if folder != other
    }


def _unlike(runs: Sequence[Run]) -> dict[Path, str]:
    """Runs whose settings differ from most others, because an effect could be due to that setting."""
    settings = {run.folder: dict(_flat(_by_init(run))) for run in runs}
    reasons: dict[Path, str] = {}
    for key in sorted({key for chosen in settings.values() for key in chosen}):
        values = {folder: chosen[key] for folder, chosen in settings.items() if key in chosen}
        usual = Counter(values.values()).most_common(1)[0][0]
        for folder, value in values.items():
            if value != usual:
                reasons.setdefault(folder, f"{key} is {value}, in the other runs {usual}")
    return reasons


def _odd_cells(runs: Sequence[Run]) -> dict[Path, str]:
    """Runs of cells that fewer than half of the seeds have."""
    seeds = {run.seed for run in runs}
    count = Counter(run.cell for run in runs)
    return {
        run.folder: f"only {count[run.cell]} of {len(seeds)} seeds have init={run.init} with {run.classes} classes"
        for run in runs
        if 2 * count[run.cell] < len(seeds)
    }


def _by_init(run: Run) -> dict[str, Any]:
    """The configuration with a key for the settings of each init, as they are compared only within one init."""
    return {f"init={run.init}: init" if key == "init" else key: value for key, value in run.config.items()}


def _flat(config: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in config.items():
        name = f"{prefix}{key}"
        if name in MAY_DIFFER:
            continue
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{name}.")
        else:
            yield name, str(value)
