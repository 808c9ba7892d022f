"""Helpers of the tests in a browser: a colour for each image, and the colours that the page shows."""

from __future__ import annotations

import json

CLASSES = ("tree frog", "flamingo", "pool table", "hamburger")

# The middle of each image, read from a copy: the browser warns about a canvas that is read itself.
SHOWN = """() => [...document.querySelectorAll("#gallery canvas")].map((canvas) => {
    const copy = new OffscreenCanvas(1, 1).getContext("2d");
    copy.drawImage(canvas, -Math.floor(canvas.width / 2), -Math.floor(canvas.height / 2));
    return [...copy.getImageData(0, 0, 1, 1).data];
})"""


def heard(page, messages, requests):
    """The same page; its console messages and errors, and the addresses that it requests, are added to lists."""
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    return page


def tone(run, epoch, unit):
    """The colour of an image of `painted` runs, opaque; all images differ."""
    return [40 + 60 * run, 10 + 20 * epoch, 30 + 60 * unit, 255]


def at(*moments):
    """The colours of the runs' four classes in rows, each run at an epoch; 0 for no image yet."""
    return [tone(run, epoch, unit) if epoch else [0, 0, 0, 0] for unit in range(4) for run, epoch in enumerate(moments)]


def shows(page, *colours):
    """Wait until the images, in the order of the page, have these colours."""
    wanted = json.dumps(colours, separators=(",", ":"))
    page.wait_for_function(f"(wanted) => JSON.stringify(({SHOWN})()) === wanted", arg=wanted)


def choose(page, value):
    """Choose a layout or an axis, and remove the focus from the button."""
    page.check(f"[value={value}]", force=True)
    page.locator(f"[value={value}]").blur()


def stop_clock(page):
    """From now on time passes on the page only through `page.clock.run_for(milliseconds)`."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)
