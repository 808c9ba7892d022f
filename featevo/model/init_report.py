"""The initial state of every layer: loaded, new or left out, trainable or frozen; for the log and for `run.json`."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn


@dataclass(frozen=True)
class Layer:
    """One module with weights of its own, or one weight outside of such modules.

    Attributes:
        name: The module's, without wrappers.
        state: "loaded" from a file, "new" (random), or "left out" of the file's layers (then random, too).
        shape: Of its first weight in the network; None: the network has no such layer.
        in_file: The same in the file; None: the file has no such layer, or it was not used.
    """

    name: str
    state: str
    shape: tuple[int, ...] | None
    in_file: tuple[int, ...] | None = None


@dataclass(frozen=True)
class InitReport:
    """The initial weights of a network.

    Attributes:
        name: random, pretrained or checkpoint.
        scheme: Random scheme of the layers that are not loaded.
        source: The file, or the downloaded weights; None for random weights alone.
        layers: In the network's order, then further ones of the file.
        freeze: The configured frozen parts: blocks and names of layers.
        frozen: Names of layers that are frozen.
        trainable: Number of trainable weights.
        total: Number of weights.
    """

    name: str
    scheme: str
    source: str | None
    layers: tuple[Layer, ...]
    freeze: tuple[str, ...]
    frozen: frozenset[str]
    trainable: int
    total: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values for `run.json`: names by state, with both shapes for layers that were left out."""
        named = {state: [layer.name for layer in self.layers if layer.state == state] for state in ("loaded", "new")}
        left_out = [
            {"layer": layer.name, "network": layer.shape, "file": layer.in_file}
            for layer in self.layers
            if layer.state == "left out"
        ]
        return {
            "name": self.name,
            "scheme": self.scheme,
            "source": self.source,
            **named,
            "left_out": left_out,
            "freeze": list(self.freeze),
            "frozen": [layer.name for layer in self.layers if layer.name in self.frozen and layer.shape is not None],
            "trainable_weights": self.trainable,
            "weights": self.total,
        }

    def __str__(self) -> str:
        """One line, and a table below it if the layers have different states."""
        line = f"Weights: trainable {_millions(self.trainable)} of {_millions(self.total)} million weights"
        if self.freeze:
            line += f"; frozen: {', '.join(self.freeze)}"
        line += f"; from {self.source}" if self.source else f"; random ({self.scheme})"
        if len({self._fate(layer) for layer in self.layers}) == 1:
            return line
        text = io.StringIO()
        Console(file=text, width=110).print(self._table())
        return f"{line}\n" + "\n".join(row.rstrip() for row in text.getvalue().splitlines() if row.strip())

    def _table(self) -> Table:
        """A row for every run of consecutive layers with the same state."""
        table = Table(box=box.SIMPLE_HEAD)
        for head in ("layers", "", "weights", "trainable"):
            table.add_column(head, overflow="fold")
        for (state, frozen, exists), group in groupby(self.layers, self._fate):
            layers = list(group)
            first, last = layers[0].name, layers[-1].name
            what = first if len(layers) == 1 else f"{first} to {last}"
            origin = {"new": f"new ({self.scheme})", "left out": _shapes(layers)}.get(state, state)
            trainable = ("frozen" if frozen else "yes") if exists else "-"
            table.add_row(what, str(len(layers)), origin, trainable)
        return table

    def _fate(self, layer: Layer) -> tuple[str, bool, bool]:
        return layer.state, layer.name in self.frozen, layer.shape is not None


def layers_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of weights by their layer."""
    layers: dict[str, list[str]] = {}
    for name in names:
        layers.setdefault(layer_of(name), []).append(name)
    return layers


def layer_of(name: str) -> str:
    """The layer of a weight: the module that holds it; for a weight of the network itself, its own name."""
    return name.rpartition(".")[0] or name


def unloaded(net: nn.Module) -> tuple[Layer, ...]:
    """Every layer as new."""
    state = {name: value for name, value in net.state_dict().items() if isinstance(value, Tensor)}
    return tuple(Layer(name, "new", tuple(state[weights[0]].shape)) for name, weights in layers_of(state).items())


def _shapes(layers: list[Layer]) -> str:
    shown = [f"file {layer.in_file}, network {layer.shape or 'has none'}" for layer in layers[:2]]
    return "left out: " + "; ".join(shown) + ("; ..." if len(layers) > 2 else "")


def _millions(count: int) -> str:
    return f"{count / 1e6:.1f}" if count >= 1e5 or not count else f"{count / 1e6:.2g}"
