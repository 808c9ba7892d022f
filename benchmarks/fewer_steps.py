"""Measures how few gradient steps reach the picture of 512: by the objective, and by two unrelated networks.

    python -m benchmarks.fewer_steps RUN_FOLDER [RUN_FOLDER ...] --vgg FILE [--out docs/fewer-steps]

The plan, written before the runs. Reference: every class of each run's last network, from two start images, after 512
steps of constant size (the bundle's own), by the regularizers clear and paper. The candidates change the size of the
steps, or end an image early. Two questions, over all networks, classes and starts:

- Objective: the logit of the finished image, without transforms, as a share of the reference's. Which is the smallest
  number of steps whose median is at least 95 %, and whose worst image is?
- Recognisability: how often a render is nearer to a real image of its class than to one of another
  (featevo.measure.forced_choice). From which number of steps on is the mean difference to the reference, by both
  viewers, within two standard errors of 0 or above?

A candidate succeeds if by both regularizers it reaches the median of 95 % in a third of the time of plain steps, and
recognisability no later. CPU seconds are those of the first network. Writes NAME.json, and NAME.webp with the images of
the reference and of `FAST`.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from benchmarks.forced_choice import PER_CLASS
from benchmarks.recipes import SHEET_DPI, SIDE, last_network
from featevo.figures.blocks import Block, beside, cell, picture, stack, words
from featevo.figures.sheet import as_image, lay_out
from featevo.measure.forced_choice import forced_choice
from featevo.measure.viewers import Viewer, efficientnet_lite0, vgg16
from featevo.model.classifier import Classifier
from featevo.record.provenance import versions
from featevo.visualize import ClassLogit, Plateau, Regularizer, Scaled, Schedule, maximize
from featevo.visualize.optimizers import Advance, NormalisedAscent, Optimizer, deviation
from featevo.visualize.schedule import Setting, at

REGULARIZERS = ("clear", "paper")
STARTS = 2
REFERENCE = 512
PLAIN_STEPS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, REFERENCE)
STEPS = (8, 12, 16, 24, 32)
"""Of candidates other than plain; a multiple of 4, so that all end after a median filter."""

SHARE = 0.95
"""Of the reference's objective that counts as reached."""


@dataclass(frozen=True)
class Momentum:
    """Normalised steps that go on: each is the new one plus a share of the last.

    Args:
        step_size: Of the new one, as in `NormalisedAscent`.
        share: Of the last step that is kept.
    """

    step_size: Setting
    share: float

    def sized(self, step_size: Setting) -> Momentum:
        return replace(self, step_size=step_size)

    def begin(self, coefficients: Tensor) -> Advance:
        velocity = torch.zeros_like(coefficients)

        def advance(coefficients: Tensor, gradient: Tensor, progress: float) -> Tensor:
            velocity.mul_(self.share).add_(gradient / deviation(gradient))
            return coefficients + at(self.step_size, progress) * velocity

        return advance


def _cosine(start: float, end: float) -> Callable[[Optimizer], Optimizer]:
    return lambda optimizer: Scaled(optimizer, Schedule(start, end))


def _momentum(optimizer: Optimizer) -> Optimizer:
    assert isinstance(optimizer, NormalisedAscent)
    return Momentum(optimizer.step_size, 0.75)


PLAIN, STOPPED = "plain", "plain, plateau"
FAST = ("cosine from 4 to 1", 16)
"""What `evolution=fast` does: its candidate and number of steps."""

CANDIDATES: dict[str, Callable[[Optimizer], Optimizer]] = {
    **{
        f"cosine from {start:g} to {end:g}": _cosine(start, end)
        for start, end in ((1, 0.25), (2, 0.25), (4, 0.25), (4, 1), (8, 1))
    },
    "constant 4": lambda optimizer: Scaled(optimizer, 4.0),
    "momentum 0.75": _momentum,
}
"""By name: another optimizer in place of the bundle's own; numbers are multiples of its step size."""


