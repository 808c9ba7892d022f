"""`python -m featevo.measure.gate`: whether any measure of images may be called a measure of complexity."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from featevo.errors import UserError, ended
from featevo.measure.gate.networks import Network
from featevo.measure.judge import Judge, judge

SHIPPED = "shipped weights"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.measure.gate",
        description="Examine every measure of images, with the shipped judge and others, and write figure and means.",
    )
    parser.add_argument(
        "--judge", metavar="NAME=FILE", action="append", default=[], help="a VGG's convolutions; may be repeated"
    )
    parser.add_argument(
        "--networks",
        metavar="FOLDER",
        type=Path,
        action="append",
        default=[],
        help="runs of sweeps/planted.yaml, for part c; may be repeated",
    )
    parser.add_argument("--vgg16", metavar="FILE", help="VGG-16's convolutions, for likeness by this viewer in part c")
    parser.add_argument("--size", type=int, default=64, help="side of the pictures, a multiple of 8 from 32 to 256")
    parser.add_argument("--pictures", type=int, default=16, help="number of pictures of each kind")
    parser.add_argument("--out", type=Path, default=Path("docs/gate"), help="figure and JSON, without ending")
    options = parser.parse_args(arguments)
    return ended(lambda: _write(options))


def examine(
    judges: Sequence[Judge],
    size: int,
    number: int,
    seed: int = 0,
    networks: Sequence[Network] = (),
    vgg16: str | None = None,
) -> dict[str, Any]:
    """Every candidate at the gate; a line is printed for each.

    Args:
        judges: Their names are in the result, their files are not.
        size: Side of the pictures in pixels.
        number: Of pictures of each kind.
        seed: Of the pictures and of the judges' real images.
        networks: For part c; none: it is left out.
        vgg16: See `featevo.measure.gate.of_networks.likenesses`.

    Returns:
        The content of `<out>.json`.
    """
    from featevo.measure.gate.candidates import CALIBRATION, candidates
    from featevo.measure.gate.checks import without_structure
    from featevo.measure.gate.examination import examined
    from featevo.measure.gate.networks import NETWORKS, known_truth, of_images, values_of
    from featevo.measure.gate.of_networks import likenesses, of_networks
    from featevo.measure.gate.pictures import pictures

    shown = pictures(size, number, seed)
    rendered = candidates(judges, networks[0].ends[0].shape[-1], seed) if networks else []
    entries = []
    for place, candidate in enumerate(candidates(judges, size, seed)):
        values = values_of(networks, of_images(rendered[place])) if networks else {}
        truth = known_truth(values, candidate.claims) if values else None
        entry = examined(candidate, shown, truth).as_json()
        entries.append(entry)
        print(_line(entry), flush=True)
    return {
        "size": size,
        "pictures": number,
        "seed": seed,
        "calibration": CALIBRATION,
        "without_structure": without_structure(shown),
        "entries": entries,
        "seeds": len(networks) // len(NETWORKS),
        "networks": of_networks(networks, likenesses(vgg16)) if networks else [],
    }


def _write(options: argparse.Namespace) -> None:
    judges, size, number, out = options.judge, options.size, options.pictures, options.out
    if not out.parent.is_dir():
        raise UserError(f"--out {out}: there is no folder {out.parent}")
    from featevo.measure.gate.figure import draw
    from featevo.measure.gate.network_figure import draw_networks
    from featevo.measure.gate.networks import read_networks
    from featevo.measure.gate.pictures import pictures

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so that the files do not depend on the number of cores
    try:
        loaded = [_judge(None, SHIPPED), *map(_named, judges)]
        networks = read_networks(options.networks) if options.networks else []
        result = examine(loaded, size, number, networks=networks, vgg16=options.vgg16)
        figure = draw(result, {kind: images[0] for kind, images in pictures(size, 1).items()})
    except ValueError as error:
        raise UserError(str(error)) from error
    finally:
        torch.set_num_threads(threads)
    out.with_suffix(".json").write_text(json.dumps(result) + "\n", encoding="utf-8")
    out.with_suffix(".png").write_bytes(figure)
    if result["networks"]:
        out.with_name(f"{out.name}-networks.png").write_bytes(draw_networks(result))


def _named(text: str) -> Judge:
    name, sign, file = text.partition("=")
    if not (name and sign and file):
        raise UserError(f"--judge {text}: must be NAME=FILE")
    return _judge(file, name)


def _judge(file: str | None, name: str) -> Judge:
    return dataclasses.replace(judge(file), name=name)


def _line(entry: dict[str, Any]) -> str:
    judge = entry["judge"]
    parts = [f"{judge['name']}, {judge['layer']}"] if judge else []
    where = ", ".join([*parts, "equalised" if entry["equalised"] else "raw"])
    failed = [check["reason"] for check in entry["checks"] if not check["passed"]]
    return f"{entry['verdict']}: {entry['measure']} ({where})" + "".join(f"; {reason}" for reason in failed)
