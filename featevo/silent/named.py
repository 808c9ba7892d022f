"""An object that a command line names: `FILE.py:NAME` or `package.module:NAME`."""

from __future__ import annotations

import difflib
import sys
import sysconfig
import traceback
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from featevo.errors import UserError

ELSEWHERE = (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), str(Path(__file__).parent.parent))
"""Folders of code that is not the user's."""


def named(word: str) -> Any:
    """Import the module, as Python would, and return its object of that name.

    Raises:
        UserError: When there is no such module or object, or the module cannot be imported.
    """
    place, colon, name = word.rpartition(":")
    if not colon or not name.isidentifier() or not place:
        raise UserError(f"{word}: name an object as FILE.py:NAME or package.module:NAME")
    module = _of_file(Path(place)) if place.endswith(".py") else _imported(place, Path.cwd())
    if not hasattr(module, name):
        near = difflib.get_close_matches(name, vars(module), n=1)
        raise UserError(f"{word}: there is no {name} in {place}{f'; did you mean {near[0]}?' if near else ''}")
    return getattr(module, name)


def described(error: BaseException) -> str:
    """An exception with its last line in the user's code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith((*ELSEWHERE, "<"))]
    place = f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {error}{place}"


def _of_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise UserError(f"{file}: there is no such file")
    module = _imported(file.stem, file.resolve().parent)
    if Path(str(module.__file__)).resolve() != file.resolve():
        raise UserError(f"{file}: Python has another module with the name {file.stem}; rename the file")
    return module


def _imported(name: str, folder: Path) -> ModuleType:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        return import_module(name)
    except Exception as error:
        raise UserError(f"{name} cannot be imported: {described(error)}") from error
