"""The paper's four classes by a network that was trained on ImageNet, beside a fine-tuned one (the paper's Fig. 3).

    OMP_NUM_THREADS=1 python -m benchmarks.imagenet_classes RUN_FOLDER [--out docs/imagenet-classes]

RUN_FOLDER is a run of `python -m featevo.train experiment=full_width init=pretrained init.weights=FILE`. The images of
its last snapshot are shown below those of four of EfficientNet-Lite0's own 1000 logits, and real images of the run
above both. Each network also ranks the other's images: the place of the class among all its logits, 1 is the highest.
Writes NAME.json and NAME.webp.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms.functional import resize

from benchmarks.recipes import last_network
from featevo.data.names import ImageNetNames
from featevo.figures.blocks import beside, cell, picture, stack, words
from featevo.figures.sheet import as_image, lay_out
from featevo.model.efficientnet import MEAN, STD, efficientnet_lite0
from featevo.model.origins import PACKAGED, pretrained_weights
from featevo.record.provenance import versions
from featevo.visualize import ClassLogit, maximize

SIZE, STEPS, SEED, REGULARIZER = 192, 384, 0, "clear_large"
"""Chosen by looking: among paper, clear, mahendran, lucid, maco and three variants of clear."""

SHOWN, DPI, LABEL = 192, 100, 150.0
"""Dots of an image in the figure, dots per inch, points of the widest label."""


def ranks(module: nn.Module, images: Tensor, classes: list[int]) -> list[int]:
    """For each image (B, C, H, W), the place of its class among all logits; 1 is the highest."""
    with torch.no_grad():
        logits = module(images)
    return [int((row > row[unit]).sum()) + 1 for row, unit in zip(logits, classes, strict=True)]


def main() -> None:
    """Print the ranks; write figure and numbers with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN_FOLDER")
    parser.add_argument("--out", type=Path, metavar="NAME")
    arguments = parser.parse_args()
    run, snapshot = last_network(arguments.run)
    data, tuned, record = run.data, run.module.eval(), run.record
    lite = efficientnet_lite0().eval()
    lite.load_state_dict(pretrained_weights(PACKAGED)[0])
    names = ImageNetNames(SIZE)
    units = [names.find(name) for name in data.classes]
    settings: dict[str, Any] = {"image_size": SIZE, "mean": MEAN, "std": STD, "steps": STEPS, "seed": SEED}
    renders = maximize(lite, ClassLogit(units), regularizer=REGULARIZER, **settings)
    full = torch.stack([render.image for render in renders])
    own = record.pixels(snapshot)
    pixels, labels = data.labelled("val", 1)
    real = torch.stack([pixels[labels == unit][0] for unit in range(data.num_classes)])
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (MEAN, STD))
    larger = (resize(own, [SIZE, SIZE], antialias=True).clamp(0, 1) - mean) / std
    result = {
        "command": (__doc__ or "").split("\n\n")[1],
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "versions": versions(),
        "classes": list(data.classes),
        "probabilities of EfficientNet-Lite0 for its own images": [round(r.probability or 0.0, 4) for r in renders],
        "rank of 1000 by EfficientNet-Lite0, images of the fine-tuned network": ranks(lite, larger, units),
        "rank of 4 by the fine-tuned network, images of EfficientNet-Lite0": ranks(
            tuned, resize(full, [data.image_size] * 2, antialias=True).clamp(0, 1), list(range(len(units)))
        ),
    }
    print(json.dumps(result, indent=1))
    if arguments.out:
        head = [cell(words(name, 10, width=100, align="center"), SHOWN * 72 / DPI) for name in data.classes]
        rows = [beside([cell(words("", 10), LABEL), *head], 4)]
        for label, images in {
            "real images": real,
            "EfficientNet-Lite0, trained on ImageNet: four of its 1000 classes": full,
            "VGG-16 from ImageNet's convolutions, fine-tuned": own,
        }.items():
            shown = [Image.fromarray((255 * image).byte().permute(1, 2, 0).numpy()) for image in images]
            tiles = [picture(one.resize((SHOWN, SHOWN), Image.Resampling.LANCZOS), 1, DPI) for one in shown]
            rows.append(beside([cell(words(label, 10, width=LABEL - 10), LABEL, "left"), *tiles], 4, middle=True))
        arguments.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        as_image(lay_out(stack(rows, 4), DPI)).save(arguments.out.with_suffix(".webp"), quality=90)


if __name__ == "__main__":
    main()
