"""What became of every layer: loaded, new or left out, learning or frozen; for the log and for `run.json`."""

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

MILLION = 1e6


@dataclass(frozen=True)
class Layer:
    """One module with weights of its own, or one weight outside of such modules.

    Attributes:
        name: The module's, without wrappers.
        state: "loaded" from a file, "new" (random), or "left out" of what the file has (then random, too).
        shape: Of its first weight in the network; None: the network has no such layer.
        in_file: The same in the file; None: the file has no such layer, or it was not asked for.
    """

    name: str
    state: str
    shape: tuple[int, ...] | None
    in_file: tuple[int, ...] | None = None


@dataclass(frozen=True)
class InitReport:
    """How a network starts.

    Attributes:
        name: random, pretrained or checkpoint.
        scheme: Random scheme of what is not loaded.
        source: The file, or what was downloaded; None for random weights alone.
        layers: In the network's order, then what the file has besides.
        freeze: What was asked to stay as it is: blocks and names of layers.
        frozen: Names of layers that are frozen.
        trainable: How many weights learn.
        total: How many weights there are.
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
        """Plain values for `run.json`: names by state, with both shapes for what was left out."""
        named = {state: [layer.name for layer in self.layers if layer.state == state] for state in ("loaded", "new")}
        left_out = [
            {"layer": layer.name, "network": _plain(layer.shape), "file": _plain(layer.in_file)}
            for layer in self.layers
            if layer.state == "left out"
        ]
        frozen = [layer.name for layer in self.layers if layer.name in self.frozen and layer.shape is not None]
        return {
            "name": self.name,
            "scheme": self.scheme,
            "source": self.source,
            **named,
            "left_out": left_out,
            "freeze": list(self.freeze),
            "frozen": frozen,
            "trainable_weights": self.trainable,
            "weights": self.total,
        }

    def table(self) -> Table:
        """A row for every run of consecutive layers with the same fate."""
        table = Table(box=box.SIMPLE_HEAD)
        for head in ("layers", "", "weights", "learning"):
            table.add_column(head, overflow="fold")
        for (fate, frozen, there), group in groupby(self.layers, self._fate):
            layers = list(group)
            first, last = layers[0].name, layers[-1].name
            what = first if len(layers) == 1 else f"{first} to {last}"
            origin = {"new": f"new ({self.scheme})", "left out": _shapes(layers)}.get(fate, fate)
            learning = ("frozen" if frozen else "yes") if there else "-"
            table.add_row(what, str(len(layers)), origin, learning)
        return table

    def line(self) -> str:
        """How much of the network learns."""
        text = f"Weights: trainable {_millions(self.trainable)} of {_millions(self.total)} million weights"
        return f"{text}; frozen: {', '.join(self.freeze)}" if self.freeze else text

    def __str__(self) -> str:
        """The line, and under it the table where it says more than that all layers are alike."""
        line = f"{self.line()}; from {self.source}" if self.source else f"{self.line()}; random ({self.scheme})"
        if len({self._fate(layer) for layer in self.layers}) == 1:
            return line
        console = Console(file=io.StringIO(), width=110)
        console.print(self.table())
        assert isinstance(console.file, io.StringIO)
        return f"{line}\n" + "\n".join(row.rstrip() for row in console.file.getvalue().splitlines() if row.strip())

    def _fate(self, layer: Layer) -> tuple[str, bool, bool]:
        return layer.state, layer.name in self.frozen, layer.shape is not None


def layers_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of weights by their layer: the module that holds them, for the network's own weights their name."""
    layers: dict[str, list[str]] = {}
    for name in names:
        layers.setdefault(layer_of(name), []).append(name)
    return layers


def layer_of(name: str) -> str:
    """The layer of a weight, see `layers_of`."""
    return name.rpartition(".")[0] or name


def unloaded(net: nn.Module) -> tuple[Layer, ...]:
    """Every layer as new."""
    state = {name: value for name, value in net.state_dict().items() if isinstance(value, Tensor)}
    return tuple(Layer(name, "new", tuple(state[weights[0]].shape)) for name, weights in layers_of(state).items())


def _shapes(layers: list[Layer]) -> str:
    shown = [f"file {_plain(layer.in_file)}, network {_plain(layer.shape) or 'has none'}" for layer in layers[:2]]
    return "left out: " + "; ".join(shown) + ("; ..." if len(layers) > 2 else "")


def _plain(shape: tuple[int, ...] | None) -> list[int] | None:
    return None if shape is None else list(shape)


def _millions(count: int) -> str:
    return f"{count / MILLION:.1f}" if count >= MILLION / 10 or not count else f"{count / MILLION:.2g}"
