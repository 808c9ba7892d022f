"""The schema of the record: snapshots and their images, for writing and reading.

`evolution/index.jsonl` has one JSON object per snapshot, with these fields by these names (`images` is called `renders`
there). An image's object also has its `values` beside its other fields.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]

SCHEMA = 1
INDEX = "evolution/index.jsonl"
CHECKPOINTS, BEST, LAST = "checkpoints", "best.ckpt", "last.ckpt"
REAL = "evolution/real"
"""The folder of real images, as `UNIT-NAME-K.png`."""

MAIN_VIEW = "classes"
"""The view of the paper: one image per class. Its files lie beside each other, those of other views in a subfolder."""


WEIGHTS = "weights"
"""The trigger of a snapshot that has no images, only weights."""


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """One image of the record.

    Attributes:
        view: Name of the view that made it.
        unit: Index of its unit within the view: a class, a channel, a validation image.
        file: Relative to the run folder.
        name: Of the unit.
        group: What it is shown under within its view: a layer, a method; empty: the view has no groups.
        values: Numbers about it by name, such as `logit` and `probability`.
        probabilities: The network's own by class, only the highest.
        stopped: Why the optimisation ended.
        seed: Of the start image.
        seconds: Time for it.
        trace: The objective's first value and every `trace_every`-th up to the last of `trace_of`; older records have
            `trace_of` 0 and 33 values.
        measures: By name.
    """

    view: str
    unit: Count
    file: str
    name: str = ""
    group: str = ""
    values: dict[str, float] = {}
    probabilities: dict[int, float] = {}
    stopped: str | None = None
    seed: int | None = None
    seconds: float | None = None
    trace: list[Any] = []
    trace_of: Count = 0
    trace_every: Count = 1
    measures: dict[str, Any] = {}


@dataclass(frozen=True)
class TrainingState:
    """The moment of training at which a snapshot is taken, and the metrics of that moment.

    Attributes:
        epoch: Completed passes over the training set; 0 is before training.
        step: Completed optimizer steps.
        trigger: "improvement", "every_epoch", "every_n", "before_training", "last_epoch"; "weights": without images;
            "render": drawn later from a file of weights.
        val_acc: Validation accuracy in 0..1, None where not measured.
        val_loss: Validation loss, None where not measured.
        train_loss: Mean training loss of the epoch, None where not measured.
        monitor: Name of the metric that decides when to render.
        value: Its value, None where not measured.
        logged_step: The step of this moment's metrics in trackers: Lightning counts batches; None where not trained.
    """

    epoch: int
    step: int
    trigger: str
    val_acc: float | None = None
    val_loss: float | None = None
    train_loss: float | None = None
    monitor: str | None = None
    value: float | None = None
    logged_step: int | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All images of one moment of training, with the fields of `TrainingState`.

    Attributes:
        seconds: Time for all images.
        view_seconds: Time for the images of each view, by its name.
        folder: Its name within the run: of the folder in `evolution/`, and of the file of its weights.
        training: Id of the training; older records have none.
        error: Why there are no images.
        provenance: Where the images come from.
        measures: Means over the images by name.
        measure_seconds: Time for the measures.
        images: Of all views.
    """

    epoch: Count
    step: Count = 0
    trigger: str = ""
    val_acc: float | None = None
    val_loss: float | None = None
    train_loss: float | None = None
    monitor: str | None = None
    value: float | None = None
    logged_step: Count | None = None
    seconds: float | None = None
    view_seconds: dict[str, float] = {}
    folder: str = ""
    training: str = ""
    error: str | None = None
    provenance: dict[str, Any] = {}
    measures: dict[str, Any] = {}
    measure_seconds: float | None = None
    images: list[Image] = msgspec.field(name="renders", default_factory=list)

    def of_view(self, view: str = MAIN_VIEW) -> list[Image]:
        """The images of one view, in the order of their units."""
        return sorted((image for image in self.images if image.view == view), key=lambda image: image.unit)

    @property
    def is_drawn(self) -> bool:
        """Whether it has images or was to have some; not if it only keeps weights."""
        return bool(self.images) or self.trigger != WEIGHTS

    def belongs_to(self, view: str = MAIN_VIEW) -> bool:
        """Whether it has images of the view, or is without any as drawing failed."""
        return bool(self.of_view(view)) or (self.is_drawn and not self.images)

    def provenance_of(self, view: str) -> dict[str, Any]:
        """Where the images of a view come from; empty where that is not recorded."""
        views = self.provenance.get("views")
        about = self.provenance if view == MAIN_VIEW else views.get(view) if isinstance(views, dict) else None
        return about if isinstance(about, dict) else {}

    @property
    def matrices_file(self) -> str:
        """The file of its confusion matrices, relative to the run folder; there may be none."""
        return f"evolution/{self.folder}/confusion.json"

    @property
    def grams_file(self) -> str:
        """The file of its layers' Gram matrices, relative to the run folder; there may be none."""
        return f"evolution/{self.folder}/grams.safetensors"

    @property
    def weights_file(self) -> str:
        """The file of the network's state, relative to the run folder; it may have been left out."""
        return f"checkpoints/{self.folder}.safetensors"

    @property
    def accuracy(self) -> str:
        """The validation accuracy as text."""
        return percent(self.val_acc)

    @property
    def caption(self) -> str:
        """The accuracy as a caption: `before training`, `97.0 % (last)`."""
        if self.epoch == 0 and self.val_acc is None and self.trigger != "render":
            return "before training"
        return f"{self.accuracy} (last)" if self.trigger == "last_epoch" else self.accuracy


