"""Other packages for PyTorch that render features, each called as its own documentation does.

All render pixels for the same classes and steps. Their random transforms, which featevo's regularizer "paper" does not
have, are off where a setting allows it; they have no median filter and no clip.
"""

from __future__ import annotations

import contextlib
import io

import torch
from torch import Tensor, nn

from benchmarks.speed.cases import Climber, normalised


def last_layer(model: nn.Module) -> tuple[str, nn.Module]:
    """The layer of the logits and its name."""
    return [(name, module) for name, module in model.named_modules() if isinstance(module, nn.Linear)][-1]


def lucent(model: nn.Module, classes: list[int], start: Tensor, steps: int) -> Tensor:
    """All images in one batch. Without `fixed_image_size` it enlarges them to 224 pixels."""
    from lucent.optvis import objectives, param, render

    size = start.shape[-1]
    wanted = objectives.Objective.sum(
        [objectives.channel("labels", unit, batch=row) for row, unit in enumerate(classes)]
    )
    (images,) = render.render_vis(
        model,
        wanted,
        lambda: param.image(size, batch=len(classes), fft=False),
        transforms=[],
        thresholds=(steps,),
        fixed_image_size=size,
        show_image=False,
        progress=False,
    )
    return torch.from_numpy(images).permute(0, 3, 1, 2)


def torch_dreams(model: nn.Module, classes: list[int], start: Tensor, steps: int) -> Tensor:
    """All images in one batch, as Fourier coefficients (it has no pixels)."""
    from torch_dreams import Dreamer
    from torch_dreams.batched_image_param import BatchedAutoImageParam
    from torch_dreams.batched_objective import BatchedObjective

    size = start.shape[-1]
    dreamer = Dreamer(model, quiet=True, device="cpu")
    dreamer.set_custom_transforms(nn.Identity())
    found = dreamer.render(
        layers=[last_layer(model)[1]],
        image_parameter=BatchedAutoImageParam(len(classes), size, size, device="cpu"),
        iters=steps,
        custom_func=BatchedObjective([lambda layers, unit=unit: -layers[0][:, unit].mean() for unit in classes]),
    )
    return torch.stack([found[row].to_chw_tensor() for row in range(len(classes))])


def dreamlens(model: nn.Module, classes: list[int], start: Tensor, steps: int) -> Tensor:
    """All images in one batch."""
    from dreamlens import FeatureVisualizer, RenderConfig, TransformConfig

    size = start.shape[-1]
    still = TransformConfig(rotate_degrees=0, scale_min=1.0, scale_max=1.0)
    config = RenderConfig(width=size, height=size, steps=steps, transform=still, fft=False)
    visualizer = FeatureVisualizer(model, quiet=True, device="cpu")
    found = visualizer.maximize_classes(classes, layer=last_layer(model)[0], config=config)
    images: Tensor = found.as_nchw().detach()
    return images


def horama(model: nn.Module, classes: list[int], start: Tensor, steps: int) -> Tensor:
    """One image after the other, as Fourier coefficients, from two random crops: it fails for one crop."""
    from horama import fourier

    size = start.shape[-1]
    images = []
    for unit in classes:
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            image, _ = fourier(
                lambda crops, unit=unit: model(crops)[:, unit].mean(),
                total_steps=steps,
                image_size=size,
                model_input_size=size,
                crops_per_iteration=2,
                device="cpu",
            )
        images.append(image.detach())
    black, white = normalised(torch.zeros(3, 1, 1)), normalised(torch.ones(3, 1, 1))
    return ((torch.stack(images) - black) / (white - black)).clamp(0, 1)


PEERS: dict[str, Climber] = {
    "torch-lucent": lucent,
    "torch-dreams": torch_dreams,
    "dreamlens": dreamlens,
    "Horama": horama,
}
