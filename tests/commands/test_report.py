"""`python -m featevo.report`: the place of the page, the output, mistakes in one line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from featevo.commands.report import main
from featevo.errors import UserError
from featevo.page.page import write_report


def test_the_page_is_written_into_the_common_folder(make_run, tmp_path):
    runs = [make_run("random"), make_run("pretrained")]
    assert write_report(runs[:1]) == runs[0] / "report.html"
    assert write_report(runs) == tmp_path / "report.html"
    assert write_report(runs, tmp_path / "new" / "both.html") == tmp_path / "new" / "both.html"
    assert "<title>2 runs · featevo</title>" in (tmp_path / "new" / "both.html").read_text()


def test_no_temporary_file_is_left(make_run):
    run = make_run()
    write_report([run])

    assert sorted(file.name for file in run.iterdir()) == ["evolution", "report.html", "run.json"]


def test_a_page_that_cannot_be_written_is_a_user_error(make_run, tmp_path):
    with pytest.raises(UserError, match=r"cannot be written .* --out"):
        write_report([make_run()], tmp_path / "scenes")
    with pytest.raises(UserError, match="give at least one folder of a run or a sweep"):
        write_report([])


def test_the_command_prints_the_path_of_the_page(make_run, capsys):
    run = make_run()

    assert main([str(run)]) == 0
    assert capsys.readouterr() == (f"{run / 'report.html'}\n", "")


def test_folders_left_out_are_named_and_the_rest_is_shown(make_run, tmp_path, capsys):
    run = make_run()
    assert main([str(run), str(tmp_path / "nowhere")]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{run / 'report.html'}\n"
    assert printed.err.startswith(f"Left out: {tmp_path / 'nowhere'}: neither a run folder nor a sweep's: ")
    assert printed.err.count("\n") == 1


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path):
    command = [sys.executable, "-m", "featevo.report", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "neither a run folder nor a sweep's" in done.stderr
    assert list(tmp_path.iterdir()) == []
