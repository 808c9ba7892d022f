"""The LightningDataModule: batches of the images of any source; their order depends only on the seed and the epoch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence, Sized
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.warnings import PossibleUserWarning
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler

from featevo.data.cache import CachedImages, in_memory
from featevo.data.of_each_class import of_each_class
from featevo.data.source import Images, Source, Splits
from featevo.errors import UserError

EXAMPLES = 256
"""Most training images for the regularizers that use their statistics."""

LABELLED = 1024
"""Most labelled images that are returned at once (but at least two of each class): they are held in memory."""

SEARCHED = 4
"""Most images that are read for each labelled image that is returned: reading files takes time."""


class ImageDataModule(pl.LightningDataModule):
    """Batches of a source's images for training and validation.

    A loader's batch is (uint8 (B, C, H, W), int64 (B,)); on the device, Lightning makes it (float32 in [0, 1], int64).
    Loading never uses the global random state.

    Args:
        source: provides the images; used once, in `setup`.
        batch_size: images per batch; the last batch of an epoch may be smaller.
        num_workers: processes that load batches; 0 loads in the main process, which is best for cached images.
        seed: decides the order of the training images, together with the epoch.
        cache_gb: the most memory, in units of 1e9 bytes, for decoded images of both sets; 0 caches nothing.
        wrong_labels: the share of the training images whose labels are permuted among themselves, 0..1, chosen by
            `seed`; some keep theirs by chance. 1: there is nothing to learn, which is the control of every claim.
    """

    def __init__(
        self,
        source: Source,
        batch_size: int,
        num_workers: int,
        seed: int,
        cache_gb: float,
        wrong_labels: float = 0.0,
    ) -> None:
        super().__init__()
        self._source = source
        self._batch_size = batch_size
        self._num_workers = num_workers
        self._seed = seed
        self._cache_bytes = int(cache_gb * 1e9)
        self._wrong_labels = wrong_labels
        self._loaded: Splits | None = None
        self._examples: Tensor | None = None

    def setup(self, stage: str | None = None) -> None:
        """Find and load the images at the first call; `stage` makes no difference.

        Raises:
            UserError: if the source has no classes or no images, a class has a name that cannot be written, some
                images cannot be read, or labels of images on demand should be wrong.
        """
        if self._loaded is not None:
            return
        splits = self._source.splits()
        sets: tuple[Sized, ...] = (splits.classes, splits.train, splits.val)
        for what, found in zip(("classes", "training images", "validation images"), sets, strict=True):
            if len(found) == 0:
                raise UserError(f"data.source: {type(self._source).__name__} has no {what}, at least one is needed")
        _check_names(splits.classes)
        train = in_memory(splits.train, self._cache_bytes, "training")
        if self._wrong_labels:
            train = with_wrong_labels(train, self._wrong_labels, self._seed)
        used = train.images.nbytes if isinstance(train, CachedImages) else 0
        val = in_memory(splits.val, self._cache_bytes - used, "validation")
        if isinstance(train, CachedImages) and isinstance(val, CachedImages):
            # Lightning always advises more workers; for indexing into memory they only cost time.
            warnings.filterwarnings("ignore", ".*does not have many workers", PossibleUserWarning)
        self._loaded = Splits(train, val, tuple(splits.classes))

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in index order; known after `setup`, as are the other properties."""
        return tuple(self._splits.classes)

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @property
    def num_channels(self) -> int:
        """Channels of an image: 3 for colour, 1 for grey."""
        return self._splits.train[0][0].shape[0]

    @property
    def image_size(self) -> int:
        """Side of the square images in pixels."""
        return self._splits.train[0][0].shape[-1]

    def examples(self) -> Tensor:
        """Up to 256 training images (N, C, H, W), float32 in 0..1, evenly spread over the set; kept once read."""
        if self._examples is None:
            train = self._splits.train
            chosen = range(0, len(train), -(-len(train) // EXAMPLES))
            self._examples = torch.stack([torch.as_tensor(train[i][0]) for i in chosen]).float() / 255
        return self._examples

    def labelled(self, split: str, per_class: int) -> tuple[Tensor, Tensor]:
        """Images with their classes, the same ones at every call.

        Args:
            split: "train" or "val".
            per_class: Most of each class; a rare class may have fewer, since only some images are read.

        Returns:
            Images (N, C, H, W), float32 in 0..1, and classes (N,).
        """
        images = self._splits.train if split == "train" else self._splits.val
        per_class = min(per_class, max(2, LABELLED // self.num_classes))
        found = of_each_class(images.__getitem__, len(images), self.num_classes, per_class, SEARCHED)
        pixels, labels = zip(*found, strict=True)
        return torch.stack([torch.as_tensor(image) for image in pixels]).float() / 255, torch.tensor(labels)

    def train_dataloader(self) -> DataLoader[tuple[Tensor, int]]:
        """All training images, in a new order every epoch."""
        train = self._splits.train
        sampler = EpochShuffle(train, self._seed)
        if self.trainer is not None:
            # Of a resumed run, Lightning makes the first iterator before it sets the epoch, and workers prefetch.
            sampler.set_epoch(self.trainer.fit_loop.epoch_progress.current.processed)  # type: ignore[attr-defined]
        return self._loader(train, sampler)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, int]]:
        """All validation images, in the source's order."""
        return self._loader(self._splits.val, None)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> tuple[Tensor, Tensor]:
        """Scale to float32 in [0, 1] on the device: uint8 transfers a quarter of the bytes."""
        images, labels = batch
        return images.float() / 255, labels

    def _loader(self, images: Images, sampler: EpochShuffle | None) -> DataLoader[tuple[Tensor, int]]:
        return DataLoader(
            images,  # type: ignore[arg-type]  # a map-style dataset by its methods; torch types it by its base class
            batch_size=self._batch_size,
            sampler=sampler,
            num_workers=self._num_workers,
            persistent_workers=self._num_workers > 0,
            pin_memory=torch.cuda.is_available(),
            # Without one, every pass draws the workers' base seed from the global stream, even with no workers.
            generator=torch.Generator().manual_seed(self._seed),
        )

    @property
    def _splits(self) -> Splits:
        if self._loaded is None:
            raise RuntimeError("call ImageDataModule.setup() first")
        return self._loaded


def with_wrong_labels(images: Images, share: float, seed: int) -> CachedImages:
    """The same images, with the labels of a share of them permuted among themselves.

    Args:
        images: in memory.
        share: in 0..1, rounded to a whole number of images.
        seed: chooses the images and the permutation; a larger share has those of a smaller one, too.

    Raises:
        UserError: if the images are not in memory, as their labels are then unknown before they are read.
    """
    if not isinstance(images, CachedImages):
        raise UserError("data.wrong_labels: only for training images in memory; give data.cache_gb enough for them")
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(images))[: round(share * len(images))]
    labels = np.array(images.labels)
    labels[chosen] = rng.permutation(labels[chosen])
    return CachedImages(images.images, labels.tolist())


def _check_names(classes: Sequence[str]) -> None:
    """The record and the trackers have the names as UTF-8."""
    wrong = [name for name in classes if name.encode(errors="replace") != name.encode(errors="surrogatepass")]
    if wrong:
        raise UserError(f"data.source: class names that are not UTF-8: {', '.join(map(ascii, wrong))}; rename them")


class EpochShuffle(RandomSampler):
    """A shuffle that depends only on (seed, epoch), so that a resumed run continues in the same order.

    Lightning calls `set_epoch` before every epoch. On several devices it replaces a `RandomSampler` by its own
    DistributedSampler.
    """

    def __init__(self, data_source: Images, seed: int) -> None:
        super().__init__(data_source)
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Use the order of this epoch, counted from 0, from the next pass on."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        # A hash of both: with their sum, seed 0 in epoch 1 would have the same order as seed 1 in epoch 0.
        mixed = int(np.random.SeedSequence([self._seed, self._epoch]).generate_state(1, np.uint64)[0])
        generator = torch.Generator().manual_seed(mixed)
        yield from torch.randperm(len(self), generator=generator).tolist()
