"""Compares two runs of the same training: everything must be equal except times and the training's id."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch

VARIES = {"seconds", "view_seconds", "measure_seconds", "training"}


def assert_same_record(one: Path, other: Path, varies: Collection[str] = ()) -> None:
    """Weights, optimizer, random generators, metrics, index, images and controls are equal to the bit.

    `varies`: further names in the index that may differ.
    """
    assert (one / "metrics.csv").read_bytes() == (other / "metrics.csv").read_bytes()
    for before, after in zip(_index(one, varies), _index(other, varies), strict=True):
        assert before == after
    names = [sorted(str(path.relative_to(run)) for path in run.rglob("*.png")) for run in (one, other)]
    assert names[0] == names[1]
    for name in names[0]:
        assert _pixels(one / name) == _pixels(other / name), name
    weights = [sorted(path.name for path in (run / "checkpoints").iterdir()) for run in (one, other)]
    assert weights[0] == weights[1]
    for name in weights[0]:
        if name.endswith(".safetensors"):
            assert (one / "checkpoints" / name).read_bytes() == (other / "checkpoints" / name).read_bytes(), name
    states = [torch.load(run / "checkpoints" / "last.ckpt", weights_only=True) for run in (one, other)]
    for key in ("state_dict", "optimizer_states", "global_step"):
        assert _same(states[0][key], states[1][key]), key
    generators = [state["callbacks"]["Checkpoints"]["generators"] for state in states]
    assert _same(*generators)
    controls = [(run / "evolution" / "controls.json").read_text() for run in (one, other)]
    assert controls[0] == controls[1]
    left = [str(path) for path in other.rglob("*.tmp")]
    assert not left, left


def _index(run: Path, varies: Collection[str]) -> list[dict[str, Any]]:
    lines = (run / "evolution" / "index.jsonl").read_text().splitlines()
    return [_without(json.loads(line), VARIES | {*varies}) for line in lines]


def _without(content: Any, names: set[str]) -> Any:
    if isinstance(content, dict):
        return {key: _without(value, names) for key, value in content.items() if key not in names}
    return [_without(value, names) for value in content] if isinstance(content, list) else content


def _pixels(path: Path) -> bytes:
    from PIL import Image

    with Image.open(path) as image:
        return image.tobytes()


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
