"""Kills runs at random moments, resumes them and compares the end with that of an undisturbed run.

    make torture

The moments and the signals (SIGKILL, SIGTERM, Ctrl+C in turn) are drawn from a seed, evenly over the time of an
undisturbed run: loading, training, rendering, saving and closing. Writes `docs/torture.json` with a row for each kill.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import signal
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from featevo.errors import DONE
from featevo.record.provenance import versions
from tests.processes import SMALL, command
from tests.same_record import assert_same_record

TRAINING = (
    *SMALL,
    "logger=none",
    "trainer.max_epochs=3",
    "model.dropout=0.3",
    "evolution.trigger=every_epoch",
    "measures.seeds=1",
    "hydra.run.dir=run",
)
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass
class Kill:
    """One kill and what came of it.

    Attributes:
        number: Of the kill, which seeds its moment.
        signal: Its name.
        after: Seconds after the start of the command.
        ended: Seconds until the process had ended; None: it had ended before.
        status: Of the run in `run.json` then; "no run": it had not begun.
        epochs: Complete epochs in `metrics.csv` then.
        same: Whether the resumed run has the same record as an undisturbed one, to the bit.
    """

    number: int
    signal: str
    after: float
    ended: float | None
    status: str
    epochs: int
    same: bool = False


def undisturbed(folder: Path) -> tuple[Path, float]:
    """A run of the training above, and its seconds once the libraries are imported."""
    seconds = 0.0
    for attempt in ("first", "second"):
        (folder / attempt).mkdir()
        began = time.monotonic()
        done = command(folder / attempt, *TRAINING)
        seconds = time.monotonic() - began
        assert done.returncode == DONE, done.stderr
    return folder / "second" / "run", seconds


def kill(folder: Path, whole: Path, seconds: float, number: int) -> Kill:
    """Start the training in a folder, kill it at a moment that depends on the number, and resume it."""
    after = random.Random(number).uniform(0, seconds)
    signum = SIGNALS[number % len(SIGNALS)]
    began = time.monotonic()
    done = command(folder, *TRAINING, stop=(after, signum))
    ended = time.monotonic() - began - after
    run = folder / "run"
    has_run = (run / "run.json").is_file()
    status = json.loads((run / "run.json").read_text())["status"] if has_run else "no run"
    table = run / "metrics.csv"
    epochs = len(table.read_text().splitlines()) - 1 if table.is_file() else 0
    row = Kill(number, signum.name, round(after, 2), None, status, epochs)
    if done.returncode == DONE:  # it ended before the signal came
        assert status == "finished"
    else:
        row.ended = round(ended, 2)
        allowed = {"SIGKILL": {"running", "finished"}}.get(signum.name, {"interrupted", "finished"})
        assert status in {"no run", *allowed}, (status, done.stderr)
    again = command(folder, *(("resume=run",) if has_run else TRAINING))
    assert again.returncode == DONE, again.stderr
    assert_same_record(whole, run)
    row.same = True
    return row


def main() -> None:
    """Kill so many runs and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("docs/torture.json"))
    arguments = parser.parse_args()
    rows = []
    with TemporaryDirectory() as place:
        whole, seconds = undisturbed(Path(place))
        for number in range(arguments.kills):
            with TemporaryDirectory() as folder:
                rows.append(kill(Path(folder), whole, seconds, number))
            print(json.dumps(asdict(rows[-1])), flush=True)
    result = {
        "command": "make torture",
        "seconds": round(seconds, 1),
        "machine": platform.machine(),
        "versions": versions(),
        "same": sum(row.same for row in rows),
        "statuses": dict(Counter(f"{row.signal}: {row.status}" for row in rows)),
        "slowest_end": {
            name: max((row.ended or 0.0 for row in rows if row.signal == name), default=0.0)
            for name in (each.name for each in SIGNALS)
        },
        "kills": [asdict(row) for row in rows],
    }
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
