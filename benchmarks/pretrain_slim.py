"""Makes the weights behind init=pretrained of vgg16_slim: robust training on drawn species, taught by VGG-16.

    OMP_NUM_THREADS=1 python benchmarks/pretrain_slim.py --teacher FILE --out weights.safetensors

The network learns 128 species of `data=scenes`, numbers 1,000 to 1,127, so that no task of fewer classes shares one
with it. Images are perturbed against it (`featevo.model.robustness.L2`). FILE has the convolutions of ImageNet's
VGG-16: a linear map of the network's last feature map shall have the direction of VGG-16's at every position, for the
image without the perturbation. Without --teacher it learns from the labels alone. About 25 minutes on one core with
bfloat16.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from featevo.data.scenes.source import ScenesSource
from featevo.measure.judge import MEAN, STD, judge
from featevo.model.robustness import L2
from featevo.model.schemes import draw
from featevo.model.vgg import vgg

CLASSES, SKIP, TRAIN, VAL = 128, 1004, 120, 12
EPOCHS, BATCH, RATE, DECAY = 14, 64, 1e-3, 0.01
WARM_STEPS = 300
"""Over which the learning rate rises; it then falls to 0 as a cosine."""

RMS, CLEAN, RISING = 0.016, 0.15, 0.45
"""The perturbation: its size, and the shares of training without it and while it rises."""

WEIGHT = 2.0
"""Of the teacher's loss beside cross entropy."""


def normalised(images: Tensor) -> Tensor:
    """Images in 0..1 as ImageNet's networks take them."""
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (MEAN, STD))
    return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


class InHalf(nn.Module):
    """Logits of images in 0..1, computed in bfloat16."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, K)."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.net(normalised(images)).float()


def load(split: str) -> tuple[Tensor, Tensor]:
    """Images (N, 3, 64, 64) in 0..255 and their classes."""
    source = ScenesSource(num_classes=CLASSES, skip=SKIP, train_per_class=TRAIN, val_per_class=VAL, seed=0)
    images = getattr(source.splits(), split)
    pixels, labels = zip(*(images[number] for number in range(len(images))), strict=True)
    return torch.stack(pixels), torch.tensor(labels)


@torch.no_grad()
def taught(images: Tensor, teacher: Path) -> Tensor:
    """The last feature maps of VGG-16 (N, 512, 2, 2)."""
    features = nn.Sequential(*judge(teacher, "conv5_3").net, nn.MaxPool2d(2)).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps = [features(normalised(chunk.float() / 255)).float().contiguous() for chunk in images.split(64)]
    return torch.cat(maps).half()


def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of images of their class."""
    net.eval()
    with torch.no_grad():
        logits = torch.cat([net(normalised(chunk.float() / 255)) for chunk in images.split(100)])
    return float(logits.argmax(1).eq(labels).float().mean())


def main() -> None:
    """Train, print a line for each epoch, write the weights as float16."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    images, labels = load("train")
    validation = load("val")
    maps = None if arguments.teacher is None else taught(images, arguments.teacher)
    torch.manual_seed(0)
    net = vgg(CLASSES, width=0.25, hidden=256, pool=2, dropout=0.0)
    draw(net, "kaiming")
    net = net.to(memory_format=torch.channels_last)
    linear = None if maps is None else nn.Linear(128, 512)
    parameters = [*net.parameters(), *(() if linear is None else linear.parameters())]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=DECAY)
    half = InHalf(net)
    perturb, random = L2(RMS, 1, 1.0), torch.Generator().manual_seed(0)
    total, step, began = EPOCHS * (len(images) // BATCH), 0, time.perf_counter()

    for epoch in range(1, arguments.epochs + 1):
        net.train()
        order, hits = torch.randperm(len(images), generator=random), 0
        for start in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            pixels, wanted = (
                (images[chosen].float() / 255).contiguous(memory_format=torch.channels_last),
                labels[chosen],
            )
            mirrored = bool(torch.rand((), generator=random) < 0.5)
            pixels = pixels.flip(3).contiguous(memory_format=torch.channels_last) if mirrored else pixels
            optimizer.param_groups[0]["lr"] = (
                RATE * min(1, (step + 1) / WARM_STEPS) * 0.5 * (1 + math.cos(math.pi * step / total))
            )
            strength = min(1.0, max(0.0, (step / total - CLEAN) / RISING))
            if strength > 0:
                pixels = perturb(half, pixels, wanted, strength)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                features = net.features(normalised(pixels))
                logits = net.classifier(net.avgpool(features).flatten(1)).float()
            loss = F.cross_entropy(logits, wanted)
            if linear is not None and maps is not None:
                own = linear(features.float().permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
                other = maps[chosen].float()
                other = other.flip(3) if mirrored else other
                loss = loss + WEIGHT * (1 - F.cosine_similarity(own, other, dim=1).mean())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 5.0)
            optimizer.step()
            step += 1
            hits += int((logits.argmax(1) == wanted).sum())
        seconds = time.perf_counter() - began
        about = f"training {hits / len(images):.3f} (perturbed)  validation {accuracy(net, *validation):.3f}"
        print(f"epoch {epoch}  {about}  loss {loss.item():.3f}  {seconds:.0f} s", flush=True)
    save_file({name: value.half().contiguous() for name, value in net.state_dict().items()}, arguments.out)


if __name__ == "__main__":
    main()