@dataclass(frozen=True)
class Found:
    """Images by a number of steps.

    Attributes:
        candidate: Name.
        steps: Most steps of an image.
        taken: Mean number of steps.
        images: (B, C, H, W), starts within classes.
    """

    candidate: str
    steps: int
    taken: float
    images: Tensor


def rendered(net: Classifier, common: dict[str, Any], regularizer: Regularizer) -> Iterator[Found]:
    """The images of all candidates; the reference comes first."""

    def draw(steps: int, regularizer: Regularizer, **more: Any) -> Any:
        return maximize(net, steps=steps, copies=STARTS, regularizer=regularizer, **common, **more)

    renders = draw(REFERENCE, regularizer, snapshots=PLAIN_STEPS)
    for steps in reversed(PLAIN_STEPS):
        images = torch.stack([render.snapshots[steps] for render in renders])
        yield Found(PLAIN, steps, steps, images)
    for name, change in CANDIDATES.items():
        changed = replace(regularizer, optimizer=change(regularizer.optimizer))
        for steps in STEPS:
            yield _found(name, steps, draw(steps, changed))
    yield _found(STOPPED, REFERENCE, draw(REFERENCE, regularizer, plateau=Plateau()))


def _found(name: str, steps: int, renders: Sequence[Any]) -> Found:
    taken = statistics.fmean(len(render.trace) for render in renders)
    images = torch.stack([render.image for render in renders])
    return Found(name, steps, taken, images)


