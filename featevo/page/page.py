"""The page as one HTML file that contains its images, styles and scripts and needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from featevo.errors import UserError
from featevo.page.content import content
from featevo.page.gather import Gathered, gather
from featevo.page.sections import heads, sections
from featevo.page.thinning import Plan, plan
from featevo.page.views import shown_units
from featevo.record.files import write_text
from featevo.record.find import may_write
from featevo.record.reading import Evolution, all_class_names
from featevo.record.units import other_views

FOLDER = Path(__file__).parent

STYLES = ("page.css", "dialog.css", "study.css", "views.css", "compare.css")
SCRIPTS = (
    "elements.js",
    "data.js",
    "pictures.js",
    "real.js",
    "timeline.js",
    "gallery.js",
    "layouts.js",
    "compare.js",
    "curves.js",
    "runs.js",
    "measured.js",
    "dialog.js",
    "matrices.js",
    "layers.js",
    "views.js",
    "unit.js",
    "study.js",
    "controls.js",
)
"""Put into the page in this order, as one style and one script."""

LIVE_SCRIPTS = (*SCRIPTS, "live.js", "poll.js")
WAITING_SCRIPTS = ("waiting.js", "poll.js")
"""Of the page of `featevo.page.live`, and of the one while there is no snapshot. Only these make requests."""


OF_CLASSES = "The image that activates each class unit most, at every snapshot of training."
OF_VIEWS = "Images of what the network has learned, at every snapshot of training."
"""What the page shows: of runs with classes, and of runs that have other views alone."""


def write_report(folders: Sequence[Path], out: Path | None = None) -> Path:
    """Write the page of some runs, side by side; one slider moves all of them through training.

    Args:
        folders: Of runs and sweeps, shown in this order, and of a study; the page names those without a record.
        out: The page; by default `report.html` in the folder given, or in the nearest one that holds all of them.

    Returns:
        The path of the page.

    Raises:
        UserError: No folder holds a record, the page cannot be written, or `out` is required: see
            `featevo.record.find.may_write`.
    """
    return write_gathered(gather(folders), folders, out)


def write_gathered(gathered: Gathered, folders: Sequence[Path], out: Path | None) -> Path:
    """Do the same as `write_report` with runs that are already read."""
    out = out or may_write(gathered.home, folders) / "report.html"
    try:
        write_text(out, page(gathered))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a file") from error
    return out


def page(gathered: Gathered, version: str | None = None, most_bytes: int | None = None) -> str:
    """The page of some runs, as HTML.

    Args:
        gathered: The runs.
        version: What changes with the record, of a page that renews itself from its server; None: a static page.
        most_bytes: As for `plan`.
    """
    chosen = plan(gathered.evolutions, most_bytes)
    return _template("page.html.j2").render(
        title=gathered.title,
        about=OF_CLASSES if chosen.classes else OF_VIEWS,
        lead=_lead(gathered),
        notes=_notes(gathered, chosen),
        heads=heads(chosen),
        sections=sections(gathered, chosen),
        style=_joined(STYLES),
        script=_joined(SCRIPTS if version is None else LIVE_SCRIPTS),
        content=content(gathered, chosen),
        version=version,
    )


def waiting_page(reason: str, version: str) -> str:
    """The page while there is no snapshot: `reason` in one line; it renews itself, too."""
    template = _template("waiting.html.j2")
    return template.render(reason=reason, version=version, style=_joined(STYLES[:1]), script=_joined(WAITING_SCRIPTS))


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # `tojson` escapes everything that could end the <script> with the JSON.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":"), "allow_nan": False}
    return environment.get_template(name)


def _joined(names: Sequence[str]) -> str:
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)


def _lead(gathered: Gathered) -> str:
    runs, classes = len(gathered.evolutions), len(all_class_names(gathered.evolutions))
    of_classes = [_count(classes, "class", "classes")] if classes else []
    return ", ".join([_count(runs, "run"), *of_classes, _count(_drawn(gathered.evolutions), "snapshot")])


def _notes(gathered: Gathered, chosen: Plan) -> list[str]:
    """Sentences about what is left out or compressed."""
    several = len(gathered.evolutions) > 1
    place = "each run's folder evolution/" if several else f"{gathered.evolutions[0].folder.resolve().name}/evolution"
    snapshots = _drawn(gathered.evolutions)
    shown = sum(len(places) for places in chosen.snapshots)
    classes = len(all_class_names(gathered.evolutions))
    notes = []
    if shown < snapshots:
        notes.append(f"Shows {shown} of {snapshots} snapshots, evenly spread over training; all are in {place}.")
    if len(chosen.classes) < classes:
        notes.append(f"Shows {len(chosen.classes)} of {classes} classes; all are in {place}.")
    notes += [
        f"Shows {shown} of {count} images of {view}; all are in {place}."
        for view, (shown, count) in _units(gathered.evolutions, chosen).items()
        if shown < count
    ]
    if chosen.quality is not None:
        notes.append(f"Images are WebP of quality {chosen.quality} to keep the page small; without loss: {place}.")
    return [*notes, *(f"Left out: {line}." for line in gathered.left_out)]


def _drawn(evolutions: Sequence[Evolution]) -> int:
    """Snapshots with images; others keep weights alone."""
    return sum(snapshot.is_drawn for evolution in evolutions for snapshot in evolution.snapshots)


def _units(evolutions: Sequence[Evolution], chosen: Plan) -> dict[str, tuple[int, int]]:
    """By view, how many units are shown, and how many there are, in the run that has most."""
    counts: dict[str, tuple[int, int]] = {}
    for evolution in evolutions:
        shown = shown_units(evolution, chosen.units)
        for view, units in other_views(evolution).items():
            counts[view] = max(counts.get(view, (0, 0)), (len(shown[view]), len(units)), key=lambda pair: pair[1])
    return counts


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
