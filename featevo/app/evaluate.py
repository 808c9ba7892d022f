"""Test metrics of a trained network: its checkpoint, and the validation images of its run or other data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torchmetrics.classification import MulticlassAccuracy, MulticlassCalibrationError, MulticlassConfusionMatrix

from featevo.app.later_settings import with_overrides
from featevo.app.recorded_configuration import check_is_there
from featevo.app.recorded_network import RecordedNetwork
from featevo.errors import UserError
from featevo.model.classifier import Classifier
from featevo.model.weight_files import read_weights
from featevo.record.safe import inside
from featevo.record.schema import BEST, CHECKPOINTS, LAST

TOP = 5
"""The second accuracy counts an image as right if its class is among so many; with fewer than 2 TOP classes: none."""

BINS = 15
"""Of the calibration error (Guo et al. 2017, "On Calibration of Modern Neural Networks")."""


@dataclass(frozen=True)
class Evaluation:
    """What a network does with labelled images.

    Attributes:
        checkpoint: The file of its weights.
        images: Their number.
        accuracy: Share of images with the right class, 0..1.
        top5: Share with the right class among the `TOP` most probable; None with few classes.
        loss: Mean cross entropy in nats.
        calibration_error: Expected difference of confidence and accuracy, 0..1.
        classes: Their names.
        recall: By class, the share of its images with the right class; None where there is no image.
        confusion: Number of images of class i (row) that are taken for class j (column).
    """

    checkpoint: str
    images: int
    accuracy: float
    top5: float | None
    loss: float
    calibration_error: float
    classes: tuple[str, ...]
    recall: list[float | None]
    confusion: list[list[int]]


def checkpoint_of(path: Path) -> tuple[Path, Path]:
    """The run folder and the checkpoint that a path names: a file in `checkpoints/`, or a run folder with its best one.

    Raises:
        UserError: When there is none.
    """
    if path.is_dir():
        check_is_there(path)
        found = next((file for name in (BEST, LAST) if (file := path / CHECKPOINTS / name).is_file()), None)
        if found is None:
            raise UserError(f"{path}: has neither {CHECKPOINTS}/{BEST} nor {CHECKPOINTS}/{LAST}; name a checkpoint")
        inside(path, str(found.relative_to(path)))  # no link to elsewhere, as the folder may be somebody else's
        return path, found
    if not path.is_file():
        raise UserError(f"{path}: there is no such checkpoint or run folder")
    if path.absolute().parent.name != CHECKPOINTS:
        raise UserError(f"{path}: is not in the folder {CHECKPOINTS} of a run, whose configuration is needed")
    return path.absolute().parent.parent, path


def evaluate(path: Path, overrides: Sequence[str] = (), trusted: bool = False) -> Evaluation:
    """Evaluate a network.

    Args:
        path: A checkpoint in a run folder, or a run folder.
        overrides: `data.KEY=VALUE`: other data than the run's validation images, such as `data.root=FOLDER`.
        trusted: Whether the run's configuration may build anything, see `featevo.app.trust`.

    Raises:
        UserError: When there is no such checkpoint, the network or data cannot be built, or weights do not fit.
    """
    folder, checkpoint = checkpoint_of(path)
    run = RecordedNetwork(folder, trusted, partial(with_overrides, words=overrides, allowed=["data.KEY"]))
    try:
        weights = read_weights(checkpoint)
    except UserError as error:
        raise UserError(str(error).replace("init.weights=", "")) from error
    run.put(weights, checkpoint)
    return _measured(run, checkpoint)


def _measured(run: RecordedNetwork, checkpoint: Path) -> Evaluation:
    module, data = run.module.eval(), run.data
    count = data.num_classes
    accuracy = MulticlassAccuracy(count, average="micro")
    top = MulticlassAccuracy(count, top_k=TOP, average="micro") if count >= 2 * TOP else None
    calibration, confusion = MulticlassCalibrationError(count, n_bins=BINS), MulticlassConfusionMatrix(count)
    loss, images = 0.0, 0
    for logits, labels in _outputs(module, data):
        loss += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
        images += len(labels)
        for metric in (accuracy, top, calibration, confusion):
            if metric is not None:
                metric.update(logits.softmax(1), labels)
    cells = confusion.compute()
    totals = cells.sum(1)
    return Evaluation(
        checkpoint=str(checkpoint),
        images=images,
        accuracy=float(accuracy.compute()),
        top5=None if top is None else float(top.compute()),
        loss=loss / images,
        calibration_error=float(calibration.compute()),
        classes=data.classes,
        recall=[float(cells[i, i] / total) if total else None for i, total in enumerate(totals)],
        confusion=cells.tolist(),
    )


def _outputs(module: Classifier, data: Any) -> Any:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    module.to(device)
    with torch.inference_mode():
        for batch in data.val_dataloader():
            images, labels = data.on_after_batch_transfer([part.to(device) for part in batch], 0)
            yield module(images).float().cpu(), labels.cpu()
