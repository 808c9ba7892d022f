"""Activation maximization: start from faint noise and follow the gradient of a unit (section III of the paper).

    x* = argmax_x (a_i(x) - R(x))

All units are rendered in one batch, but no operation couples two images: each has its own random start, gradient scale,
operators and random transforms, so an image depends only on its unit, the seed and the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from operator import index

from torch import nn

from featevo.visualize.ascent import Ascent
from featevo.visualize.bundles import DEFAULT
from featevo.visualize.checks import check_count, check_normalisation, height_and_width, listed
from featevo.visualize.chunks import Chunks
from featevo.visualize.fast_paths import fast_paths
from featevo.visualize.network import (
    Normalise,
    channels_of,
    frozen_eval,
    hashing,
    image_dtype,
    weights_dtype,
)
from featevo.visualize.objectives import Objective
from featevo.visualize.optimizers import Scaled
from featevo.visualize.parameterizations import Examples
from featevo.visualize.parameterizations.start import Start, starts
from featevo.visualize.regularizer import Regularizer
from featevo.visualize.render import renders_of
from featevo.visualize.renders import Renders
from featevo.visualize.schedule import Schedule, Setting
from featevo.visualize.settings import AscentSettings, Plateau


def maximize(
    model: nn.Module,
    objective: Objective,
    *,
    image_size: int | tuple[int, int],
    channels: int | None = None,
    mean: Sequence[float] = (0.0,),
    std: Sequence[float] = (1.0,),
    steps: int = AscentSettings.steps,
    step_size: Setting | None = AscentSettings.step_size,
    first_step: float = AscentSettings.first_step,
    seed: int = AscentSettings.seed,
    copies: int = AscentSettings.copies,
    regularizer: Regularizer | str = DEFAULT,
    start: Start = AscentSettings.start,
    examples: Examples = None,
    plateau: Plateau | None = AscentSettings.plateau,
    keep: str = AscentSettings.keep,
    snapshots: Iterable[int] = AscentSettings.snapshots,
    chunk_size: int | None = AscentSettings.chunk_size,
    memory_gb: float | None = AscentSettings.memory_gb,
    cuda_graph: bool = AscentSettings.cuda_graph,
    on_step: Callable[[int, int], None] | None = None,
) -> Renders:
    """Render the image that maximises each unit of the objective.

    Each step follows the gradient of objective minus penalties; the regularizer's operators come after it. The model
    is restored, also after an error.

    Args:
        model: From normalised images (B, C, H, W) to anything, for class objectives logits (B, K); on any device.
        objective: What to climb, for example `ClassLogit([0, 3])` or `Channel("features.21", range(64))`.
        image_size: Side of the square images in pixels, or (height, width).
        channels: Channels of the images; None: as many as `mean` has, or as the model's first convolution
            takes; 3 without one.
        mean: Per channel (or one for all): subtracted from images in 0..1 before the forward pass.
        std: Per channel (or one for all): divides them after that.
        steps: Gradient steps, at least 1.
        step_size: Size of a step; None: the regularizer's own (in the paper's: standard deviation 0.06, range 0..1).
        first_step: Factor of the first step's size; from it to the last step, the factor goes to 1 along a cosine.
            With 4, fewer steps are needed (`benchmarks/fewer_steps.py`).
        seed: The same seed gives the same start images and transforms.
        copies: Images per unit, each with its own start.
        regularizer: A bundle or its name in `featevo.visualize.bundles`.
        start: "noise", "mean" (of the examples), or images in 0..1: (C, H, W) for all, or (U, C, H, W).
        examples: Training images (N, C, H, W) in 0..1, or a function that returns them, for parts that use statistics.
        plateau: Ends images that have stopped improving; None: all steps.
        keep: "last": the image after the last step; "best": the one with the highest objective of all steps.
        snapshots: Steps after which images are kept, too.
        chunk_size: Largest batch of images, but at least one unit's copies; None: as many as fit into `memory_gb`.
            Halved when memory runs out.
        memory_gb: Memory for a batch in units of 1e9 bytes; None: 2 and at most 64 images on a CPU, half of a GPU's.
        cuda_graph: On a CUDA device: the kernels of the model's passes are recorded once and then launched together,
            which is for small images, whose kernels are shorter than their launch.
        on_step: Called after each step with the steps of all images so far and in total.

    Returns:
        One render per unit and copy, in the objective's order: a list that displays itself in a notebook.

    Raises:
        ValueError: For settings out of range, or a model that does not fit them.
        NonFiniteError: When activation or gradient are not finite.
    """
    settings = AscentSettings(
        steps,
        step_size,
        first_step,
        seed,
        copies,
        start,
        plateau,
        keep,
        frozenset(listed("snapshots", snapshots, index, "steps, such as [1, 8]")),
        chunk_size,
        memory_gb,
        cuda_graph,
    )
    if not isinstance(objective, Objective):
        raise ValueError(f"objective={objective!r}: must be an objective, such as ClassLogit([0])")
    height, width = height_and_width(image_size)
    if channels is None:
        channels = channels_of(model, mean)
    check_count(channels=channels)
    check_normalisation(channels, mean, std)
    if not objective.units:
        raise ValueError(f"{objective!r} has no units; add it to an objective with units")
    if objective.seeds is not None and objective.seeds.shape != (len(objective.units), channels, height, width):
        wanted = (len(objective.units), channels, height, width)
        raise ValueError(f"seeds of shape {tuple(objective.seeds.shape)}: these units and images need {wanted}")
    if isinstance(regularizer, str):
        regularizer = Regularizer.named(regularizer)
    if step_size is not None:
        regularizer = replace(regularizer, optimizer=regularizer.optimizer.sized(step_size))
    if first_step != 1:
        regularizer = replace(regularizer, optimizer=Scaled(regularizer.optimizer, Schedule(first_step, 1.0)))

    with frozen_eval(model) as device, hashing(model) as weights, fast_paths(model) as taken:
        if cuda_graph and device.type != "cuda":
            raise ValueError(f"cuda_graph=True: the model is on {device.type}, not on a CUDA device")
        dtype = weights_dtype(model)
        shape = (channels, height, width)
        space = regularizer.parameterization.space(shape, examples)
        begin = starts(start, space, shape, objective.units, copies, seed, examples).to(image_dtype(model))
        normalise = Normalise(begin.to(device), mean, std, dtype)
        described = {
            "objective": repr(objective),
            "image_size": image_size,
            "channels": channels,
            "mean": [float(value) for value in mean],
            "std": [float(value) for value in std],
            "steps": steps,
            "seed": seed,
            "copies": copies,
            "start": start if isinstance(start, str) else "pictures",
            "plateau": repr(plateau) if plateau else None,
            "keep": keep,
            "cuda_graph": cuda_graph,
            "regularizer": regularizer.described(),
            "device": device.type,
            "dtype": str(dtype).removeprefix("torch."),
        }
        chunks = Chunks(Ascent(model, objective, space, regularizer, normalise, settings), begin, device, on_step)
        return Renders(
            render
            for chunk in chunks
            for render in renders_of(chunk, objective, described | {"fast_paths": sorted(taken)}, weights())
        )
