"""Commands in processes of their own, which need not import the libraries again.

A process is forked from a server that has imported them, as that takes most of the time of a short command. featevo
itself is imported in the new process. `make docs-check` starts all printed commands from nothing.
"""

from __future__ import annotations

import atexit
import os
import runpy
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

LIBRARIES = ["torch", "torchvision", "pytorch_lightning", "matplotlib.figure", "hydra.main", "scipy.stats"]
"""Imported by the server; not wandb, which makes a temporary folder that the first process would remove."""

SMALL = ("debug=smoke", "trainer.accelerator=cpu", "data.source.train_per_class=8", "data.source.val_per_class=4")
"""Overrides that make a training run short."""


def command(
    folder: Path, *arguments: str, module: str = "featevo.train", stop: tuple[float, int] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENTS` in a folder, on one thread, without variables of W&B and Hydra.

    `stop`: a signal that is sent after so many seconds, if the command still runs.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB", "HYDRA"))}
    environment |= {"NETRC": str(folder / "netrc"), "OMP_NUM_THREADS": "1"}
    with TemporaryDirectory() as outputs:
        out, err = Path(outputs, "out"), Path(outputs, "err")
        process = _server().Process(target=_run, args=(folder, environment, module, arguments, out, err))
        process.start()
        if stop is not None:
            process.join(stop[0])
            if process.is_alive():
                os.kill(process.pid or 0, stop[1])
        process.join(300)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, 300, out.read_text(), err.read_text())
        assert process.exitcode is not None
        return subprocess.CompletedProcess(arguments, process.exitcode, out.read_text(), err.read_text())


@cache
def _server() -> ForkServerContext:
    server = get_context("forkserver")
    server.set_forkserver_preload(LIBRARIES)
    return server


def _run(
    folder: Path, environment: Mapping[str, str], module: str, arguments: tuple[str, ...], out: Path, err: Path
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    # A process that a shell started in the background ignores Ctrl+C; a user's does not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [module, *arguments]
    sys.path[0] = str(folder)
    code: object = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    # As the interpreter ends: multiprocessing would leave these out, and wait for pools of processes that never end.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)
