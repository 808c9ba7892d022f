"""What a command line names is imported as Python would; every mistake is one line."""

import sys

import pytest

from featevo.errors import UserError
from featevo.silent.named import described, named

CODE = """from helper_of_mine import LIMIT

def make_trainer(callbacks):
    return LIMIT
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a file that imports its neighbour; what is imported is forgotten again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {*sys.modules}
    (tmp_path / "helper_of_mine.py").write_text("LIMIT = 3\n")
    (tmp_path / "project_of_mine.py").write_text(CODE)
    yield tmp_path
    for name in {*sys.modules} - before:
        del sys.modules[name]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_file_and_its_neighbour(project, monkeypatch, elsewhere):
    if elsewhere:
        monkeypatch.chdir(project.parent)
    place = f"{project}/" if elsewhere else ""
    make_trainer = named(f"{place}project_of_mine.py:make_trainer")
    assert make_trainer([]) == 3
    assert named(f"{place}project_of_mine.py:make_trainer") is make_trainer, "imported once"


def test_a_module(project):
    assert named("project_of_mine:make_trainer")([]) == 3
    assert named("featevo.evolve.callback:FeatureEvolutionCallback").__name__ == "FeatureEvolutionCallback"


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("project_of_mine.py", "project_of_mine.py: name an object as FILE.py:NAME or package.module:NAME"),
        (":x", ":x: name an object as FILE.py:NAME or package.module:NAME"),
        ("nowhere.py:x", "nowhere.py: there is no such file"),
        (
            "nowhere_at_all:x",
            "nowhere_at_all cannot be imported: ModuleNotFoundError: No module named ",
        ),
        (".x:y", ".x cannot be imported: TypeError: the 'package' argument is required to perform a relative import"),
        (
            "project_of_mine.py:make_traner",
            "project_of_mine.py:make_traner: there is no make_traner in project_of_mine.py; did you mean make_trainer?",
        ),
        ("project_of_mine:zzz", "project_of_mine:zzz: there is no zzz in project_of_mine"),
        ("broken.py:x", "broken cannot be imported: ZeroDivisionError: division by zero (broken.py, line 2)"),
        ("wrong.py:x", "wrong cannot be imported: SyntaxError: '(' was never closed (wrong.py, line 1)"),
        ("random.py:x", "random.py: Python has another module with the name random; rename the file"),
    ],
)
def test_mistakes(project, word, line):
    (project / "broken.py").write_text("\n1 / 0\n")
    (project / "wrong.py").write_text("f(\n")
    (project / "random.py").write_text("x = 1\n")
    with pytest.raises(UserError) as error:
        named(word)
    assert str(error.value).startswith(line)


def test_an_error_in_a_library_is_shown_with_the_users_line():
    try:
        sys.modules["torch"].zeros(-1)
    except RuntimeError as error:
        found = described(error)
    assert found.startswith("RuntimeError: ")
    assert "(test_named.py, line " in found