def as_entry(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as the index has it."""
    entry: dict[str, Any] = {"schema": SCHEMA, **msgspec.to_builtins(snapshot, str_keys=True)}
    for image in entry["renders"]:
        image |= image.pop("values")
    return entry


def snapshot_of(entry: Any) -> Snapshot:
    """The snapshot that an object of the index describes. Unknown fields and null are ignored.

    Raises:
        ValueError: When a field is missing or of another type, or a newer featevo wrote it.
    """
    if not isinstance(entry, dict):
        raise ValueError("not a snapshot; each line must be one JSON object")
    schema = entry.get("schema", SCHEMA)
    if isinstance(schema, int) and schema > SCHEMA:
        raise ValueError(f"schema {schema} was written by a newer featevo; this one reads {SCHEMA}")
    try:
        msgspec.convert(schema, int)
        images = msgspec.convert(entry.get("renders") or [], list[dict[str, Any]])
        snapshot = msgspec.convert({**_known(entry), "renders": [_image(image) for image in images]}, Snapshot)
    except (msgspec.ValidationError, ValueError) as error:
        message = "not a snapshot; it needs an epoch, and each render a view, a unit and a file"
        raise ValueError(f"{message} ({error})") from error
    if snapshot.folder in (".", "..") or "/" in snapshot.folder or not snapshot.folder.isprintable():
        raise ValueError(f"folder {snapshot.folder!r} is not the name of a folder in evolution")
    return snapshot


_FIELDS = frozenset(Image.__struct_fields__) - {"values"}


def _image(entry: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: float(value) for name, value in entry.items() if name not in _FIELDS and is_number(value)}
    kept = _known(entry)
    if isinstance(kept.get("probabilities"), dict):
        numbers = kept["probabilities"].items()
        kept["probabilities"] = {int(unit): value for unit, value in numbers if is_number(value)}
    return {**kept, "values": values}


def _known(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Without null, NaN and infinities."""
    return {
        name: value
        for name, value in entry.items()
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }


def is_number(value: Any) -> bool:
    """Whether a value of a record is a finite number; booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def percent(fraction: float | None) -> str:
    """A fraction in [0, 1] as text with one decimal, `64.0 %`; `-` for None."""
    if fraction is None or not is_number(fraction):
        return "-"
    return f"{100 * fraction:.1f} %"
