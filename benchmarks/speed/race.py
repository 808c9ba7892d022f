"""One case: featevo, the naive loop, the careful batch and the peers in turn, and the floor in the same rounds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from torch import nn

from benchmarks.speed.careful import careful
from benchmarks.speed.cases import Case, Climber, as_new, network
from benchmarks.speed.floor import layers_alone
from benchmarks.speed.naive import naive
from benchmarks.speed.ours import ours
from benchmarks.speed.peers import PEERS
from benchmarks.speed.timing import failures, interleaved, over, spreads

CLIMBERS: dict[str, Climber] = {"featevo": ours, "naive loop": naive, "careful batch": careful, **PEERS}


def race(case: Case, seed: int, climbers: Mapping[str, Climber] = CLIMBERS) -> dict[str, Any]:
    """Measure a case.

    Each climber is called with one step and with `case.steps`. *Whole* is the time of the long call divided by its
    steps; *marginal* the difference of the two calls divided by the difference of their steps; the *fixed cost* is what
    the short call takes beyond one marginal step.

    Returns:
        Milliseconds per image and step, fixed costs in steps, the floors, how many times as long as featevo each takes,
        and the floor as a share of featevo's marginal time; all as spreads over the rounds.
    """
    model, start = network(case.network, seed), case.start()
    renew = partial(as_new, model)

    def calls(steps: int) -> dict[str, partial[Any]]:
        return {
            name: partial(climb, model, case.classes, start.clone(), steps)
            for name, climb in climbers.items()
            if name not in case.left_out
        }

    short, long = calls(1), calls(case.steps)
    failed = failures(short, renew)
    names = [name for name in short if name not in failed]
    seconds = interleaved(
        {
            **{f"{name}, one step": short[name] for name in names},
            **{name: long[name] for name in names},
            "convolutions": layers_alone(model, start, nn.Conv2d, case.steps),
            "linear layers": layers_alone(model, start, nn.Linear, case.steps),
        },
        case.rounds,
        renew,
    )
    ms = {task: [1000 * value / case.images for value in values] for task, values in seconds.items()}
    pairs = {name: list(zip(ms[f"{name}, one step"], ms[name], strict=True)) for name in names}
    whole = {name: [all_steps / case.steps for _, all_steps in pairs[name]] for name in names}
    marginal = {name: [(many - one) / (case.steps - 1) for one, many in pairs[name]] for name in names}
    fixed = {
        name: [one / step - 1 for (one, _), step in zip(pairs[name], marginal[name], strict=True)] for name in names
    }
    convolutions, linear = ([value / case.steps for value in ms[kind]] for kind in ("convolutions", "linear layers"))
    floor = {
        "convolutions": convolutions,
        "and linear layers": [a + b for a, b in zip(convolutions, linear, strict=True)],
    }
    return {
        "case": case.name,
        "network": case.network,
        "size": case.size,
        "images": case.images,
        "steps": case.steps,
        "rounds": case.rounds,
        "whole_ms": spreads(whole),
        "marginal_ms": spreads(marginal),
        "fixed_steps": spreads(fixed),
        "whole_ratio": over(whole, whole["featevo"]),
        "marginal_ratio": over(marginal, marginal["featevo"]),
        "floor_ms": spreads(floor),
        "floor_share": over(floor, marginal["featevo"]),
        "failed": failed,
        "left_out": list(case.left_out),
    }
