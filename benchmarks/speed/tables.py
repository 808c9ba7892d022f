"""The results as Markdown tables, and these in their page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

BEGIN, END = "<!-- tables: written by make bench -->\n", "<!-- end of tables -->\n"


def tables(results: dict[str, Any]) -> str:
    """All tables of the parts that were measured; each number is a median with its smallest and largest round."""
    parts = [_machine(results)]
    if results["targets"]:
        parts += ["## Targets", _targets(results["targets"])]
    if results["races"]:
        parts += ["## Beside others", *(_race(race) for race in results["races"])]
    if results["growth"]:
        parts += ["## Number of classes", _growth(results["growth"])]
    if results["medians"]:
        parts += ["## Median filter", _medians(results["medians"])]
    return "\n\n".join(parts) + "\n"


def with_tables(page: str, results: dict[str, Any]) -> str:
    """The page with these tables between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{tables(results)}\n{END}{after}"


def _machine(results: dict[str, Any]) -> str:
    machine, versions = results["machine"], results["versions"]
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"`{results['command']}` on {results['date']}, {results['minutes']} minutes, seed {results['seed']}, "
        f"commit {(results['commit'] or 'unknown')[:7]}: "
        f"{machine['cpu']} ({machine['capability']}), {machine['cores']} cores, threads: {results['threads']}, "
        f"load of the machine at the start: {machine['load']}; Python {results['python']}, {packages}."
    )


def _targets(rows: list[dict[str, Any]]) -> str:
    cells = [[row["target"], row["wanted"], row["measured"], "reached" if row["reached"] else "missed"] for row in rows]
    return _table(("target", "wanted", "measured", ""), cells)


def _race(race: dict[str, Any]) -> str:
    names = list(race["whole_ms"])
    rows = [
        [
            name,
            *(
                _number(race[key][name])
                for key in ("whole_ms", "whole_ratio", "marginal_ms", "marginal_ratio", "fixed_steps")
            ),
        ]
        for name in names
    ]
    rows += [[name, f"failed: {error}", "", "", "", ""] for name, error in race["failed"].items()]
    rows += [[name, "not measured", "", "", "", ""] for name in race["left_out"]]
    floors = "; ".join(
        f"{name} {_number(race['floor_ms'][name])} ms, {_number(race['floor_share'][name], 100)} % of featevo's step"
        for name in race["floor_ms"]
    )
    title = f"**{race['network']}, {race['size']} px**, "
    title += f"{race['images']} images, {race['steps']} steps, {race['rounds']} rounds"
    head = (
        "ms per image and step",
        "whole call",
        "times featevo",
        "further step",
        "times featevo",
        "fixed cost, steps",
    )
    return f"{title}\n\n{_table(head, rows)}\n\nFloor: {floors}."


def _growth(rows: list[dict[str, Any]]) -> str:
    head = ("network", "px", "classes", "steps", "seconds of a call", "ms per image and further step", "rounds")
    keys = ("network", "size", "classes", "steps")
    return _table(
        head,
        [
            [*(row[key] for key in keys), _number(row["seconds"]), _number(row["marginal_ms"]), row["rounds"]]
            for row in rows
        ],
    )


def _medians(rows: list[dict[str, Any]]) -> str:
    head = ["ms per image (times as fast as unfolding)", *(f"{row['size']} px, {row['images']} images" for row in rows)]
    cells = [
        [name, *(f"{_number(row['ms'][name])} ({row['times_unfold'][name]['median']:.3g})" for row in rows)]
        for name in rows[0]["ms"]
    ]
    return _table(head, [*cells, ["rounds", *(row["rounds"] for row in rows)]])


def _number(spread: dict[str, float], factor: float = 1) -> str:
    median, low, high = (_digits(factor * spread[name]) for name in ("median", "min", "max"))
    return median if low == high else f"{median} ({low} to {high})"


def _digits(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
