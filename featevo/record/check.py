"""Whether a run folder is whole: every file of its record can be read, and there are no others."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from featevo.errors import UserError
from featevo.record.images import decoded
from featevo.record.index import parse_line
from featevo.record.jobs import ENDED, RUNNING
from featevo.record.reading import CONTROLS, LAYERS, MOST_EPOCHS, TRANSFER
from featevo.record.safe import (
    MOST_CSV,
    MOST_INDEX,
    MOST_MATRICES,
    inside,
    read_bytes,
    read_json,
    read_text,
    regular,
)
from featevo.record.schema import INDEX, REAL, Snapshot, snapshot_of


def problems_of(folder: Path) -> list[str]:
    """All that is wrong with the record of a run, one line each; weights and pictures are read, too.

    Raises:
        UserError: The folder holds no run.
    """
    if not any(os.path.lexists(folder / name) for name in (INDEX, "run.json")):
        raise UserError(f"{folder} is not a run folder: run.json and {INDEX} were looked for there and not found")
    snapshots, problems = _index(folder)
    problems += _run(folder)
    problems += _metrics(folder)
    problems += [problem for snapshot in snapshots for problem in _snapshot(folder, snapshot)]
    for file in (CONTROLS, TRANSFER, LAYERS):
        problems += _object(folder, file)[1]
    return problems + _others(folder, snapshots)


def _index(folder: Path) -> tuple[list[Snapshot], list[str]]:
    """The snapshots of all lines that can be read, and what is wrong with the others."""
    snapshots: list[Snapshot] = []
    try:
        content = read_bytes(folder, INDEX, MOST_INDEX)
    except FileNotFoundError:
        return [], []  # a run without snapshots
    except (UserError, OSError) as error:
        return [], [str(error)]
    problems = []
    for number, line in enumerate(content.split(b"\n"), 1):
        where = f"{folder / INDEX}, line {number}"
        if not line.strip():
            continue
        try:
            snapshot = snapshot_of(parse_line(line, where))
        except ValueError as error:
            problems.append(f"{where}: {error}")
        except UserError as error:
            problems.append(str(error))
        else:
            before = snapshots[-1] if snapshots else None
            if before and (snapshot.epoch, snapshot.step) < (before.epoch, before.step):
                places = f"epoch {snapshot.epoch}, step {snapshot.step} after epoch {before.epoch}, step {before.step}"
                problems.append(f"{where}: out of order, {places}")
            if snapshot.folder in [other.folder for other in snapshots]:
                problems.append(f"{where}: folder {snapshot.folder} is another snapshot's")
            snapshots.append(snapshot)
    return snapshots, problems


def _run(folder: Path) -> list[str]:
    run, problems = _object(folder, "run.json")
    known = (*ENDED, RUNNING)
    if run is None or run.get("status") in known:  # a record of the callback alone has none
        return problems
    found = json.dumps(run.get("status"))[:40]
    return [f"{folder / 'run.json'}: status {found}; there are {', '.join(known)}"]


def _metrics(folder: Path) -> list[str]:
    where = folder / "metrics.csv"
    problems, last = [], -1
    try:
        rows = csv.reader(StringIO(read_text(folder, "metrics.csv", MOST_CSV), newline=""))
        names = next(rows, [])
        if "epoch" not in names:
            return [f"{where}: its first line has no epoch"]
        for row in rows:
            line = f"{where}, line {rows.line_num}"
            if len(row) != len(names):
                problems.append(f"{line}: {len(row)} cells, the first line has {len(names)}")
                continue
            problems += [
                f"{line}: {name} is no number ({cell[:40]!r})"
                for name, cell in zip(names, row, strict=True)
                if cell and not _is_float(cell)
            ]
            epoch = row[names.index("epoch")]
            if not (epoch.isdecimal() and len(epoch) <= len(str(MOST_EPOCHS))):
                problems.append(f"{line}: epoch is no whole number ({epoch[:40]!r})")
            elif int(epoch) <= last:
                problems.append(f"{line}: out of order, epoch {epoch} after {last}")
            else:
                last = int(epoch)
    except FileNotFoundError:
        return []
    except csv.Error as error:
        problems.append(f"{where}: cannot be read ({error})")
    except (UserError, OSError) as error:
        problems.append(str(error))
    return problems


def _is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _snapshot(folder: Path, snapshot: Snapshot) -> Iterator[str]:
    for image in snapshot.images:
        try:
            decoded(folder, image.file)
        except UserError as error:
            yield str(error)
        except OSError:
            yield f"{folder / image.file} is missing"
    yield from _object(folder, snapshot.matrices_file)[1]
    for file in (snapshot.grams_file, snapshot.weights_file):
        if os.path.lexists(folder / file):
            try:
                with safe_open(regular(folder, file), "np"):  # compares its header with its length
                    pass
            except UserError as error:
                yield str(error)
            except (SafetensorError, OSError, ValueError) as error:
                yield f"{folder / file} cannot be loaded ({' '.join(str(error).split())})"


def _object(folder: Path, file: str) -> tuple[dict[str, Any] | None, list[str]]:
    """The object in a JSON file, None where there is none; and what is wrong with a file that is there."""
    try:
        content = read_json(folder, file, MOST_MATRICES)
    except (FileNotFoundError, NotADirectoryError):
        return None, []
    except json.JSONDecodeError as error:
        return None, [f"{folder / file}: not JSON ({error.msg})"]
    except (UserError, OSError) as error:
        return None, [str(error)]
    return (content, []) if isinstance(content, dict) else (None, [f"{folder / file}: not a JSON object"])


def _others(folder: Path, snapshots: list[Snapshot]) -> list[str]:
    """Temporary files, links that lead outside, and files of snapshots that the index does not have."""
    known = {INDEX, CONTROLS, TRANSFER, LAYERS}
    known |= {image.file for snapshot in snapshots for image in snapshot.images}
    known |= {file for each in snapshots for file in (each.matrices_file, each.grams_file, each.weights_file)}
    problems = []
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "wandb")
        for name in sorted((*files, *folders)):
            path = Path(where, name)
            file = path.relative_to(folder).as_posix()
            if path.is_symlink():
                try:
                    inside(folder, file)
                except UserError as error:
                    problems.append(str(error))
                    continue
            if name.startswith(".") and name.endswith(".tmp"):
                problems.append(f"{path} is left over from a process that was killed")
            elif name in files and file not in known and _is_of_snapshot(file):
                problems.append(f"{path} is in no snapshot of the index")
    return problems


def _is_of_snapshot(file: str) -> bool:
    if file.startswith("checkpoints/"):
        return file.endswith(".safetensors")
    return file.startswith("evolution/") and not file.startswith(f"{REAL}/")
