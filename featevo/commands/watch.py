"""`python -m featevo.watch RUN_OR_SWEEP [RUN_OR_SWEEP ...] [--port N]`: the page while training goes on."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError, ended
from featevo.page.live import LivePage
from featevo.page.server import PageServer


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command until Ctrl+C; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.watch",
        description="Serve the page on this machine while training goes on; new snapshots appear by themselves.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN_OR_SWEEP", help="folder of a run or a sweep")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="of the server (default: a free one)")
    options = parser.parse_args(arguments)
    return ended(lambda: _serve(options.folders, options.port))


def _serve(folders: Sequence[Path], port: int) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise UserError(f"{folder} is not a folder; name that of a run or a sweep, which may be empty yet")
    with PageServer(LivePage(folders), port) as server:
        try:
            print(f"Watching {shlex.join(map(str, folders))} at {server.url} (Ctrl+C ends it)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            pass
