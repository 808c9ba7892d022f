"""The data module: its batches, their order, and that a second setup has no cost."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from PIL import Image
from pytorch_lightning.trainer.connectors import data_connector
from pytorch_lightning.utilities.data import _is_dataloader_shuffled
from torch import Tensor, nn

from featevo.data.folder import FolderSource
from featevo.data.module import EpochShuffle, ImageDataModule
from featevo.data.source import Splits
from featevo.errors import UserError

# Lightning uses a deprecated function of torch.
pytestmark = pytest.mark.filterwarnings(r"ignore:.*LeafSpec.* is deprecated:FutureWarning")


class Numbered:
    """Image i is filled with i."""

    def __init__(self, count: int, channels: int = 3) -> None:
        self.count = count
        self.channels = channels

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        return torch.full((self.channels, 6, 6), index, dtype=torch.uint8), index % 2


class NumberedSource:
    def __init__(self, train: int = 23, val: int = 7, classes: Sequence[str] = ("even", "odd"), channels: int = 3):
        self.found = Splits(Numbered(train, channels), Numbered(val, channels), classes)
        self.calls = 0

    def splits(self) -> Splits:
        self.calls += 1
        return self.found


def module(
    seed: int = 0, workers: int = 0, cache_gb: float = 1, source: NumberedSource | None = None
) -> ImageDataModule:
    data = ImageDataModule(source or NumberedSource(), batch_size=5, num_workers=workers, seed=seed, cache_gb=cache_gb)
    data.setup("fit")
    return data


class Probe(pl.LightningModule):
    """Records the first pixel of every training image."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.orders: list[list[int]] = []
        self.dtypes: set[torch.dtype] = set()

    def on_train_epoch_start(self) -> None:
        self.orders.append([])

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        images, labels = batch
        numbers = (images[:, 0, 0, 0] * 255).round().long()
        assert torch.equal(numbers % 2, labels)
        self.orders[-1] += numbers.tolist()
        self.dtypes.add(images.dtype)
        assert 0 <= images.min() <= images.max() <= 1
        return self.layer(images[:, 0, 0, :1]).mean()

    def validation_step(self, batch: tuple[Tensor, Tensor]) -> None:
        self.dtypes.add(batch[0].dtype)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(data: ImageDataModule, folder: Path, epochs: int, checkpoint: Path | None = None) -> tuple[Probe, pl.Trainer]:
    probe = Probe()
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        default_root_dir=folder,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(probe, datamodule=data, ckpt_path=checkpoint, weights_only=True)
    return probe, trainer


def test_batches_are_bytes_until_they_are_on_the_device() -> None:
    data = module()
    images, labels = next(iter(data.val_dataloader()))
    assert (images.dtype, images.shape, labels.dtype) == (torch.uint8, (5, 3, 6, 6), torch.int64)
    images, labels = data.on_after_batch_transfer([torch.tensor([[[[0, 51, 255]]]], dtype=torch.uint8), labels], 0)
    assert images.dtype == torch.float32
    assert np.allclose(images.flatten(), [0, 0.2, 1], atol=1e-7)


def test_facts_about_the_images() -> None:
    data = module(source=NumberedSource(channels=1))
    assert (data.classes, data.num_classes, data.num_channels, data.image_size) == (("even", "odd"), 2, 1, 6)


def test_setup_is_done_once_and_must_be_done() -> None:
    source = NumberedSource()
    data = ImageDataModule(source, 5, 0, 0, 1)
    for use in (lambda: data.classes, lambda: data.num_channels, data.train_dataloader, data.val_dataloader):
        with pytest.raises(RuntimeError, match=r"call ImageDataModule\.setup\(\) first"):
            use()
    for stage in ("fit", "validate", None):
        data.setup(stage)
    assert source.calls == 1


@pytest.mark.parametrize("workers", [0, 1])
def test_no_image_is_dropped_and_validation_keeps_its_order(workers: int) -> None:
    data = module(workers=workers)
    numbers = [n for images, _ in data.train_dataloader() for n in images[:, 0, 0, 0].tolist()]
    assert sorted(numbers) == list(range(23))
    assert numbers != sorted(numbers)
    assert [n for images, _ in data.val_dataloader() for n in images[:, 0, 0, 0].tolist()] == list(range(7))
    assert data.train_dataloader().persistent_workers == (workers > 0)


def test_order_depends_on_seed_and_epoch_only(tmp_path: Path) -> None:
    def orders(seed: int, disturb: Callable[[], object], **options: float) -> list[list[int]]:
        disturb()
        data = module(seed, **options)  # type: ignore[arg-type]
        return fit(data, tmp_path, epochs=3)[0].orders

    first = orders(0, lambda: torch.manual_seed(1))
    assert all(sorted(order) == list(range(23)) for order in first)
    assert len({tuple(order) for order in first}) == 3
    assert orders(0, lambda: (torch.manual_seed(2), torch.rand(9))) == first
    assert orders(0, lambda: None, workers=1) == first
    assert orders(1, lambda: torch.manual_seed(1)) != first


