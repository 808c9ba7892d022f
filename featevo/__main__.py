"""`featevo COMMAND ...`, and the same as `python -m featevo COMMAND ...`: all commands under one name."""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module

from featevo.errors import ended

COMMANDS = {
    "train": "train a classifier and watch its features evolve; one run or a sweep",
    "report": "write one HTML page of a run or several",
    "watch": "show that page in a browser while training goes on",
    "figures": "draw figures, films and tables",
    "evaluate": "compute test metrics of a checkpoint",
    "render": "draw views of a network after its training",
    "gallery": "render a trained network's classes or inner layers",
    "measure": "compute measures of runs after their training",
    "silent": "test whether a callback leaves training unchanged",
    "study": "test a plan's claims on a sweep",
    "record": "check the files of a run",
    "workspace": "set up the dashboard of a project in Weights & Biases",
}
"""What each module of `featevo.commands` does."""


WITH_KEYS = ("train", "gallery")
"""Commands of Hydra: their groups, choices and keys are completed in a shell."""


def main() -> int:
    """Run the command that the first argument names; returns its exit code: 0 done, 2 the user's mistake."""
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        return ended(lambda: print(_help()))
    if words[0] == "-sc":
        return _complete(words)
    name = words[0]
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        print(f"featevo: there is no command {name!r}{hint} There are: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    sys.argv = [f"featevo {name}", *words[1:]]  # what Hydra and argparse read
    return _run(name)


def _run(name: str) -> int:
    code: int = import_module(f"featevo.commands.{name}").main()
    return code


def _complete(words: list[str]) -> int:
    """What `eval "$(featevo -sc install=bash)"` needs, and what a shell gets for the line that is typed.

    Both are Hydra's, which knows one word as the program: the command, which is the second one, is taken out.
    """
    line = os.environ.get("COMP_LINE", "").split(" ")
    name = WITH_KEYS[0]
    if words[1:2] == ["query=bash"]:
        if len(line) <= 2:
            print(*COMMANDS)
            return 0
        name = line.pop(1)
        os.environ["COMP_LINE"] = " ".join(line)
    sys.argv = ["featevo", *words]
    return _run(name) if name in WITH_KEYS else 0  # others take folders, which the shell completes itself


def _help() -> str:
    lines = [f"  {name:<10} {what}" for name, what in COMMANDS.items()]
    return "\n".join(["usage: featevo COMMAND ...", "", *lines, "", "featevo COMMAND --help explains a command."])


if __name__ == "__main__":
    sys.exit(main())
