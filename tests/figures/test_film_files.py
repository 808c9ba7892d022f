"""Film files: frames in order, with their durations, in formats that players read."""

from __future__ import annotations

import builtins
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageChops

from featevo.errors import UserError
from featevo.figures.film import FILMS, draw_frames, save_film
from featevo.record.reading import read_evolution

ffmpeg = pytest.importorskip("imageio_ffmpeg")


@pytest.mark.parametrize("kind", ["webp", "gif"])
@pytest.mark.parametrize("accuracies", [(0.5,), (None, 0.25, 0.5), (0.25, 0.25, 0.25, 0.25)])
def test_one_frame_per_snapshot(make_run, tmp_path, accuracies, kind):
    path = save_film(read_evolution(make_run(accuracies=accuracies)), tmp_path / "out" / f"evolution.{kind}")

    with Image.open(path) as shown:
        assert getattr(shown, "n_frames", 1) == len(accuracies)
    assert [file.name for file in path.parent.iterdir()] == [f"evolution.{kind}"]


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_it_loops_and_shows_the_last_frame_longer(make_run, tmp_path, kind):
    evolution = read_evolution(make_run())
    with Image.open(save_film(evolution, tmp_path / f"a.{kind}")) as shown:
        assert shown.info["loop"] == 0
        durations = []
        for number, frame in enumerate(draw_frames(evolution)):
            shown.seek(number)
            difference = np.asarray(ImageChops.difference(shown.convert("RGB"), frame))
            assert difference.max() == 0 if kind == "webp" else difference.mean() < 1
            durations.append(shown.info["duration"])

    assert durations == [800, 800, 2400]


def test_a_long_film_is_without_loss_too(make_run, tmp_path, monkeypatch):
    evolution = read_evolution(make_run())
    well = save_film(evolution, tmp_path / "a.webp").stat().st_size
    monkeypatch.setattr("featevo.figures.film.FEW", 2)
    with Image.open(save_film(evolution, tmp_path / "b.webp")) as shown:
        for number, frame in enumerate(draw_frames(evolution)):
            shown.seek(number)
            assert np.array_equal(np.asarray(shown.convert("RGB")), np.asarray(frame))
    assert (tmp_path / "b.webp").stat().st_size > well


def test_a_gif_keeps_white_and_images_close(make_run, tmp_path):
    run = make_run(accuracies=(0.5,))
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(noise).save(run / "evolution" / "epoch=001" / "000.png")
    evolution = read_evolution(run)
    (frame,) = draw_frames(evolution)
    with Image.open(save_film(evolution, tmp_path / "a.gif")) as file:
        shown = file.convert("RGB")

    white = (np.asarray(frame) == 255).all(-1)
    # Dithering changes a few dots near images and letters.
    assert (np.asarray(shown)[white] == 255).all(-1).mean() > 0.998
    assert np.asarray(ImageChops.difference(shown, frame)).mean() < 4


def test_an_mp4_plays_everywhere(make_run, tmp_path):
    evolution = read_evolution(make_run())
    path = save_film(evolution, tmp_path / "a.mp4")
    frames = [np.asarray(frame).astype(int) for frame in draw_frames(evolution)]
    command = [ffmpeg.get_ffmpeg_exe(), "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    shown = np.frombuffer(done.stdout, np.uint8).reshape(-1, *frames[0].shape)

    assert b"Video: h264" in done.stderr
    assert b"yuv420p" in done.stderr
    assert b"Duration: 00:00:04.00" in done.stderr
    assert len(shown) == 40
    for number, frame in ((0, 0), (7, 0), (8, 1), (16, 2), (39, 2)):
        assert np.abs(shown[number] - frames[frame]).mean() < 2
    # The index is before the images, so that a browser can start at once.
    assert 0 < path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")


@pytest.mark.parametrize("kind", FILMS)
def test_the_same_record_gives_the_same_bytes(make_run, tmp_path, kind):
    evolution = read_evolution(make_run())
    first, second = (save_film(evolution, tmp_path / f"{number}.{kind}").read_bytes() for number in (1, 2))

    assert first == second


@pytest.mark.parametrize("kind", FILMS)
def test_without_snapshots_there_is_no_film(make_run, tmp_path, kind):
    with pytest.raises(UserError, match=f"evolution.{kind}: scenes has no snapshot, so there is no film"):
        save_film(read_evolution(make_run(accuracies=())), tmp_path / f"evolution.{kind}")

    assert list(tmp_path.glob("evolution.*")) == []


def test_without_the_extra_the_error_names_it(make_run, tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "imageio_ffmpeg":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UserError, match=r"mp4: ffmpeg is not installed; pip install 'featevo\[video\]'"):
        save_film(read_evolution(make_run()), tmp_path / "a.mp4")


def test_a_film_that_cannot_be_written_leaves_no_file(make_run, tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *args, **kwargs: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        save_film(read_evolution(make_run()), tmp_path / "a.mp4")

    assert list(tmp_path.glob("*a.mp4*")) == []
