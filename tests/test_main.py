"""`featevo COMMAND` is the command of that name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from featevo.__main__ import COMMANDS, main

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.heavy


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "featevo", *words], capture_output=True, text=True, timeout=300)


def test_every_command_is_there():
    files = {path.stem for path in (ROOT / "featevo" / "commands").glob("*.py")} - {"__init__"}
    assert set(COMMANDS) == files


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_help_lists_the_commands(words, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["featevo", *words])
    assert main() == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("trian", "featevo: there is no command 'trian'; did you mean train? There are: train, report, "),
        ("--version", "featevo: there is no command '--version'. There are: train, report, "),
    ],
)
def test_another_word_is_one_line(word, line, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["featevo", word])
    assert main() == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith(line)


def test_a_command_gets_its_own_arguments():
    done = run("train", "--cfg", "job", "data=folder", "seed=7")
    assert done.returncode == 0
    assert "seed: 7" in done.stdout
    assert "featevo.data.folder.FolderSource" in done.stdout


def test_its_exit_code_is_the_commands(tmp_path):
    done = run("report", str(tmp_path / "nothing"))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_it_is_what_is_installed_as_a_script():
    assert '[project.scripts]\nfeatevo = "featevo.__main__:main"\n' in (ROOT / "pyproject.toml").read_text()


COMPLETE = """
eval "$(featevo -sc install=bash)"
COMP_LINE='LINE' COMP_POINT=${#COMP_LINE}
words=($COMP_LINE); COMP_CWORD=$((${#words[@]} - 1)); [[ "$COMP_LINE" == *" " ]] && COMP_CWORD=${#words[@]}
hydra_bash_completion
echo "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("featevo re", {"report", "render", "record"}),
        ("featevo train init=pre", {"init=pretrained"}),
        ("featevo train optimizer=adam", {"optimizer=adamw"}),
        ("featevo train trainer.max_ep", {"trainer.max_epochs="}),
        ("featevo gallery ste", {"steps="}),
        ("featevo report run", {"runs"}),  # a folder, as for any program
    ],
)
def test_a_shell_completes_commands_groups_and_keys(tmp_path, line, expected):
    (tmp_path / "runs").mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = COMPLETE.replace("LINE'", f"{line}'", 1)
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert set(done.stdout.split()) >= expected, done.stderr
    assert done.stderr == ""
