"""Reads what W&B keeps on disk: `.wandb` files, a log of protobuf records in LevelDB's framing."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from wandb.proto import wandb_internal_pb2

MAGIC, BLOCK = b":W&B", 32768
FULL, LAST = 1, 4
"""Kinds of chunks: a whole record, and the last part of one."""


def records(path: Path) -> Iterator[Any]:
    """Every whole record of a file, in order; a file that was cut off or is being written ends before its last one."""
    for record, _ in _records(path.read_bytes()):
        yield record


def repair(path: Path) -> None:
    """Remove a last record that was cut off; a file without any record gets another name.

    W&B writes in blocks of 32 KiB, so a killed run leaves such files, and `wandb sync` refuses them together with all
    later files of the run.
    """
    content = path.read_bytes()
    end = max((end for _, end in _records(content)), default=None)
    if end is None:
        path.rename(path.with_name(f"{path.name}.empty"))
    elif end < len(content):
        os.truncate(path, end)


def _records(content: bytes) -> Iterator[tuple[Any, int]]:
    if not content.startswith(MAGIC):
        return
    position, parts = 7, b""
    while position + 7 <= len(content):
        if BLOCK - position % BLOCK < 7:  # padding
            position += BLOCK - position % BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[position : position + 7])
        if position + 7 + length > len(content):
            return
        parts += content[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in (FULL, LAST):
            record = wandb_internal_pb2.Record()  # type: ignore[attr-defined]
            try:
                record.ParseFromString(parts)
            except DecodeError:
                return
            parts = b""
            yield record, position


def files_of(folder: Path, run_id: str) -> list[Path]:
    """The files of a run in a folder `wandb`, in the order in which they were begun."""
    return sorted(folder.glob(f"*run-*-{run_id}/run-{run_id}.wandb"))


def history(folder: Path, run_id: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """W&B's own step, and the values by key, of each row of a run; an image has an object as its value.

    Args:
        folder: The folder `wandb`, which has a folder for each process that wrote to the run.
        run_id: Id of the run.
    """
    for path in files_of(folder, run_id):
        for record in records(path):
            if record.WhichOneof("record_type") == "history":
                yield record.history.step.num, _row(record.history.item)


def _row(items: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for item in items:
        key, *inner = item.nested_key or [item.key]
        if inner:  # an image: its path, size and caption are separate items
            row.setdefault(key, {})[inner[0]] = json.loads(item.value_json)
        else:
            row[key] = json.loads(item.value_json)
    return row
