"""The page of `featevo.page` inside a notebook."""

from __future__ import annotations

from featevo.page.gather import Gathered
from featevo.page.page import page

MOST_BYTES = 1_500_000
"""Of images with their numbers on an inline page; matrices may add 1 MB. Jupyter drops output of more than 3 MB in
three seconds, and a notebook is saved with its output."""

HEIGHT = 720
"""Of the frame in pixels; the page scrolls in it."""


def inline(gathered: Gathered) -> str:
    """The page in a frame: its styles and scripts do not reach the notebook, and nothing is loaded from elsewhere."""
    # In single quotes, as the page has hundreds of double ones, which would be longer.
    content = page(gathered, most_bytes=MOST_BYTES).replace("&", "&amp;").replace("'", "&#39;")
    style = f"width:100%;height:{HEIGHT}px;border:1px solid #8884;border-radius:6px"
    # Without `allow-same-origin`, scripts cannot reach the notebook.
    return f"<iframe title='featevo' sandbox='allow-scripts' style='{style}' srcdoc='{content}'></iframe>"
