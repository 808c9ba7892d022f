"""The output of a run: on a terminal a line per snapshot above the bars, in a pipe only these lines."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from tests.processes import SMALL, command

SNAPSHOT = re.compile(
    r"epoch   (\d)  [ \d]{3}\.\d % (\([+-]\d+\.\d\)|       ) +(every epoch|improvement|last epoch) +"
    r"4 classes in \d+\.\d s  p\(class\) [01]\.\d\d"
)
RUN = (*SMALL, "logger=none", "evolution.trigger=every_epoch", "hydra.run.dir=run")


def screen(shown):
    """The lines of an infinitely high terminal after a program has written to it."""
    lines, row, column = [""], 0, 0
    for control, number, kind, text in re.findall(r"(\x1b\[\??(\d*)[\d;]*([A-Za-z])|\r|\n)|([^\x1b\r\n]+)", shown):
        if text:
            lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
            column += len(text)
        elif control == "\r":
            column = 0
        elif control == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif kind == "A":
            row -= int(number or 1)
        elif kind == "K":
            lines[row] = ""
    return [line.rstrip() for line in lines]


@pytest.fixture(scope="module")
def terminal(tmp_path_factory):
    """Run the command on a terminal; return its whole output."""
    folder = tmp_path_factory.mktemp("terminal")
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 150, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "NETRC": str(folder / "netrc"), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "featevo.train", *RUN]
    process = subprocess.Popen(words, cwd=folder, env=environment, stdin=child, stdout=child, stderr=child)
    os.close(child)
    shown = b""
    while True:
        try:
            shown += os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
    os.close(parent)
    assert process.wait() == 0, shown.decode()
    return shown.decode()


def test_on_a_terminal_snapshot_lines_are_above_the_bars(terminal):
    assert "Drawing 4 classes" in terminal
    assert "Epoch 1/2" in terminal
    lines = screen(terminal)
    drawn = [SNAPSHOT.fullmatch(line) for line in lines if line.startswith("epoch   ")]
    assert [found and found[1] for found in drawn] == ["1", "2"], lines
    (second,) = [place for place, line in enumerate(lines) if line.startswith("epoch   2")]
    assert not any("Epoch" in line for line in lines[:second]), "the bar went on below"
    assert sum("Epoch 2/2" in line for line in lines) == 1


def test_in_a_pipe_there_are_plain_lines_and_no_bars(tmp_path):
    done = command(tmp_path, *RUN)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)
    lines = done.stdout.splitlines()
    drawn = [found for line in lines if (found := SNAPSHOT.fullmatch(line))]
    assert [(found[1], bool(found[2].strip())) for found in drawn] == [("1", False), ("2", True)]
    assert not any("Drawing" in line or "Epoch" in line for line in lines)
    logged = [line.partition("] ")[2] for line in (tmp_path / "run" / "train.log").read_text().splitlines()]
    assert [found[0] for found in drawn] == [line for line in logged if SNAPSHOT.fullmatch(line)]
