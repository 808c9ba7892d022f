"""The page as text: one file that holds its pictures, styles and scripts, and asks nothing of the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from featevo.page.content import content
from featevo.page.gather import Gathered
from featevo.page.labels import class_names
from featevo.page.sections import SECTIONS
from featevo.page.thinning import Plan, plan

FOLDER = Path(__file__).parent

STYLES = ("page.css", "dialog.css", "study.css")
SCRIPTS = (
    "elements.js",
    "data.js",
    "pictures.js",
    "timeline.js",
    "gallery.js",
    "layouts.js",
    "curves.js",
    "runs.js",
    "dialog.js",
    "matrices.js",
    "study.js",
    "controls.js",
)
"""Put into the page in this order, as one style and one script."""


def page(gathered: Gathered) -> str:
    """The whole page of some runs, as HTML."""
    chosen = plan(gathered.evolutions)
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # JSON within <script>: `tojson` escapes what could end it; order is kept, and nothing is said twice.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":"), "allow_nan": False}
    return environment.get_template("page.html.j2").render(
        title=gathered.title,
        lead=_lead(gathered),
        notes=_notes(gathered, chosen),
        sections=[section for make in SECTIONS for section in make(gathered, chosen)],
        style=_joined(STYLES),
        script=_joined(SCRIPTS),
        content=content(gathered, chosen),
    )


def _joined(names: Sequence[str]) -> str:
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)


def _lead(gathered: Gathered) -> str:
    runs, classes = len(gathered.evolutions), len(_names(gathered))
    snapshots = sum(len(evolution.snapshots) for evolution in gathered.evolutions)
    return ", ".join([_count(runs, "run"), _count(classes, "class", "classes"), _count(snapshots, "snapshot")])


def _notes(gathered: Gathered, chosen: Plan) -> list[str]:
    """What the reader must know of how much is shown, in sentences."""
    several = len(gathered.evolutions) > 1
    place = "each run's folder evolution/" if several else f"{gathered.evolutions[0].folder.resolve().name}/evolution"
    there = sum(len(evolution.snapshots) for evolution in gathered.evolutions)
    shown = sum(len(places) for places in chosen.snapshots)
    notes = []
    if shown < there:
        notes.append(f"Shows {shown} of {there} snapshots, evenly spread over training; all are in {place}.")
    if len(chosen.classes) < len(_names(gathered)):
        notes.append(f"Shows {len(chosen.classes)} of {len(_names(gathered))} classes; all are in {place}.")
    if chosen.quality is not None:
        notes.append(f"Pictures are WebP of quality {chosen.quality} to keep the page small; without loss: {place}.")
    return [*notes, *(f"Left out: {line}." for line in gathered.left_out)]


def _names(gathered: Gathered) -> set[str]:
    return {name for evolution in gathered.evolutions for name in class_names(evolution).values()}


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
