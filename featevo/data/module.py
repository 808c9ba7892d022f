"""The LightningDataModule: any source of labelled pictures as batches, in an order that only its own seed decides."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sized
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.warnings import PossibleUserWarning
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler

from featevo.data.cache import CachedPictures, OnDemandPictures, in_memory
from featevo.data.source import Source
from featevo.errors import UserError

EXAMPLES = 256
"""Training pictures whose statistics some regularizers follow."""

LABELLED = 1024
"""The most labelled pictures that are given at once, but two of each class: they are held in memory."""

SEARCHED = 4
"""How many times as many pictures as are wanted are looked at for labelled ones: reading files takes time."""


class ImageDataModule(pl.LightningDataModule):
    """Batches of a source's pictures for training and validation.

    A loader's batch is (uint8 (B, C, H, W), int64 (B,)); on the device, Lightning makes it (float32 in [0, 1], int64).
    Loading never touches the global random state.

    Args:
        source: gives the pictures; asked once, in `setup`.
        batch_size: pictures per batch; the last batch of an epoch may be smaller.
        num_workers: processes that load batches; 0 loads in the main process, right for cached pictures.
        seed: decides the order of the training pictures, together with the epoch.
        cache_gb: the most memory, in units of 1e9 bytes, for decoded pictures of both sets; 0 caches nothing.
    """

    def __init__(self, source: Source, batch_size: int, num_workers: int, seed: int, cache_gb: float) -> None:
        super().__init__()
        self._source = source
        self._batch_size = batch_size
        self._num_workers = num_workers
        self._seed = seed
        self._cache_bytes = int(cache_gb * 1e9)
        self._classes: tuple[str, ...] = ()
        self._examples: Tensor | None = None

    def setup(self, stage: str | None = None) -> None:
        """Find and load the pictures, the first time it is called; `stage` makes no difference.

        Raises:
            UserError: if the source has no classes or no pictures, or some pictures cannot be read.
        """
        if self._classes:
            return
        splits = self._source.splits()
        sets: dict[str, Sized] = {
            "classes": splits.classes,
            "training pictures": splits.train,
            "validation pictures": splits.val,
        }
        for what, found in sets.items():
            if len(found) == 0:
                raise UserError(f"data.source: {type(self._source).__name__} gives no {what}, at least one is needed")
        self._train = in_memory(splits.train, self._cache_bytes, "training")
        used = self._train.images.nbytes if isinstance(self._train, CachedPictures) else 0
        self._val = in_memory(splits.val, self._cache_bytes - used, "validation")
        if isinstance(self._train, CachedPictures) and isinstance(self._val, CachedPictures):
            # Lightning advises more workers whatever the loader does; for indexing into memory they only cost time.
            warnings.filterwarnings("ignore", ".*does not have many workers", PossibleUserWarning)
        self._classes = tuple(splits.classes)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in index order; known after `setup`, as are the other properties."""
        self._require_setup()
        return self._classes

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.classes)

    @property
    def num_channels(self) -> int:
        """Channels of a picture: 3 for colour, 1 for grey."""
        self._require_setup()
        return self._train[0][0].shape[0]

    @property
    def image_size(self) -> int:
        """Side of the square pictures in pixels."""
        self._require_setup()
        return self._train[0][0].shape[-1]

    def examples(self) -> Tensor:
        """Up to 256 training pictures (N, C, H, W), float32 in 0..1, evenly spread over the set; kept once read."""
        self._require_setup()
        if self._examples is None:
            count = len(self._train)
            chosen = range(0, count, -(-count // EXAMPLES))
            self._examples = torch.stack([torch.as_tensor(self._train[i][0]) for i in chosen]).float() / 255
        return self._examples

    def labelled(self, split: str, per_class: int) -> tuple[Tensor, Tensor]:
        """Real pictures with their classes, the same ones at every asking, up to so many of each class.

        Args:
            split: "train" or "val".
            per_class: Most of each class; fewer where a class is so rare that many pictures had to be read for them.

        Returns:
            Pictures (N, C, H, W), float32 in 0..1, and classes (N,).
        """
        self._require_setup()
        pictures = self._train if split == "train" else self._val
        # In random order, as sources have their classes one after the other, or in turns.
        order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0)).tolist()
        per_class = min(per_class, max(2, LABELLED // self.num_classes))
        wanted = Counter(dict.fromkeys(range(self.num_classes), per_class))
        found: list[tuple[Tensor, int]] = []
        for place in order[: SEARCHED * per_class * self.num_classes]:
            picture, label = pictures[place]
            if wanted[label] > 0:
                wanted[label] -= 1
                found.append((torch.as_tensor(picture), label))
            if len(found) == per_class * self.num_classes:
                break
        images, labels = zip(*found, strict=True)
        return torch.stack(images).float() / 255, torch.tensor(labels)

    def train_dataloader(self) -> DataLoader[tuple[Tensor, int]]:
        """All training pictures, in a new order every epoch."""
        self._require_setup()
        return self._loader(self._train, EpochShuffle(self._train, self._seed))

    def val_dataloader(self) -> DataLoader[tuple[Tensor, int]]:
        """All validation pictures, in the source's order."""
        self._require_setup()
        return self._loader(self._val, None)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> tuple[Tensor, Tensor]:
        """Scale to float32 in [0, 1] on the device: a quarter of the bytes travel there."""
        images, labels = batch
        return images.float() / 255, labels

    def _loader(
        self, pictures: CachedPictures | OnDemandPictures, sampler: EpochShuffle | None
    ) -> DataLoader[tuple[Tensor, int]]:
        return DataLoader(
            pictures,  # type: ignore[arg-type]  # a map-style dataset by its methods; torch types it by its base class
            batch_size=self._batch_size,
            sampler=sampler,
            num_workers=self._num_workers,
            persistent_workers=self._num_workers > 0,
            pin_memory=torch.cuda.is_available(),
            # Without one, every pass draws the workers' base seed from the global stream, even with no workers.
            generator=torch.Generator().manual_seed(self._seed),
        )

    def _require_setup(self) -> None:
        if not self._classes:
            raise RuntimeError("call ImageDataModule.setup() first")


class EpochShuffle(RandomSampler):
    """A shuffle that depends on (seed, epoch) alone, so a resumed run goes on in the order it would have had.

    Lightning calls `set_epoch` before every epoch. It is a `RandomSampler` so that Lightning knows it for a shuffle and
    puts its own DistributedSampler in its place on several devices.
    """

    def __init__(self, data_source: CachedPictures | OnDemandPictures, seed: int) -> None:
        super().__init__(data_source)
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Take the order of this epoch, counted from 0, from the next pass on."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        # A hash of both: with their sum, seed 0 would have in epoch 1 the order that seed 1 has in epoch 0.
        mixed = int(np.random.SeedSequence([self._seed, self._epoch]).generate_state(1, np.uint64)[0])
        generator = torch.Generator().manual_seed(mixed)
        yield from torch.randperm(len(self), generator=generator).tolist()
