"""`python -m featevo.watch`: one line, an end by Ctrl+C, mistakes in one line."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from featevo.commands.watch import main


def test_it_serves_until_ctrl_c(make_run):
    run = make_run()
    # Where the tests run in the background, a shell has them ignore SIGINT.
    program = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from featevo.commands.watch import main\n"
        "sys.exit(main())\n"
    )
    command = [sys.executable, "-c", program, str(run)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(rf"Watching {run} at (http://127\.0\.0\.1:\d+/) \(Ctrl\+C ends it\)\n", line)
        assert found is not None, line
        with urllib.request.urlopen(found[1], timeout=30) as answer:
            assert "<title>scenes" in answer.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
    assert sorted(file.name for file in run.iterdir()) == ["evolution", "run.json"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{folder}/nowhere"], "nowhere is not a folder; name that of a run or a sweep, which may be empty yet"),
        (["{folder}", "{folder}/file"], "file is not a folder"),
        (["{folder}", "--port", "70000"], "--port 70000 cannot be used"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, capsys, arguments, words):
    (tmp_path / "file").touch()
    assert main([word.format(folder=tmp_path) for word in arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: ")
    assert words in printed.err
    assert printed.err.count("\n") == 1
