"""Compares two runs of the same training: everything must be equal except times and the training's id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

VARIES = {"seconds", "measure_seconds", "training"}


def assert_same_record(one: Path, other: Path) -> None:
    """Weights, optimizer, random generators, metrics, index, images and controls are equal to the bit."""
    assert (one / "metrics.csv").read_bytes() == (other / "metrics.csv").read_bytes()
    assert _index(one) == _index(other)
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
    controls = [run / "evolution" / "controls.json" for run in (one, other)]
    assert [path.is_file() and path.read_text() for path in controls[:1]] == [
        path.is_file() and path.read_text() for path in controls[1:]
    ]
    assert not list(other.rglob("*.tmp"))


def _index(run: Path) -> list[dict[str, Any]]:
    lines = (run / "evolution" / "index.jsonl").read_text().splitlines()
    return [_without_times(json.loads(line)) for line in lines]


def _without_times(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_times(value) for key, value in content.items() if key not in VARIES}
    return [_without_times(value) for value in content] if isinstance(content, list) else content


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
