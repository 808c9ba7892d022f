"""Measures renders on a GPU, in under ten minutes; it needs torch, torchvision and this checkout, no other package.

    python -m benchmarks.gpu [--out docs/gpu.json] [--minutes 9]

VGG-16 with random weights renders 4, 64 and 1,000 classes at 64 and 224 pixels, in float32 and with weights in
bfloat16, with the passes launched one by one and recorded as a CUDA graph. Beside them: a loop that renders one image
after the other, torch-lucent if it is installed, and the arithmetic that a large matrix product reaches on the same
device. Further: whether two runs give equal bits, how far bfloat16 is from float32, the paper's 4 images of 256 steps,
and the tests that need a GPU, if pytest is installed. What there is no time for is named as such.
"""

from __future__ import annotations

import argparse
import copy
import gc
import importlib.util
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.speed.cases import Climber, network
from benchmarks.speed.naive import naive
from benchmarks.speed.peers import lucent
from featevo.record.provenance import git_commit, versions
from featevo.visualize import ClassLogit, maximize

SIZES, COUNTS = (64, 224), (4, 64, 1000)
STEPS = (2, 10)
"""Of a short and a long call: their difference is the time of the steps, without what a call costs once."""

PAPER_SECONDS = 600
"""What the paper states for its images of 256 steps (section IV)."""

TESTS = "tests/visualize/test_cuda_graph.py"


def main() -> None:
    """Print the result and, with --out, write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--minutes", type=float, default=9.0, help="no measurement begins later than this")
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("benchmarks.gpu: PyTorch finds no GPU here; `make bench` measures the CPU")
    end = time.monotonic() + 60 * arguments.minutes
    result = {
        "command": "python -m benchmarks.gpu",
        "seed": 0,
        "card": torch.cuda.get_device_name(),
        "memory_gb": round(torch.cuda.get_device_properties(0).total_memory / 1e9, 1),
        "machine": platform.machine(),
        "versions": versions(),
        "commit": git_commit(),
        "tests": tests(),
        **measure(network("VGG-16", 0), torch.device("cuda"), SIZES, COUNTS, end),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


def measure(
    net: nn.Module, device: torch.device, sizes: tuple[int, ...], counts: tuple[int, ...], end: float
) -> dict[str, Any]:
    """All figures of a network on a device.

    Args:
        net: From normalised images to logits.
        device: A GPU; a CPU for tests, without CUDA graphs.
        sizes: Of the images in pixels.
        counts: Of classes.
        end: In seconds of `time.monotonic`: what would begin later is left out.
    """
    net = net.to(device)
    half = copy.deepcopy(net).bfloat16()
    on_gpu = device.type == "cuda"
    rows: list[dict[str, Any]] = []
    for size in sizes:
        for count in counts:
            ways: dict[str, Callable[[int], object]] = {
                "float32": partial(rendered, net, count, size),
                "bfloat16": partial(rendered, half, count, size),
            }
            if on_gpu:
                ways["float32, CUDA graph"] = partial(rendered, net, count, size, cuda_graph=True)
                ways["bfloat16, CUDA graph"] = partial(rendered, half, count, size, cuda_graph=True)
            if count == min(counts):
                ways["one after the other"] = partial(called, naive, net, count, size)
                if importlib.util.find_spec("lucent"):
                    ways["torch-lucent"] = partial(called, lucent, net, count, size)
            for way, act in ways.items():
                rows.append({"pixels": size, "classes": count, "way": way, **timed(act, count, device, end)})
    small = min(counts)
    twice = [rendered(net, small, sizes[0], STEPS[1]) for _ in range(2)]
    of_half = rendered(half, small, sizes[0], STEPS[1])
    return {
        "rows": rows,
        "peak_tflops": {"float32": peak(torch.float32, device), "bfloat16": peak(torch.bfloat16, device)},
        "equal_bits_of_two_runs": torch.equal(*twice),
        "bfloat16": {
            "mean_pixel_difference": round(float((of_half - twice[0]).abs().mean()), 5),
            "logit_of_float32": logits(net, twice[0]),
            "logit_of_bfloat16": logits(net, of_half),
        },
        "paper": paper(net, max(sizes), device, end) | {"seconds_stated_by_the_paper": PAPER_SECONDS},
    }


def rendered(net: nn.Module, count: int, size: int, steps: int, **settings: Any) -> Tensor:
    """The images of the first classes, by featevo, with the paper's regularizer."""
    units = ClassLogit(range(count))
    return torch.stack([one.image for one in maximize(net, units, image_size=size, steps=steps, **settings)])


def called(way: Climber, net: nn.Module, count: int, size: int, steps: int) -> Tensor:
    """The same by another way."""
    start = torch.full((count, 3, size, size), 0.5, device=next(net.parameters()).device)
    return way(net, list(range(count)), start, steps)


def timed(act: Callable[[int], object], count: int, device: torch.device, end: float) -> dict[str, Any]:
    """Milliseconds of a step and an image, images of 64 steps per second, and memory; or why there are none."""
    seconds = []
    try:
        for steps in (STEPS[0], *STEPS):  # the first call warms up
            if time.monotonic() > end:
                return {"left_out": "no time"}
            gc.collect()
            if device.type == "cuda":
                torch.cuda.synchronize()
                torch.cuda.reset_peak_memory_stats()
            began = time.perf_counter()
            act(steps)
            if device.type == "cuda":
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - began)
    except Exception as error:  # packages of others, and memory: the other figures still count
        return {"left_out": f"{type(error).__name__}: {error}".splitlines()[0]}
    step = (seconds[2] - seconds[1]) / (STEPS[1] - STEPS[0])
    once = seconds[2] - STEPS[1] * step
    memory = {"memory_gb": round(torch.cuda.max_memory_allocated() / 1e9, 2)} if device.type == "cuda" else {}
    return {
        "ms_per_image_step": round(1000 * step / count, 4),
        "ms_once": round(1000 * once, 1),
        "images_of_64_steps_per_second": round(count / (once + 64 * step), 2),
        **memory,
    }


def peak(dtype: torch.dtype, device: torch.device) -> float:
    """Arithmetic of a large matrix product in units of 1e12 operations per second."""
    side = 8192 if device.type == "cuda" else 256
    one = torch.randn(side, side, device=device, dtype=dtype)
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        product = one @ one
        float(product[0, 0])  # waits for the device
        best = min(best, time.perf_counter() - began)
    return round(2 * side**3 / best / 1e12, 3)


def logits(net: nn.Module, images: Tensor) -> list[float]:
    """Each image's own class's logit, by the network in float32."""
    with torch.no_grad():
        found = net.eval()(images.to(next(net.parameters()).device))
    return [round(float(found[row, row]), 4) for row in range(len(images))]


def paper(net: nn.Module, size: int, device: torch.device, end: float) -> dict[str, Any]:
    """Seconds for the paper's four images of 256 steps."""
    if time.monotonic() > end:
        return {"left_out": "no time"}
    steps = 256 if device.type == "cuda" else 2
    began = time.perf_counter()
    rendered(net, 4, size, steps)
    return {"steps": steps, "seconds": round(time.perf_counter() - began, 2)}


def tests() -> str:
    """The last line of the tests that need a GPU."""
    if not importlib.util.find_spec("pytest"):
        return "not run: pytest is not installed"
    found = subprocess.run([sys.executable, "-m", "pytest", "-q", TESTS], capture_output=True, text=True, timeout=120)
    return (found.stdout.strip().splitlines() or ["no output"])[-1]


if __name__ == "__main__":
    main()
