"""The arguments of the installed Lightning's Trainer, read from its source, as importing Lightning takes seconds."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def trainer_defaults() -> dict[str, Any]:
    """The default of every argument of `pytorch_lightning.Trainer`, by name."""
    spec = find_spec("pytorch_lightning")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "trainer" / "trainer.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    trainer = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Trainer")
    method = next(node for node in trainer.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    pairs = zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
    return {argument.arg: ast.literal_eval(default) for argument, default in pairs if default is not None}
