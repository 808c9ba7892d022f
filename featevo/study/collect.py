"""Find and read the runs of a study, and leave out, with a reason, those that cannot be compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.find import LeftOut, find_runs
from featevo.study.arms import ARMS, PREFIX
from featevo.study.runs import Run, as_run_of_study, referred

MAY_DIFFER = (
    "seed",
    "name",
    "logger",
    "data.root",
    "data.num_workers",
    "data.cache_gb",
    "measures.terms.likeness_vgg16",
    "evolution.chunk_size",
    "evolution.save_weights",
    "evolution.layer_change",
    "evolution.on_error",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.enable_progress_bar",
)
"""Keys, with all keys below them, that may differ between runs."""

WITHIN_ARM = ("init", "augmentation")
"""Keys, with all keys below them, that may differ between arms, as those that the plan has for each arm."""

DEFINING = ("init.name", "augmented", "data.num_classes", "data.wrong_labels")
"""What makes a run one of its arm; runs with other sizes than planned are used, but give no verdicts."""


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
    for refuse in (_of_another_arm, _unlike, _twice):
        reasons = refuse(runs)
        left_out += [LeftOut(run.folder, reasons[run.folder]) for run in runs if run.folder in reasons]
        runs = [run for run in runs if run.folder not in reasons]
    if not runs:
        raise UserError(
            f"none of the {len(left_out)} runs can be used, as the second study needs runs named {PREFIX}ARM "
            f"(ARM: {', '.join(ARMS)}); {left_out[0]}"
        )
    return runs, left_out


def deviations(runs: Sequence[Run]) -> list[str]:
    """How the settings of runs differ from the plan's; each difference once, with the arm."""
    found = dict.fromkeys(
        f"{key}={settings.get(key)} in {run.arm} (plan: {value})"
        for run in runs
        for settings in [_settings(run)]
        for key, value in ARMS[run.arm].items()
        if not _same(settings.get(key), value)
    )
    return list(found)


def _settings(run: Run) -> dict[str, Any]:
    """The settings by dotted key, with `augmented`: whether there is any augmentation."""
    transforms = run.config.get("augmentation")
    augmented = isinstance(transforms, dict) and any(value is not None for value in transforms.values())
    return run.settings | {"augmented": augmented}


def _same(value: Any, planned: Any) -> bool:
    """Whether a recorded setting is the planned one; records of before `data.wrong_labels` have none, as 0."""
    return (value or 0) == (planned or 0)


def _of_another_arm(runs: Sequence[Run]) -> dict[Path, str]:
    reasons = {}
    for run in runs:
        settings, planned = _settings(run), ARMS[run.arm]
        for key in DEFINING:
            if not _same(settings.get(key), planned[key]):
                reasons[run.folder] = f"{key} is {settings.get(key)}, in the plan's arm {run.arm} {planned[key]}"
    return reasons


def _unlike(runs: Sequence[Run]) -> dict[Path, str]:
    """Runs whose settings differ from most others of their group, because an effect could be due to that setting."""
    groups: dict[tuple[str, str, str], list[tuple[Run, str]]] = defaultdict(list)
    for run in runs:
        for key, value in run.settings.items():
            if _is_below(key, MAY_DIFFER):
                continue
            arm = run.arm if key in ARMS[run.arm] or _is_below(key, WITHIN_ARM) else ""
            groups[run.data, arm, key].append((run, str(value)))
    reasons: dict[Path, str] = {}
    for (_, arm, key), group in groups.items():
        values = [value for _, value in group]
        usual = Counter(list(filter(referred, values)) or values).most_common(1)[0][0]
        others = f"the other runs of {arm}" if arm else "the other runs"
        for run, value in group:
            # Runs that an earlier version resumed have the value of another key in place of the reference to it.
            if value not in (usual, str(run.settings.get(referred(usual), usual))):
                reasons.setdefault(run.folder, f"{key} is {value}, in {others} {usual}")
    return reasons


def _is_below(key: str, parents: Sequence[str]) -> bool:
    return any(key == parent or key.startswith(f"{parent}.") for parent in parents)


def _twice(runs: Sequence[Run]) -> dict[Path, str]:
    first: dict[tuple[str, str, int], Path] = {}
    same = {run.folder: first.setdefault((run.data, run.arm, run.seed), run.folder) for run in runs}
    return {folder: f"same data set, arm and seed as {other}" for folder, other in same.items() if folder != other}
