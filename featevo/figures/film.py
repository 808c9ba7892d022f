"""The evolution as a film: one frame per snapshot, its grid beside its accuracy and the curve so far.

Files are WebP, GIF and, with the extra `video`, MP4.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image, ImageColor, ImageOps

from featevo.errors import UserError
from featevo.figures.blocks import Block, beside, cell, picture, plot, stack, words
from featevo.figures.colours import BLUE, GREY, INK, PAPER, VERMILLION
from featevo.figures.curve import curve_of, draw_curve
from featevo.figures.grid import arrange
from featevo.figures.look import look
from featevo.figures.panels import REAL, Scale, captions, chosen, images_of, legend_line, scale, thinned
from featevo.figures.sheet import as_image, lay_out
from featevo.figures.text import wrap
from featevo.record.files import replacing
from featevo.record.reading import Evolution

FILMS = ("webp", "gif", "mp4")
"""The formats of a film."""

MOST = 240
"""Most frames."""

FEW = 60
"""Most frames that are compressed well."""

DPI = 100
DOT = 72 / DPI
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
    places = chosen(evolution, MOST)
    if not places:
        return []
    scene = Scene(evolution, places, real)
    return [scene.at(place) for place in places]


class Scene:
    """A frame that is laid out once, as this takes most of the time; for each snapshot only what changes is drawn.

    Args:
        evolution: The run.
        places: Of the snapshots that are shown.
        real: Whether real images are to the left of the renders.
    """

    def __init__(self, evolution: Evolution, places: list[int], real: bool = False) -> None:
        size = scale(evolution, GRID)
        self._evolution, self._zoom = evolution, size.zoom
        self._grids = {place: arrange(images_of(evolution, place), size.tile) for place in places}
        self._headings: list[Text] = []
        left = [_real(evolution, size)] if real else []
        self.figure = lay_out(beside([*left, self._grid(), self._column(places)], MARGIN), DPI, MARGIN)
        for artist in chain(*self._moving()):
            artist.set_animated(True)  # so that it is not on the paper
        as_image(self.figure)
        canvas = self.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        self._canvas, self._paper = canvas, canvas.copy_from_bbox(self.figure.bbox)

    def at(self, place: int) -> Image.Image:
        """The frame of a snapshot."""
        for heading, line in zip(self._headings, captions(self._evolution, place), strict=True):
            heading.set_text(wrap(line, COLUMN, HEADLINE, 1)[0])
        self._chart.show(place)
        with look():
            self._canvas.restore_region(self._paper)
            for axes, artists in zip(self.figure.axes, self._moving(), strict=True):
                for artist in artists:
                    axes.draw_artist(artist)
        frame = Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")
        frame.paste(ImageOps.scale(self._grids[place], self._zoom, Image.Resampling.NEAREST), self._corner)
        return frame

    def _moving(self) -> tuple[Sequence[Artist], Sequence[Artist]]:
        """What is drawn for each snapshot on the sheet and in the chart, whose axes are above its lines."""
        spines = self.figure.axes[1].spines
        return self._headings, [*self._chart.artists, spines["left"], spines["bottom"]]

    def _grid(self) -> Block:
        """The room of the largest grid, and where it is."""
        sizes = [grid.size for grid in self._grids.values()]
        width, height = (max(lengths) * self._zoom * DOT for lengths in zip(*sizes, strict=True))

        def draw(sheet: Axes, left: float, top: float) -> None:
            self._corner = round(left / DOT), round(top / DOT)

        return Block(width, height, draw)

    def _column(self, places: list[int]) -> Block:
        evolution, curve = self._evolution, curve_of(self._evolution)

        def draw(axes: Axes) -> None:
            self._chart = draw_curve(axes, evolution, curve, places, places[0])

        chart = plot(COLUMN - LABELS, CHART, draw)
        name = words(evolution.name, NAME, GREY, COLUMN, 1)
        classes = f"{thinned(evolution, places)}. {legend_line(evolution)}".removeprefix(". ")
        key = words(classes, LEGEND, GREY, COLUMN, LINES)
        heading = stack([name, self._heading(INK), self._heading(GREY)])
        return cell(stack([heading, cell(chart, COLUMN, "right"), key], 1.2 * MARGIN), COLUMN, "left")

    def _heading(self, colour: str) -> Block:
        """A line of text that `at` changes."""
        line = words("-", HEADLINE, colour)

        def draw(sheet: Axes, left: float, top: float) -> None:
            line.draw(sheet, left, top)
            self._headings.append(sheet.texts[-1])

        return Block(line.width, line.height, draw)


def _real(evolution: Evolution, size: Scale) -> Block:
    grid = picture(arrange(images_of(evolution, None), size.tile), size.zoom, DPI)
    return stack([grid, words(REAL[0], LEGEND, GREY)], LEGEND / 2)


def _write_webp(path: Path, frames: Sequence[Image.Image], durations: list[int]) -> None:
    # In lossless WebP `quality` and `method` are effort. Without any, files have about 1.6 times the bytes, in a
    # fifteenth of the time, which is 0.08 s a frame otherwise.
    effort = {"quality": 30, "method": 2} if len(frames) <= FEW else {"quality": 0, "method": 0}
    # Without further key frames: a film is played from its beginning, and each takes the time of another frame.
    options = {"lossless": True, **effort, "kmin": 0, "kmax": 0, "loop": 0, "duration": durations}
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
