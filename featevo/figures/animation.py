"""Films as files: WebP, GIF and, by the extra `video`, MP4."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from featevo.errors import UserError
from featevo.figures.colours import BLUE, GREY, INK, PAPER, VERMILLION
from featevo.figures.film import draw_frames
from featevo.record.files import replacing
from featevo.record.reading import Evolution

FILMS = ("webp", "gif", "mp4")
"""What a film can be written as."""

RATE = 10
"""Frames a second of an MP4, which has no others; slower films stutter in some players."""

FRAME_MS, LAST_MS = 800, 2400

NEAR = 12
"""Levels of 255 within which Pillow may take one colour of a palette for another."""


def save_film(evolution: Evolution, path: Path) -> Path:
    """Write the film, whole or not at all; WebP and GIF loop, WebP alone is lossless.

    Args:
        evolution: the run.
        path: ends in one of `FILMS`.

    Raises:
        UserError: there is no snapshot to show, or what MP4 needs is not installed.
    """
    if not evolution.snapshots:
        raise UserError(f"{path.name}: {evolution.name} has no snapshot, so there is no film")
    frames = draw_frames(evolution)
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    write = {"webp": _write_webp, "gif": _write_gif, "mp4": _write_mp4}[path.suffix.removeprefix(".")]
    with replacing(path) as temporary:
        write(temporary, frames, durations)
    return path


def _write_webp(path: Path, frames: Sequence[Image.Image], durations: list[int]) -> None:
    # In lossless WebP `quality` is effort; more than this costs seconds and saves little.
    options = {"lossless": True, "quality": 30, "method": 2, "loop": 0, "duration": durations}
    frames[0].save(path, "WEBP", save_all=True, append_images=frames[1:], **options)


def _write_gif(path: Path, frames: Sequence[Image.Image], durations: list[int]) -> None:
    few = [_with_few_colours(frame) for frame in frames]
    few[0].save(path, "GIF", save_all=True, append_images=few[1:], loop=0, duration=durations, optimize=False)


def _with_few_colours(frame: Image.Image) -> Image.Image:
    """A frame in the 251 colours that serve it best and our own five, with dots between them for the others."""
    own = np.array([ImageColor.getrgb(colour) for colour in (INK, GREY, PAPER, BLUE, VERMILLION)])
    best = np.array(frame.quantize(256 - len(own), Image.Quantize.MEDIANCUT).getpalette()).reshape(-1, 3)
    for colour in own:  # paper stays white: what nearly is one of ours is no other
        best[np.abs(best - colour).max(1) <= NEAR] = colour
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.concatenate([best, own]).ravel().tolist())
    return frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _write_mp4(path: Path, frames: Sequence[Image.Image], durations: list[int]) -> None:
    """H.264 in the one form that all players know, with its index at the front."""
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
