"""Every documented command is valid: configurations compose, options and files exist."""

from __future__ import annotations

import argparse
import os
import re
import runpy
import sys
import warnings
from functools import partial
from importlib.util import find_spec
from typing import Any

import pytest
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import OmegaConf
from wandb.cli.cli import cli

from featevo.app.schemas import plain, register
from featevo.sweep.planned_jobs import planned
from tests.documented.commands import COMMAND, ROOT, Command, commands_of, documented, sources

COMMANDS = documented()
HYDRA = ("featevo.train", "featevo.gallery")


def ids(command: Command) -> str:
    return command.line


def of(*programs: str) -> list[Command]:
    return [command for command in COMMANDS if " ".join(command.words[:3]).startswith(programs)]


def test_no_command_is_overlooked():
    """Each mention of a program within these files is one of the commands read from them."""
    for path in sources():
        whole = " ".join(re.sub(r"\n# *", "\n", path.read_text(encoding="utf-8")).replace("\\\n", " ").split())
        mentions = [whole[match.start() : match.start() + 60] for match in COMMAND.finditer(whole)]
        read = list(commands_of(path))
        # `tensorboard` and `wandb` are keys and words, too.
        missed = [
            mention
            for mention in mentions
            if re.match(r"python|make (demo|quick|test|check|docs-check) |pip", mention)
            and not any(mention.startswith(line[:60]) for line in read)
        ]
        assert not missed, f"{path.relative_to(ROOT)}: {missed}"
    assert len(COMMANDS) > 100


def test_every_program_is_checked_below():
    known = ("python -m", "python benchmarks/", "make", "pip install", "wandb", "tensorboard", "mlflow")
    assert of(*known) == COMMANDS


@pytest.mark.parametrize("command", of(*(f"python -m {name}" for name in HYDRA)), ids=ids)
def test_it_composes_as_printed(command, monkeypatch):
    if command.is_usage:
        assert set(re.findall(r"\[.*?\]", command.line)) == {"[GROUP=CHOICE ...]", "[KEY=VALUE ...]"}
        return
    monkeypatch.chdir(ROOT)
    name = command.words[2].removeprefix("featevo.")
    arguments = get_args_parser().parse_args(command.words[3:])
    overrides = arguments.overrides
    if any(word.startswith("sweep.resume=") for word in overrides):
        # It has no configuration of its own; `make docs-check` runs it.
        assert overrides == ["sweep.resume=SWEEP_FOLDER"]
        return
    for config in composed(arguments.config_name or name, overrides, arguments.config_dir, arguments.multirun):
        plain(config)


def composed(name: str, overrides: list[str], config_dir: str | None, multirun: bool) -> list[Any]:
    """The configuration of each job, by Hydra's own steps of a run or a multirun."""
    register()
    path = create_config_search_path(str(ROOT / "conf"))
    if config_dir is not None:
        path.prepend("command-line", f"file://{os.path.abspath(config_dir)}", SearchPathQuery(provider="schema"))
    hydra = Hydra.create_main_hydra2(name, path)
    try:
        if not multirun and hydra.get_mode(name, overrides) != RunMode.MULTIRUN:
            config = hydra.compose_config(name, overrides, RunMode.RUN)
            return [_task(config)]
        config = hydra.compose_config(name, overrides, RunMode.MULTIRUN)
        fixed = [word for word in config.hydra.overrides.task if "," not in word]
        plan = planned(config)
        assert len(plan) > 1, "a multirun of one job"
        seen: set[str] = set()
        jobs = []
        for job in plan:
            if not seen.issuperset(job):  # each value once, not each combination
                jobs.append(_task(hydra.config_loader.load_sweep_config(config, [*fixed, *job])))
            seen.update(job)
        return jobs
    finally:
        GlobalHydra.instance().clear()


def _task(config: Any) -> Any:
    return OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])


PARSED = [c for c in of("python -m", "python benchmarks/") if len(c.words) < 3 or c.words[2] not in HYDRA]


@pytest.mark.parametrize("command", PARSED, ids=ids)
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_its_arguments_are_accepted(command, monkeypatch):
    is_module = command.words[1] == "-m"
    program, arguments = (command.words[2], command.words[3:]) if is_module else (command.words[1], command.words[2:])
    if not arguments:  # the name of a command
        assert find_spec(program) if is_module else (ROOT / program).is_file()
        return

    class Parsed(BaseException):
        pass

    def parsed(parse: Any, parser: argparse.ArgumentParser, words: Any = None, namespace: Any = None) -> None:
        parse(parser, words, namespace)
        raise Parsed

    for name in ("parse_args", "parse_intermixed_args"):
        parse = getattr(argparse.ArgumentParser, name)
        monkeypatch.setattr(argparse.ArgumentParser, name, lambda *given, parse=parse: parsed(parse, *given))
    monkeypatch.setattr(sys, "argv", [program, *arguments])
    start = partial(runpy.run_module, program) if is_module else partial(runpy.run_path, str(ROOT / program))
    with pytest.raises(Parsed):
        start(run_name="__main__")


@pytest.mark.parametrize("command", of("make", "pip install", "wandb", "tensorboard", "mlflow"), ids=ids)
def test_its_program_accepts_it(command):
    program, *words = command.words
    if program == "make":
        assert re.search(rf"^{words[0]}:.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    elif program == "pip":
        extras = re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
        by_hand = ["install", "-c", "constraints.txt", "-e", "."]
        assert words in (by_hand, ["install", "mlflow"], *(["install", f"featevo[{extra}]"] for extra in extras))
    elif program == "wandb":
        assert words[0] in cli.commands
        options = {option for parameter in cli.commands[words[0]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options
        for word in words:
            assert not word.endswith(".yaml") or (ROOT / word).is_file()
    elif program == "tensorboard":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # TensorBoard's own, at its import
            from tensorboard.program import TensorBoard  # type: ignore[import-untyped]

        TensorBoard().configure(argv=command.words)
    else:
        assert words[:2] == ["ui", "--backend-store-uri"]  # the whole of MLflow is not a dependency
