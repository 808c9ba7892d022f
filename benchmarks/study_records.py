"""Packs what the study reads of its runs, without images: python -m benchmarks.study_records FOLDER ... --out FILE

FILE is a .tar.xz, docs/study/records.tar.xz in the repository. Unpacked, it is as good as the run folders:

    mkdir records && tar xf docs/study/records.tar.xz -C records
    python -m featevo.study records

Runs are packed by data set, arm and seed. Paths, and what names a machine or a process, are left out.
"""

from __future__ import annotations

import argparse
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from featevo.record.files import replacing
from featevo.record.reading import CONTROLS
from featevo.record.safe import MOST_CSV, read_text
from featevo.record.schema import INDEX
from featevo.study.collect import collect
from featevo.study.runs import Run

CONFIG = ".hydra/config.yaml"

OF_A_MACHINE = ("overrides", "process", "host", "boot", "process_namespace", "process_started", "trackers", "wandb")
"""Keys of `run.json` that are left out."""

OF_RENDERS = ("trace",)
"""Keys of the index that are left out: the course of an ascent, which is most of it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, metavar="RUN_OR_SWEEP")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    runs, left_out = collect(options.paths)
    for line in left_out:
        print("Left out:", line)
    with replacing(options.out) as temporary, tarfile.open(temporary, "w:xz", preset=9) as archive:
        for run in sorted(runs, key=lambda run: (run.data, run.arm, run.seed)):
            for name, text in packed(run):
                content = text.encode()
                member = tarfile.TarInfo(f"{run.data}/{run.arm}/seed-{run.seed:02d}/{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    print(f"{len(runs)} runs in {options.out}, {options.out.stat().st_size / 1e6:.2f} MB")


def packed(run: Run) -> Iterator[tuple[str, str]]:
    """Names of files within the run folder, and their new content."""
    known = {key: value for key, value in run.evolution.run.items() if key not in OF_A_MACHINE}
    yield "run.json", json.dumps(without(known), indent=1)
    yield CONFIG, OmegaConf.to_yaml(OmegaConf.create(without(run.config)))
    yield "metrics.csv", read_text(run.folder, "metrics.csv", MOST_CSV)
    entries = (run.folder / INDEX).read_text(encoding="utf-8").splitlines()
    yield INDEX, "".join(json.dumps(without(json.loads(entry), OF_RENDERS)) + "\n" for entry in entries)
    matrices = [snapshot.matrices_file for snapshot in run.snapshots]
    for name in [CONTROLS, *matrices]:
        if (run.folder / name).is_file():
            yield name, json.dumps(json.loads((run.folder / name).read_text(encoding="utf-8")))


def without(content: Any, keys: tuple[str, ...] = ()) -> Any:
    """The same without some keys at any depth; of an absolute path its last part."""
    if isinstance(content, dict):
        return {key: without(value, keys) for key, value in content.items() if key not in keys}
    if isinstance(content, list):
        return [without(value, keys) for value in content]
    return Path(content).name if isinstance(content, str) and content.startswith("/") else content


if __name__ == "__main__":
    main()
