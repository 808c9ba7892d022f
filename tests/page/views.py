"""Records with other views than the classes, a colour for each image."""

from __future__ import annotations

import json

from PIL import Image


def shade(place, epoch, unit):
    """The colour of a unit's image of the view of this place; all differ."""
    return [10 + 70 * place, 20 * epoch, 30 + 20 * (unit % 10), 255]


def edit(run, change):
    """Change the entries of a run's index."""
    index = run / "evolution" / "index.jsonl"
    entries = [json.loads(line) for line in index.read_text().splitlines()]
    change(entries)
    index.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def add_views(run, views, without_classes=()):
    """Add images to the index of a run.

    Args:
        run: Its folder.
        views: By name: (epochs, units), units as {number: (name, group, (width, height))}.
        without_classes: Epochs whose images of classes are removed.
    """

    def change(entries):
        for entry in entries:
            if entry["epoch"] in without_classes:
                entry["renders"] = []
            for place, (view, (epochs, units)) in enumerate(views.items()):
                for unit, (name, group, size) in units.items() if entry["epoch"] in epochs else ():
                    file = f"evolution/{entry['folder']}/other-{place}-{unit}.png"
                    Image.new("RGB", size, tuple(shade(place, entry["epoch"], unit)[:3])).save(run / file)
                    about = {"view": view, "unit": unit, "name": name, "group": group, "file": file}
                    entry["renders"].append({**about, "error": entry["epoch"] / 8, "z": 1, "odd": "x"})

    edit(run, change)
    return run


SQUARE, WIDE = (16, 16), (24, 12)
CHANNELS = {3: ("conv1 3", "conv1", SQUARE), 4: ("conv1 4", "conv1", SQUARE), 13: ("conv2 3", "conv2", SQUARE)}
EXEMPLARS = {unit: (name, group, WIDE) for unit, (name, group, _) in CHANNELS.items()}
