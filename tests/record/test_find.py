"""Files that nobody named go where they take no other's place."""

import json
from pathlib import Path

import pytest

from featevo import report
from featevo.errors import UserError
from featevo.figures import __main__ as figures
from featevo.record.find import may_write


@pytest.fixture
def sweep(make_run, tmp_path):
    for number in range(2):
        make_run(f"study/{number}-seed-{number}")
    jobs = [{"overrides": [f"seed={number}"]} for number in range(2)]
    (tmp_path / "study" / "sweep.json").write_text(json.dumps({"command": [], "started": "", "jobs": jobs}))
    return tmp_path / "study"


@pytest.mark.parametrize(
    ("command", "name", "out"), [(report.main, "report.html", "a.html"), (figures.main, "comparison.md", "a")]
)
def test_two_runs_of_a_sweep_do_not_replace_its_own_files(sweep, capsys, command, name, out):
    (sweep / name).write_text("of the sweep")
    options = ["--format", "md"] if command is figures.main else []
    runs = [str(sweep / "0-seed-0"), str(sweep / "1-seed-1")]
    assert command([*runs, *options]) == 2
    said = f"{sweep} holds all of these and is none of them; --out says where to write\n"
    assert capsys.readouterr().err.removeprefix("Error: ") == said
    assert (sweep / name).read_text() == "of the sweep"
    assert command([*runs, *options, "--out", str(sweep / out)]) == 0
    assert command([str(sweep), runs[0], *options]) == 0, "the sweep itself was given"
    assert (sweep / name).read_text() != "of the sweep"


def test_runs_far_apart_do_not_write_above_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for folder in (tmp_path / "home", tmp_path, Path("/")):
        folder.mkdir(exist_ok=True)
        with pytest.raises(UserError, match="--out says where to write"):
            may_write(folder, [tmp_path / "nowhere"])
    (tmp_path / "home" / "runs").mkdir()
    assert may_write(tmp_path / "home" / "runs", []) == tmp_path / "home" / "runs"
    assert may_write(tmp_path / "home", [tmp_path / "home"]) == tmp_path / "home"
