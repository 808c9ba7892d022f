"""Renders in a list that displays itself in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from featevo.visualize.render import Render

if TYPE_CHECKING:
    from featevo.contact_sheet import ContactSheet


class Renders(list[Render]):
    """A list of renders; a notebook shows it as a contact sheet."""

    def _repr_html_(self) -> str:
        return sheet_of(self)._repr_html_()


def sheet_of(renders: Sequence[Render]) -> ContactSheet:
    """Renders with their units, and the probabilities of their classes or else the values of their objectives."""
    from featevo.contact_sheet import ContactSheet, caption  # here, as drawing needs neither Pillow nor the record
    from featevo.record.images import to_uint8

    title = str(renders[0].settings["objective"]) if renders else "no renders"
    lines = [caption(_name(render), render.stopped, render.probability, render.value) for render in renders]
    return ContactSheet(title, [to_uint8(render.image) for render in renders], lines)


def _name(render: Render) -> str:
    return f"unit {render.unit}" + f", copy {render.copy}" * (render.settings["copies"] > 1)
