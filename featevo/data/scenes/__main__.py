"""`python -m featevo.data.scenes`: draw a contact sheet, one row per class and one column per sample."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from featevo.data.scenes.dataset import SMALLEST, SPLITS, Scenes, at_least
from featevo.data.scenes.registry import CLASSES, MOST, class_names
from featevo.errors import UserError

_GAP = 2


def sheet(images: Scenes) -> Image.Image:
    """All images of a set on white: the name of each class above its row of `per_class` images."""
    size, columns = images.image_size, images.per_class
    font = ImageFont.load_default(size=max(11, size // 9))
    caption = max(14, size // 6)
    width = columns * (size + _GAP) - _GAP
    page = Image.new("RGB", (width, len(images.classes) * (size + caption + _GAP)), "white")
    ink = ImageDraw.Draw(page)
    for row, name in enumerate(images.classes):
        top = row * (size + caption + _GAP)
        ink.text((2, top), name, fill="black", font=font)
        for column in range(columns):
            image, _ = images[column * len(images.classes) + row]
            page.paste(Image.fromarray(np.asarray(image.permute(1, 2, 0))), (column * (size + _GAP), top + caption))
    return page


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the sheet for the arguments; returns the exit code, 2 for invalid arguments."""
    parser = argparse.ArgumentParser(prog="python -m featevo.data.scenes", description="Draw a contact sheet.")
    parser.add_argument(
        "--classes", nargs="+", metavar="NAME", help="which classes, or how many (default: the four named ones)"
    )
    parser.add_argument("--skip", type=int, default=0, help="classes to leave out before counting (default: 0)")
    parser.add_argument("--size", type=int, default=64, help="side of an image in pixels (default: 64)")
    parser.add_argument("--per-class", type=int, default=8, help="images of each class (default: 8)")
    parser.add_argument("--seed", type=int, default=0, help="seed of all random choices (default: 0)")
    parser.add_argument("--split", choices=list(SPLITS), default="train", help="which set (default: train)")
    parser.add_argument("--out", type=Path, default=Path("scenes.png"), help="file to write (default: scenes.png)")
    chosen = parser.parse_args(arguments)
    try:
        at_least(1, chosen.per_class, "--per-class")
        at_least(SMALLEST, chosen.size, "--size")
        at_least(0, chosen.seed, "--seed")
        at_least(0, chosen.skip, "--skip")
        classes = _choose(chosen.classes, chosen.skip)
        page = sheet(Scenes(classes, chosen.per_class, chosen.size, chosen.seed, chosen.split))
        page.save(chosen.out)
    except UserError as mistake:
        print(f"error: {mistake}", file=sys.stderr)
        return 2
    except (OSError, ValueError) as mistake:
        print(f"error: --out {chosen.out} cannot be written: {mistake}", file=sys.stderr)
        return 2
    print(chosen.out)
    return 0


def _choose(asked: list[str] | None, skip: int) -> Sequence[str]:
    if asked is None:
        asked = [str(max(2, len(CLASSES) - skip))]
    if len(asked) != 1 or not asked[0].isdigit():
        if skip:
            raise UserError(f"--skip is {skip}, but --classes names the classes; give only one of them")
        return asked
    count = at_least(2, int(asked[0]), "--classes")
    if count + skip > MOST:
        raise UserError(f"--classes is {count} and --skip is {skip}; the drawn data set has 2 to {MOST} classes")
    return class_names(count, skip)


if __name__ == "__main__":
    sys.exit(main())