def measure(folder: Path, viewers: list[Viewer]) -> Iterator[tuple[dict[str, Any], Tensor]]:
    """For every regularizer, candidate and number of steps: a row with the values of each image, and the images."""
    run, snapshot = last_network(folder)
    data, net = run.data, run.module.eval()
    pixels, labels = data.labelled("val", PER_CLASS)
    real = {viewer.name: viewer.features(pixels) for viewer in viewers}
    classes = [index for index in range(data.num_classes) for _ in range(STARTS)]
    objective = ClassLogit(range(data.num_classes))
    common = {"objective": objective, "image_size": data.image_size, "channels": data.num_channels}
    for name in REGULARIZERS:
        reference: Tensor | None = None
        for found in rendered(net, common, Regularizer.named(name)):
            with torch.no_grad():
                logits = net(found.images)[torch.arange(len(classes)), torch.tensor(classes)]
            reference = logits if reference is None else reference
            row = {
                "network": f"{run.cfg.data.name}, {run.cfg.init.name}, seed {run.cfg.seed}",
                "accuracy": snapshot.val_acc,
                "regularizer": name,
                "candidate": found.candidate,
                "steps": found.steps,
                "taken": found.taken,
                "shares": (logits / reference).tolist(),
                "choices": {
                    v.name: forced_choice(v.features(found.images), classes, real[v.name], labels).tolist()
                    for v in viewers
                },
            }
            yield row, found.images


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By regularizer, candidate and steps, over all networks: objective and recognisability."""
    result = []
    for name in REGULARIZERS:
        of_all = [row for row in rows if row["regularizer"] == name]
        reference = _pooled([row for row in of_all if (row["candidate"], row["steps"]) == (PLAIN, REFERENCE)])
        for candidate, steps in dict.fromkeys((row["candidate"], row["steps"]) for row in of_all):
            one = _pooled([row for row in of_all if (row["candidate"], row["steps"]) == (candidate, steps)])
            entry: dict[str, Any] = {"regularizer": name, "candidate": candidate, "steps": steps}
            entry |= {"taken": round(one["taken"], 1)}
            entry |= {"median": round(statistics.median(one["shares"]), 3), "worst": round(min(one["shares"]), 3)}
            for viewer, choices in one["choices"].items():
                more = [a - b for a, b in zip(choices, reference["choices"][viewer], strict=True)]
                error = statistics.stdev(more) / len(more) ** 0.5
                entry[viewer] = {
                    "mean": round(statistics.fmean(choices), 3),
                    "difference": round(statistics.fmean(more), 3),
                    "standard_error": round(error, 3),
                }
            result.append(entry)
    return result


def _pooled(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "taken": statistics.fmean(row["taken"] for row in rows),
        "shares": [share for row in rows for share in row["shares"]],
        "choices": {name: [one for row in rows for one in row["choices"][name]] for name in rows[0]["choices"]},
    }


def reached(table: list[dict[str, Any]], viewers: list[str]) -> list[dict[str, Any]]:
    """By regularizer and candidate: the fewest steps that count as reached; None: not reached."""
    result = []
    for name, candidate in dict.fromkeys((row["regularizer"], row["candidate"]) for row in table):
        own = [row for row in table if (row["regularizer"], row["candidate"]) == (name, candidate)]
        own.sort(key=lambda row: row["steps"])
        median = next((row for row in own if row["median"] >= SHARE), None)
        worst = next((row for row in own if row["worst"] >= SHARE), None)
        seen = next((row for row in own if all(_as_recognisable(row[viewer]) for viewer in viewers)), None)
        result.append(
            {"regularizer": name, "candidate": candidate}
            | {key: row and row["taken"] for key, row in (("median", median), ("worst", worst), ("recognised", seen))}
        )
    return result


def _as_recognisable(choice: dict[str, float]) -> bool:
    return choice["difference"] + 2 * choice["standard_error"] >= 0


def cpu_seconds(folder: Path, name: str, steps: dict[str, int]) -> dict[str, float]:
    """By candidate: CPU seconds for all classes and starts by a regularizer, the least of three, in turn."""
    run, _ = last_network(folder)
    common: dict[str, Any] = {"image_size": run.data.image_size, "channels": run.data.num_channels, "copies": STARTS}
    regularizer, seconds = Regularizer.named(name), dict.fromkeys(steps, float("inf"))
    for _ in range(3):
        for candidate, count in steps.items():
            change = CANDIDATES.get(candidate, lambda optimizer: optimizer)
            changed = replace(regularizer, optimizer=change(regularizer.optimizer))
            began = time.process_time()
            maximize(run.module, ClassLogit(range(run.data.num_classes)), steps=count, regularizer=changed, **common)
            seconds[candidate] = min(seconds[candidate], time.process_time() - began)
    return {candidate: round(least, 3) for candidate, least in seconds.items()}


def _strip(label: str, images: Tensor) -> Block:
    pictures = [(255 * image).byte().permute(1, 2, 0).squeeze(2).numpy() for image in images]
    shown = [Image.fromarray(array).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS) for array in pictures]
    return beside([cell(words(label, 7, width=70.0), 70.0, "left"), *(picture(one, 1, SHEET_DPI) for one in shown)], 2)


def main() -> None:
    """Print a line for each regularizer and candidate; write tables and contact sheet with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN_FOLDER")
    parser.add_argument("--vgg", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="NAME")
    arguments = parser.parse_args()
    viewers = [vgg16(arguments.vgg), efficientnet_lite0()]
    rows, strips = [], []
    for folder in arguments.runs:
        for row, images in measure(folder, viewers):
            rows.append(row)
            if (row["candidate"], row["steps"]) in ((PLAIN, REFERENCE), FAST):
                strips.append(_strip(f"{row['network']}\n{row['regularizer']}, {row['steps']} steps", images[:8]))
        print(folder, flush=True)
    table = summary(rows)
    best = reached(table, [viewer.name for viewer in viewers])
    for line in best:
        print(json.dumps(line))
    plain = {row["regularizer"]: row["median"] for row in best if row["candidate"] == PLAIN}
    times = {
        name: cpu_seconds(arguments.runs[0], name, {PLAIN: int(plain[name]), FAST[0]: FAST[1]}) for name in REGULARIZERS
    }
    print(json.dumps(times))
    if arguments.out:
        result = {
            "command": (__doc__ or "").split("\n\n")[1],
            "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
            "versions": versions(),
            "networks": {row["network"]: row["accuracy"] for row in rows},
            "starts": STARTS,
            "reached": best,
            "cpu_seconds": times,
            "rows": table,
        }
        arguments.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        as_image(lay_out(stack(strips, 2), SHEET_DPI)).save(arguments.out.with_suffix(".webp"), quality=85)


if __name__ == "__main__":
    main()