def test_no_seed_has_the_order_of_another_one_epoch_later() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        sampler = module(seed).train_dataloader().sampler
        assert isinstance(sampler, EpochShuffle)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert len({tuple(order(seed, epoch)) for seed in range(4) for epoch in range(4)}) == 16


def test_a_resumed_run_continues_in_the_same_order(tmp_path: Path) -> None:
    whole = fit(module(), tmp_path, epochs=3)[0].orders
    _, trainer = fit(module(), tmp_path, epochs=1)
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    resumed, _ = fit(module(), tmp_path, epochs=3, checkpoint=tmp_path / "a.ckpt")
    assert resumed.orders == whole[1:]
    assert resumed.dtypes == {torch.float32}


@pytest.mark.parametrize("workers", [0, 1])
def test_loading_does_not_change_the_global_random_state(workers: int) -> None:
    data = module(workers=workers)
    before = torch.get_rng_state()
    for loader in (data.train_dataloader(), data.val_dataloader()):
        assert sum(len(labels) for _, labels in loader) in (23, 7)
    assert torch.equal(torch.get_rng_state(), before)


def test_lightning_recognises_the_shuffle() -> None:
    assert _is_dataloader_shuffled(module().train_dataloader())
    assert isinstance(module().train_dataloader().sampler, EpochShuffle)


def test_the_cache_holds_both_sets_within_one_limit() -> None:
    each = 3 * 6 * 6
    names = []
    for gb in (30 * each / 1e9, 29 * each / 1e9, 22 * each / 1e9, 0):
        data = module(cache_gb=gb)
        names.append((type(data._splits.train).__name__[:6], type(data._splits.val).__name__[:6]))
    assert names == [("Cached", "Cached"), ("Cached", "OnDema"), ("OnDema", "Cached"), ("OnDema", "OnDema")]


@pytest.mark.parametrize("cached", [True, False])
def test_advice_on_workers_is_silenced_for_cached_images_only(
    cached: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_connector, "suggested_max_num_workers", lambda _: 8)  # as on a machine with many cores
    expected = nullcontext() if cached else pytest.raises(Warning, match="does not have many workers")
    with expected:  # warnings are errors here
        fit(module(cache_gb=float(cached)), tmp_path, epochs=1)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (NumberedSource(train=0), "training images"),
        (NumberedSource(val=0), "validation images"),
        (NumberedSource(classes=()), "classes"),
    ],
)
def test_an_empty_source_is_refused(source: NumberedSource, what: str) -> None:
    with pytest.raises(UserError, match=rf"^data\.source: NumberedSource has no {what}, at least one is needed$"):
        module(source=source)


def test_a_file_that_breaks_during_training_is_one_line(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / name / f"{i}.png")
    source = FolderSource(root=str(tmp_path), num_classes=None, classes=None, image_size=8, val_size=0.25, seed=0)
    data = ImageDataModule(source, batch_size=2, num_workers=1, seed=0, cache_gb=0)
    data.setup()
    for path in tmp_path.glob("*/*.png"):
        path.write_bytes(b"")
    with pytest.raises(UserError) as caught:
        fit(data, tmp_path, epochs=1)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("png: the file is empty; repair or remove the file")


def test_examples_are_spread_over_the_training_set_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("featevo.data.module.EXAMPLES", 10)
    data = module(source=NumberedSource(train=29))
    data.setup()
    examples = data.examples()
    assert examples.shape == (10, *data._splits.train[0][0].shape)
    assert examples.dtype == torch.float32
    assert torch.equal(examples[1] * 255, torch.as_tensor(data._splits.train[3][0]).float())
    assert data.examples() is examples
    small = module(source=NumberedSource(train=5))
    small.setup()
    assert len(small.examples()) == 5


def test_class_names_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    for name in (b"a", b"caf\xe9"):
        folder = tmp_path / os.fsdecode(name)
        folder.mkdir()
        for number in range(2):
            Image.new("RGB", (8, 8)).save(folder / f"{number}.png")
    source = FolderSource(
        root=str(tmp_path), num_classes=None, classes=None, image_size=8, val_size=0.5, seed=0, channels=3
    )
    with pytest.raises(UserError) as error:
        ImageDataModule(source, 2, 0, 0, 1).setup()
    assert str(error.value) == r"data.source: class names that are not UTF-8: 'caf\udce9'; rename them"
