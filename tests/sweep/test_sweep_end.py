"""The end of a multirun: record, table, comparison, page; and its live status."""

import json
import os
import shlex
import socket

import numpy as np
import pytest
from PIL import Image

from featevo.record.sweep import Sweep, read_sweep
from featevo.sweep.resume import resumed
from featevo.sweep.sweep_end import close_sweep
from featevo.sweep.watch import Watch, line

RUNNING = {"status": "running", "process": os.getpid(), "host": socket.gethostname()}


def test_the_record_has_the_end_of_each_job(sweep):
    assert not close_sweep(sweep, interrupted=False)
    content = json.loads((sweep.folder / "sweep.json").read_text())
    assert (content["status"], content["name"], content["command"]) == ("failed", "study", sweep.command)
    assert [job["status"] for job in content["jobs"]] == ["finished", "finished", "failed", "missing"]
    assert content["jobs"][1]["best"] == pytest.approx(0.9)
    assert content["jobs"][0]["folder"] == "0-seed-0"
    assert read_sweep(sweep.folder).plan == sweep.plan


def test_a_complete_sweep_is_finished(sweep):
    whole = Sweep(sweep.folder, sweep.command, sweep.plan[:2])
    assert close_sweep(whole, interrupted=False)
    assert json.loads((sweep.folder / "sweep.json").read_text())["status"] == "finished"
    close_sweep(whole, interrupted=True)
    assert json.loads((sweep.folder / "sweep.json").read_text())["status"] == "interrupted"


def test_the_table_names_failed_jobs_and_the_command_to_resume(sweep, capsys):
    close_sweep(sweep, interrupted=False)
    shown = capsys.readouterr().out
    assert "Job 2: RuntimeError: [no]" in shown
    assert "Job 3: did not run" in shown
    assert f"python -m featevo.train sweep.resume={sweep.folder}" in shown
    assert "0.9000" in shown


def test_the_command_to_resume_repeats_what_the_record_may_not_decide(sweep, capsys):
    sweep.command[:] = ["--config-dir", "my sweeps", "--config-name", "init_mode", "debug=small"]
    close_sweep(sweep, interrupted=False)
    words = f"sweep.resume={sweep.folder} --config-dir 'my sweeps' --config-name init_mode"
    assert f"Run what is missing: python -m featevo.train {words}\n" in capsys.readouterr().out
    arguments, lock = resumed(shlex.split(words))
    assert lock is not None
    lock.close()
    assert arguments[:-1] == sweep.command


def test_the_comparison_has_a_row_per_job_and_few_columns(sweep, colour):
    close_sweep(sweep, interrupted=False)
    figure = np.asarray(Image.open(sweep.folder / "comparison.png").convert("RGB"))
    first = np.all(figure == colour(0), axis=-1)
    # The first class is the upper left quarter of a panel: 2 panels in the first row, of 9 snapshots 6 in the second.
    edges = np.diff(first.astype(int), axis=1, prepend=0) == 1
    panels = sorted({int(row.sum()) for row in edges if row.any()})
    assert panels == [2, 6]
    page = (sweep.folder / "report.html").read_text()
    assert "0-seed-0" in page
    assert "1-seed-1" in page


def test_without_images_there_is_no_figure(tmp_path):
    empty = Sweep(tmp_path, [], [("seed=0",)])
    assert not close_sweep(empty, interrupted=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sweep.json"]


def test_a_job_that_is_started_again_is_reported_when_it_ends(sweep, monkeypatch):
    reported: list[str] = []
    path = sweep.folder / "2-seed-2" / "run.json"
    watch = Watch(sweep, reported.append)  # job 2 has failed before
    path.write_text(json.dumps(RUNNING))
    watch._update()
    path.write_text('{"status": "finished", "seconds": 3.2}')
    watch.stop()
    assert reported == ["[3/4] seed=2: finished, 3 s"]


def test_the_live_line_is_reported_once_for_each_job_that_ends(sweep):
    (sweep.folder / "2-seed-2" / "run.json").write_text(json.dumps(RUNNING))
    reported: list[str] = []
    watch = Watch(sweep, reported.append)
    (sweep.folder / "2-seed-2" / "run.json").write_text('{"status": "failed", "error": "no", "seconds": 3.2}')
    watch.stop()
    assert reported == ["[3/4] seed=2: failed (no), 3 s"]
    jobs = sweep.jobs()
    assert line(jobs[1], jobs, 2) == "[2/4] seed=1: finished, best 0.9000 in epoch 9"
