"""What the speed is to be: each target beside the measured number."""

from __future__ import annotations

from typing import Any

from benchmarks.speed.peers import PEERS

USUAL = 128
"""Steps of a usual call, featevo's default."""


def targets(results: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each target whose part was measured."""
    races = {race["case"]: race for race in results["races"]}
    rows = []
    if race := races.get("vgg16-64"):
        ratio = {name: each["median"] for name, each in race["marginal_ratio"].items()}
        peers = {name: ratio[name] for name in PEERS if name in ratio}
        rows.append(_row("VGG-16, 64 px, per step: times as fast as the naive loop", 8, ratio["naive loop"]))
        if peers:
            nearest = min(peers, key=lambda name: peers[name])
            rows.append(_row(f"VGG-16, 64 px, per step: than every peer (nearest: {nearest})", 3.5, peers[nearest]))
        rows.append(_row("VGG-16, 64 px, per step: than the careful batch", 1.7, ratio["careful batch"]))
    if race := races.get("slim-64"):
        share = race["floor_share"]["convolutions"]["median"]
        rows.append(_row("vgg16_slim, 64 px: the convolutions' share of a step", 0.8, share))
    for race in races.values():
        if race["size"] == 224:
            rows += _large(race)
    if results["medians"]:
        for name, wanted in (("featevo", 50), ("featevo without OpenCV", 10)):
            least = min(each["times_unfold"][name]["median"] for each in results["medians"])
            rows.append(_row(f"5 x 5 median, {name}: times as fast as unfolding, least of all sizes", wanted, least))
    return rows


def _large(race: dict[str, Any]) -> list[dict[str, Any]]:
    name = f"{race['network']}, 224 px"
    steps, own = race["fixed_steps"]["featevo"]["median"], race["marginal_ms"]["featevo"]["median"]
    usual = own * (1 + steps / USUAL)
    loop = race["marginal_ms"]["naive loop"]["median"]
    whole = race["whole_ratio"]["naive loop"]["median"]
    return [
        _row(f"{name}, a call of {race['steps']} steps as measured: times as fast as the naive loop", 2.1, whole),
        _row(f"{name}, a call of {USUAL} steps (fixed cost and steps as measured): the same", 2.1, loop / usual),
        _row(f"{name}: fixed cost of a call in steps", 2, steps, most=True),
    ]


def _row(what: str, wanted: float, found: float, most: bool = False) -> dict[str, Any]:
    return {
        "target": what,
        "wanted": f"{'at most' if most else 'at least'} {wanted:g}",
        "measured": round(found, 2),
        "reached": bool(found <= wanted if most else found >= wanted),
    }
