"""`sweep.resume=FOLDER`: repeat a multirun; only missing and unfinished jobs run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from featevo.app.paths import CONF
from featevo.app.trust import TRUST
from featevo.errors import UserError
from featevo.record.jobs import FINISHED, RUNNING
from featevo.record.safe import check_links
from featevo.record.sweep import read_sweep

KEY = "sweep.resume="
ASIDE = ".unfinished"
"""Folder in the sweep's folder that keeps unfinished attempts."""


def resumed(arguments: Sequence[str]) -> tuple[list[str], Path | None]:
    """The arguments of the multirun to resume, and its folder; without `sweep.resume` the same arguments and None.

    Other arguments, such as another launcher, are added. Folders of unfinished jobs are moved to `ASIDE`. The command
    in the folder may be somebody else's: the words of `to_repeat` are used only if the user gives them, too.

    Raises:
        UserError: The folder has no sweep, its jobs still run, an argument would change them, or a word of the command
            must be repeated.
    """
    given = [word for word in arguments if word.startswith(KEY)]
    if not given:
        return list(arguments), None
    folder = Path(given[-1].removeprefix(KEY))
    trusted = TRUST in arguments
    sweep = read_sweep(folder)
    added = [word for word in arguments if not word.startswith(KEY) and word != TRUST]
    for word in added:
        if not word.startswith(("launcher=", "hydra.")) and word not in sweep.command:
            raise UserError(
                f"{word}: would change the jobs of the sweep; {KEY}FOLDER allows only launcher= and hydra.*"
            )
    if not trusted:
        check_links(folder)
        needed = to_repeat(sweep.command)
        if any(word not in added for word in needed):
            raise UserError(
                f"{given[-1]}: its command has arguments that may run any code: {printed(needed)}; "
                f"repeat them, or add {TRUST} if you trust the folder"
            )
    jobs = sweep.jobs()
    running = [job.number for job in jobs if job.status == RUNNING]
    if running:
        raise UserError(f"{given[-1]}: job {running[0]} is still running; wait for it, or stop its process")
    for job in jobs:
        if job.folder is not None and job.status != FINISHED:
            _move_aside(job.folder)
    command = [*sweep.command, *(word for word in added if word not in sweep.command)]
    print(f"Resuming: python -m featevo.train {printed(command)}", flush=True)
    return [*command, f"hydra.sweep.dir={_quoted(folder)}"], folder


def to_repeat(command: Sequence[str]) -> list[str]:
    """The words of a recorded command that need the user's own: all but --multirun, choices of conf/, plain values."""
    needed = []
    value = False  # whether the word before is an option whose value this one may be
    for word in command:
        is_option = word.startswith("-") and word not in ("--multirun", "-m")
        if is_option or value or not (word.startswith("-") or _is_plain(word)):
            needed.append(word)
        value = is_option and "=" not in word
    return needed


def _is_plain(word: str) -> bool:
    # No options (--config-dir; --experimental-rerun unpickles), no keys of Hydra's (they name classes, programs and
    # variables of the environment), no other places to write to.
    match = re.fullmatch(r"(?:\+\+?|~)?((?!hydra\b)[A-Za-z]\w*(?:\.\w+)*)(=.*)?", word, re.DOTALL | re.ASCII)
    if match is None or match[1].endswith(("_dir", "_uri")) or not (match[2] or word.startswith("~")):
        return False
    value = (match[2] or "=")[1:]
    if match[1] in {group.name for group in CONF.iterdir() if group.is_dir()}:  # a path would be a file anywhere
        return re.fullmatch(r"[\w, *()\[\]-]*", value, re.ASCII) is not None
    # Interpolations and escapes could make a `_target_` of other text.
    return not any(sign in word for sign in ("_target_", "$", "\\"))


def printed(words: Sequence[str]) -> str:
    """Words as a shell takes them, in one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in shlex.join(words))


def _quoted(folder: Path) -> str:
    """A path as a value for Hydra."""
    return "'" + str(folder).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _move_aside(folder: Path) -> None:
    place = folder.parent / ASIDE
    place.mkdir(exist_ok=True)
    folder.rename(next(free for n in count(1) if not (free := place / f"{folder.name}-{n}").exists()))
