"""What the tests of the page in a browser share: colours that say where a picture is from, and reading them back."""

from __future__ import annotations

import json

CLASSES = ("tree frog", "flamingo", "pool table", "hamburger")

# Each picture's middle, read from a copy: canvases that are read themselves make the browser complain.
SHOWN = """() => [...document.querySelectorAll("#gallery canvas")].map((canvas) => {
    const copy = new OffscreenCanvas(1, 1).getContext("2d");
    copy.drawImage(canvas, -Math.floor(canvas.width / 2), -Math.floor(canvas.height / 2));
    return [...copy.getImageData(0, 0, 1, 1).data];
})"""


def tone(run, epoch, unit):
    """The colour of a picture of `painted` runs, opaque; no two pictures share one."""
    return [40 + 60 * run, 10 + 20 * epoch, 30 + 60 * unit, 255]


def at(*moments):
    """The colours of the runs' four classes in rows, each run at an epoch; 0 where it has no picture yet."""
    return [tone(run, epoch, unit) if epoch else [0, 0, 0, 0] for unit in range(4) for run, epoch in enumerate(moments)]


def shows(page, *colours):
    """Wait until the pictures, in the order of the page, have these colours."""
    wanted = json.dumps(colours, separators=(",", ":"))
    page.wait_for_function(f"(wanted) => JSON.stringify(({SHOWN})()) === wanted", arg=wanted)


def choose(page, value):
    """Choose a layout or an axis, and let go of the button."""
    page.check(f"[value={value}]", force=True)
    page.locator(f"[value={value}]").blur()
