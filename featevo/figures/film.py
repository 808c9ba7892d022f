"""The evolution as a film: one frame per snapshot, its grid beside its accuracy and the curve so far.

Files are WebP, GIF and, with the extra `video`, MP4.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from featevo.errors import UserError
from featevo.figures.blocks import Block, beside, cell, picture, plot, stack, words
from featevo.figures.colours import BLUE, GREY, INK, PAPER, VERMILLION
from featevo.figures.curve import Curve, curve_of, draw_curve
from featevo.figures.grid import arrange
from featevo.figures.panels import REAL, Scale, captions, chosen, images_of, legend_line, scale, thinned
from featevo.figures.sheet import as_image, lay_out
from featevo.record.files import replacing
from featevo.record.reading import Evolution

FILMS = ("webp", "gif", "mp4")
"""The formats of a film."""

MOST = 240
"""Most frames."""

DPI = 100
GRID = 520  # most dots of the grid's width
MARGIN = 20.0  # in points, like all lengths below
COLUMN, CHART, LABELS = 220.0, 110.0, 28.0
HEADLINE, NAME, LEGEND = 22.0, 11.0, 9.0  # type sizes
LINES = 12  # most lines of the legend

RATE = 10
"""Frames per second of an MP4, which has one constant rate; slower films stutter in some players."""

FRAME_MS, LAST_MS = 800, 2400

NEAR = 12
"""Levels of 255: within this distance Pillow may replace a colour by another of the palette."""


def save_film(evolution: Evolution, path: Path, real: bool = False) -> Path:
    """Write the film, atomically; WebP and GIF loop, only WebP is lossless.

    Args:
        evolution: The run.
        path: Its suffix is one of `FILMS`.
        real: Whether real images are to the left of the renders.

    Raises:
        UserError: There is no snapshot to show, or ffmpeg, which MP4 needs, is not installed.
    """
    evolution = evolution.of_main_view
    if not evolution.snapshots:
        raise UserError(f"{path.name}: {evolution.name} has no snapshot, so there is no film")
    frames = draw_frames(evolution, real)
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    write = {"webp": _write_webp, "gif": _write_gif, "mp4": _write_mp4}[path.suffix.removeprefix(".")]
    with replacing(path) as temporary:
        write(temporary, frames, durations)
    return path


def draw_frames(evolution: Evolution, real: bool = False) -> list[Image.Image]:
    """One RGB image per snapshot, all of one size and an even number of pixels wide and high."""
    evolution = evolution.of_main_view
    places, curve, size = chosen(evolution, MOST), curve_of(evolution), scale(evolution, GRID)
    left = [_real(evolution, size)] if real else []
    frames = [beside([*left, _frame(evolution, place, places, curve, size)], MARGIN) for place in places]
    return [as_image(lay_out(frame, DPI, MARGIN)) for frame in frames]


def _real(evolution: Evolution, size: Scale) -> Block:
    grid = picture(arrange(images_of(evolution, None), size.tile), size.zoom, DPI)
    return stack([grid, words(REAL[0], LEGEND, GREY)], LEGEND / 2)


def _frame(evolution: Evolution, place: int, places: list[int], curve: Curve, size: Scale) -> Block:
    grid = picture(arrange(images_of(evolution, place), size.tile), size.zoom, DPI)
    epoch, accuracy = captions(evolution, place)
    classes = f"{thinned(evolution, places)}. {legend_line(evolution)}".removeprefix(". ")
    chart = plot(COLUMN - LABELS, CHART, lambda axes: draw_curve(axes, evolution, curve, places, place))
    heading = [
        words(evolution.name, NAME, GREY, COLUMN, 1),
        words(epoch, HEADLINE, width=COLUMN, lines=1),
        words(accuracy, HEADLINE, GREY, COLUMN, 1),
    ]
    key = words(classes, LEGEND, GREY, COLUMN, LINES)
    column = stack([stack(heading), cell(chart, COLUMN, "right"), key], 1.2 * MARGIN)
    return beside([grid, cell(column, COLUMN, "left")], MARGIN)


def _write_webp(path: Path, frames: Sequence[Image.Image], durations: list[int]) -> None:
    # In lossless WebP `quality` is effort; more than this costs seconds and saves little.
    options = {"lossless": True, "quality": 30, "method": 2, "loop": 0, "duration": durations}
    frames[0].save(path, "WEBP", save_all=True, append_images=frames[1:], **options)


def _write_gif(path: Path, frames: Sequence[Image.Image], durations: list[int]) -> None:
    few = [_with_few_colours(frame) for frame in frames]
    few[0].save(path, "GIF", save_all=True, append_images=few[1:], loop=0, duration=durations, optimize=False)


def _with_few_colours(frame: Image.Image) -> Image.Image:
    """A frame, dithered, in our own five colours and the 251 that represent it best."""
    own = np.array([ImageColor.getrgb(colour) for colour in (INK, GREY, PAPER, BLUE, VERMILLION)])
    best = np.array(frame.quantize(256 - len(own), Image.Quantize.MEDIANCUT).getpalette()).reshape(-1, 3)
    for colour in own:  # so that white paper stays white: a colour near one of our own becomes that colour
        best[np.abs(best - colour).max(1) <= NEAR] = colour
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.concatenate([best, own]).ravel().tolist())
    return frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _write_mp4(path: Path, frames: Sequence[Image.Image], durations: list[int]) -> None:
    """H.264 in 4:2:0, which most players play, with its index at the front."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe, write_frames  # type: ignore[import-untyped]

        get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise UserError("mp4: ffmpeg is not installed; pip install 'featevo[video]'") from error
    writer = write_frames(
        str(path),
        frames[0].size,
        fps=RATE,
        codec="libx264",
        pix_fmt_out="yuv420p",
        quality=None,
        macro_block_size=2,
        output_params=["-crf", "16", "-movflags", "+faststart", "-bitexact", "-f", "mp4"],
    )
    with closing(writer):
        writer.send(None)
        for frame, duration in zip(frames, durations, strict=True):
            for _ in range(duration * RATE // 1000):
                writer.send(np.asarray(frame))
