"""`python -m featevo.figures`: the files it writes, the paths it prints, mistakes in one line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from PIL import Image

from featevo.figures.__main__ import main
from featevo.figures.formats import FORMATS
from tests.conftest import real_colour
from tests.figures.parts import count_dots


def run_main(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    return code, shown.out.splitlines(), shown.err.splitlines()


def test_the_figures_of_a_run_are_in_its_folder(make_run, capsys):
    run = make_run()
    code, printed, errors = run_main(capsys, run)

    assert (code, errors) == (0, [])
    names = [f"{stem}.{kind}" for kind in ("png", "svg", "pdf") for stem in ("evolution", "accuracy")]
    assert printed == [str(run / name) for name in names]
    assert all((run / name).stat().st_size > 1000 for name in names)


def test_every_format_is_written_elsewhere(make_run, tmp_path, capsys):
    pytest.importorskip("imageio_ffmpeg")
    run, out = make_run(), tmp_path / "new" / "folder"
    before = sorted(file.name for file in run.iterdir())
    code, printed, _ = run_main(capsys, run, "--format", ",".join(FORMATS), "--out", out)

    assert code == 0
    names = [*(f"evolution.{kind}" for kind in FORMATS), *(f"accuracy.{kind}" for kind in ("png", "svg", "pdf"))]
    assert sorted(printed) == sorted(str(out / name) for name in names)
    assert sorted(file.name for file in out.iterdir()) == sorted(names)
    assert sorted(file.name for file in run.iterdir()) == before


def test_several_runs_are_compared(make_run, tmp_path, capsys):
    one, two = make_run("one"), make_run("two")
    code, printed, _ = run_main(capsys, one, two, "--format", "svg,md,tex")

    assert code == 0
    names = ("comparison.svg", "classes.svg", "comparison.md", "comparison.tex")
    assert printed == [str(tmp_path / name) for name in names]


def test_recorded_real_images_are_in_the_figures(make_run, tmp_path, capsys):
    one, two = make_run("one", real=1), make_run("two")
    names = {"evolution.png": [one], "evolution.webp": [one], "comparison.png": [one, two], "classes.png": [one, two]}
    for name, runs in names.items():
        for out, flags in {"with": [], "without": ["--no-real"]}.items():
            kind = name.partition(".")[2]
            assert run_main(capsys, *runs, *flags, "--format", kind, "--out", tmp_path / out)[0] == 0
        dots = [count_dots(Image.open(tmp_path / out / name)) for out in ("with", "without")]
        assert [real_colour(0) in counts for counts in dots] == [True, False]


def test_dots_per_inch_set_the_width(make_run, tmp_path, capsys):
    run = make_run()
    widths = []
    for dpi in (150, 300):
        assert run_main(capsys, run, "--format", "png", "--dpi", dpi, "--out", tmp_path / str(dpi))[0] == 0
        with Image.open(tmp_path / str(dpi) / "evolution.png") as shown:
            widths.append(shown.width)

    assert widths[1] == pytest.approx(2 * widths[0], rel=0.15)


def test_jobs_left_out_are_named_on_stderr(make_run, tmp_path, capsys):
    make_run("study/0-seed-0")
    jobs = [{"overrides": [f"seed={number}"]} for number in range(2)]
    (tmp_path / "study" / "sweep.json").write_text(json.dumps({"command": [], "started": "", "jobs": jobs}))
    code, printed, errors = run_main(capsys, tmp_path / "study", "--format", "png")

    assert (code, printed) == (0, [str(tmp_path / "study" / "comparison.png")])
    assert errors == [f"Left out: {tmp_path / 'study'}: seed=1: did not run, and has no images"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{tmp}"], "Error: {tmp}: neither a run folder nor a sweep's: it has neither evolution/index.jsonl nor"),
        (["{run}", "--format", "jpg"], "Error: --format jpg: jpg is not known; there are png, svg, pdf, webp, gif"),
        (["{run}", "--format", "png,"], "Error: --format png,: an empty name is not known; there are"),
        (["{run}", "--real"], "Error: --real: scenes: no real images are recorded in evolution/real; older runs have"),
        (["{run}", "{other}", "--real"], "Error: --real: 2 runs: no real images are recorded"),
        (["{run}", "--dpi", "10"], "Error: --dpi 10: must be from 50 to 1200"),
        (
            ["{run}", "{other}", "--format", "gif"],
            "Error: gif: a film shows one run, and these are 2; they take",
        ),
        (
            ["{run}", "--out", "{run}/run.json"],
            "Error: {run}/run.json/evolution.png cannot be written (",
        ),
        (["{empty}", "--format", "gif"], "Error: {empty}: finished, and has no images"),
    ],
)
def test_mistakes_are_one_line(make_run, tmp_path, capsys, arguments, message):
    places = {"tmp": tmp_path, "run": make_run(), "other": make_run("other"), "empty": make_run("empty", accuracies=())}
    code, printed, errors = run_main(capsys, *(text.format(**places) for text in arguments))

    assert (code, printed, len(errors)) == (2, [], 1)
    assert errors[0].startswith(message.format(**places))


def test_half_written_and_older_records_are_drawn(make_run, capsys):
    def older(entries):
        for entry in entries:
            for key in ("provenance", "measures", "seconds", "trigger", "folder", "error"):
                del entry[key]

    run = make_run(change=older)
    (run / "run.json").write_text('{"name": "sce')
    with (run / "evolution" / "index.jsonl").open("a") as index:
        index.write('{"schema": 1, "epoch": 4, "ren')
    for file in run.glob("evolution/epoch=002/*.png"):
        file.unlink()

    assert run_main(capsys, run, "--format", "png,svg,webp,md,tex")[0] == 0


def test_it_is_a_command(tmp_path):
    command = [sys.executable, "-m", "featevo.figures", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_it_starts_without_torch_and_hydra():
    code = "import sys, featevo.figures.__main__; assert not {'torch', 'hydra', 'matplotlib.pyplot'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
