"""`featevo.load`: the record of a run, or of several, as an object."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from featevo.errors import UserError
from featevo.notebook.run import Run
from featevo.notebook.runs import Runs
from featevo.page.gather import gather
from featevo.record.find import SHOWN
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE

MOST_BELOW = 100
"""Records that are looked for below a folder that has none itself."""


def load(*folders: str | Path) -> Run | Runs:
    """Read the record of a run, of a sweep, or of several runs; nothing of it is executed.

    The record is read once; load a run that is still training again to see its new snapshots.

    Args:
        folders: Of runs and sweeps.

    Returns:
        A `Run` for the folder of one run, `Runs` for a sweep and for several folders.

    Raises:
        UserError: There is no record, or it cannot be read; the message names runs below the folder.
    """
    paths = [Path(folder).expanduser() for folder in folders]
    for path in paths:
        if not path.is_dir():
            raise UserError(f"{path} is not a folder; give the folder of a run or a sweep")
    try:
        gathered = gather(paths)
    except UserError as error:
        raise UserError(f"{error}{_below(paths)}") from error
    if gathered.compared:
        return Runs(gathered)
    ((name, evolution),) = gathered.runs
    return Run(name, evolution)


def _below(folders: list[Path]) -> str:
    """Sweeps and runs one or two levels below some folders, for an error."""
    patterns = (f"*/{FILE}", f"*/{INDEX}", f"*/*/{FILE}", f"*/*/{INDEX}")
    files = (file for folder in folders for pattern in patterns for file in folder.glob(pattern))
    found = {file.parents[file.name != FILE] for file in islice(files, MOST_BELOW)}
    named = sorted(str(folder) for folder in found if folder.parent not in found)  # not the jobs of a sweep
    more = ", ..." * (len(named) > SHOWN)
    return f"; below it there are: {', '.join(named[:SHOWN])}{more}" if named else ""
