"""`python -m featevo.render RUN_OR_CHECKPOINT ... [KEY=VALUE ...]`: draw views of a network after its training.

Of a run or a sweep, every configured view that a snapshot lacks is drawn from the weights of that snapshot, into the
same record. Of a file of weights, the views are drawn once, into a new run folder.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from featevo.errors import DONE, FAILED, UserError, ended
from featevo.record.find import find_runs
from featevo.record.schema import Snapshot

if TYPE_CHECKING:
    from featevo.app.render_run import Rendered

# What draws is imported by the functions that need it: help and mistakes in arguments need none of it, and it takes
# seconds.

EXAMPLES = """
examples:
  python -m featevo.render RUN "evolution.views=[channels,inversion]"
  python -m featevo.render RUN "evolution.views={fine: {view: classes, steps: 256, regularizer: mahendran}}"
  python -m featevo.render FILE model=vgg16 "evolution.views=[classes,attribution]"
  python -m featevo.render RUN --check
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 1 images differ (`--check`), 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.render",
        description="Draw views of a network after its training.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "words",
        nargs="+",
        metavar="RUN_OR_CHECKPOINT|KEY=VALUE",
        help="folders of runs or sweeps, or one file of weights; settings as for featevo.train",
    )
    parser.add_argument(
        "--check", action="store_true", help="draw again what the record has; exit code 1 if it differs"
    )
    parser.add_argument("--epochs", type=_epochs, metavar="N,N", help="only these epochs")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that draw (default: 1)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the new folder, for a file of weights")
    parser.add_argument(
        "--trust", action="store_true", help="build whatever the runs' configurations name, which may run any code"
    )
    options = parser.parse_intermixed_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    differing = 0

    def render() -> None:
        nonlocal differing
        paths, words = _sorted(options.words)
        if options.jobs < 1:
            raise UserError(f"--jobs {options.jobs}: must be at least 1")
        if any(path.is_file() for path in paths):
            _render_file(paths, words, options)
            return
        if options.out is not None:
            raise UserError(f"--out {options.out}: images of a run are put into its own record")
        found = find_runs(paths)
        for left in found.left_out:
            print(f"Left out: {left}", file=sys.stderr)
        if options.check and words:
            raise UserError(f"{words[0]}: --check draws with the recorded settings")
        for evolution in found.evolutions:
            if options.check:
                differing += _check(evolution.folder, options.trust)
            else:
                _render_run(evolution.folder, words, options)

    return ended(render) or (FAILED if differing else DONE)


def _render_run(folder: Path, words: Sequence[str], options: argparse.Namespace) -> None:
    from featevo.app.render_run import render_run
    from featevo.figures.run_files import draw_summary
    from featevo.page.report_file import write_page

    def show(rendered: Rendered) -> None:
        count = len(rendered.drawn)
        print(
            f"epoch {rendered.snapshot.epoch:>3}  {rendered.view} {count} images in {rendered.seconds:.1f} s",
            flush=True,
        )

    count = render_run(folder, words, options.trust, options.epochs, options.jobs, show)
    if count:
        draw_summary(folder)
        write_page(folder)
    print(f"{folder}: {count} images added{'' if count else '; the record has all of these views'}", flush=True)


def _render_file(paths: Sequence[Path], words: Sequence[str], options: argparse.Namespace) -> None:
    if len(paths) > 1:
        raise UserError(f"{paths[1]}: a file of weights is rendered alone")
    if options.check or options.epochs:
        raise UserError(f"{paths[0]}: --check and --epochs are for the record of a run")

    from featevo.app.render_file import render_file

    def show(snapshot: Snapshot) -> None:
        for view, seconds in snapshot.view_seconds.items():
            print(f"{view} {len(snapshot.of_view(view))} images in {seconds:.1f} s", flush=True)

    folder = render_file(paths[0], words, options.out, options.trust, show)
    print(f"Run folder: {folder}\nPage: {folder / 'report.html'}", flush=True)


def _check(folder: Path, trusted: bool) -> int:
    """Print what differs; returns the number of images that do."""
    from featevo.app.render_check import Checked, check_run

    checked = list[Checked]()
    for one in check_run(folder, trusted):
        checked.append(one)
        if not one.drawn:
            print(f"{one.snapshot.folder} {one.view}: not checked, its weights were not kept", file=sys.stderr)
        for line in one.differences:
            print(f"{line}{''.join(f' ({other})' for other in one.other)}", flush=True)
    if not any(one.drawn for one in checked):
        raise UserError(f"{folder}: nothing can be checked, no weights of its snapshots were kept")
    differing = sum(len(one.differences) for one in checked)
    same = sum(one.images for one in checked if one.drawn) - differing
    print(f"{folder}: {same} images have the same bytes, {differing} differ", flush=True)
    return differing


def _sorted(words: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Paths and overrides; a name with `=` in it, as a snapshot's weights have, is a path where it exists."""
    paths = [Path(word) for word in words if "=" not in word or Path(word).exists()]
    if missing := next((path for path in paths if not path.exists()), None):
        raise UserError(f"{missing}: there is no such file or folder")
    if not paths:
        raise UserError("name the folder of a run or a sweep, or a file of weights")
    return paths, [word for word in words if "=" in word and not Path(word).exists()]


def _epochs(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: give whole numbers, such as 1,4") from error
